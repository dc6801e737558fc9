// Threads behind Pool.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>

#include "controller/world/pool.h"

namespace holdfast {

// Must be destroyed before the io_context whose coroutines use it: the destructor waits for work under way,
// whose coroutines are then resumed or destroyed by the context.
class RealPool : public Pool {
 public:
  static constexpr int kDefaultThreads = 2;

  explicit RealPool(int threads = kDefaultThreads);
  ~RealPool() override;

  // Work that has begun is finished even when the coroutine is cancelled meanwhile: `work` may refer to its
  // locals.
  Task<void> Run(std::function<void()> work) override;
  int threads() const override { return threads_; }

 private:
  int threads_;
  boost::asio::thread_pool pool_;
};

}  // namespace holdfast
