// Host names to addresses, without holding up the loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"

namespace holdfast {

// Asks the C library on threads of its own, so that hosts files, search domains and name services work as
// everywhere else on this machine. Several threads, because one name that times out must not hold up the
// others. Engine thread only. The destructor waits for lookups under way: make it before, end it before the
// executor's context.
class Resolver {
 public:
  static constexpr int kThreads = 4;

  explicit Resolver(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)), threads_(kThreads) {}
  ~Resolver() { threads_.join(); }

  // At least one address, in the order in which they should be tried. An address as name is answered at once;
  // the same name asked for twice at a time is looked up once. Errors: Unavailable (no such name), Local (no
  // answer from DNS).
  Task<Result<std::vector<boost::asio::ip::address>>> Resolve(std::string name);

 private:
  struct Lookup;
  boost::asio::any_io_executor executor_;
  std::map<std::string, std::shared_ptr<Lookup>> under_way_;
  boost::asio::thread_pool threads_;
};

}  // namespace holdfast
