#include "controller/world/real/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

using Addresses = std::vector<asio::ip::address>;

boost::system::error_code ErrorOf(int failure, int number) {
  switch (failure) {
    case EAI_AGAIN:
      return asio::error::host_not_found_try_again;
    case EAI_FAIL:
      return asio::error::no_recovery;
    case EAI_MEMORY:
      return {ENOMEM, boost::system::system_category()};
    case EAI_SYSTEM:
      return {number == 0 ? EIO : number, boost::system::system_category()};
    default:
      return asio::error::host_not_found;  // EAI_NONAME, EAI_NODATA, a name that cannot be one
  }
}

// On a thread of its own: getaddrinfo waits for as long as resolv.conf says.
Result<Addresses> Ask(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int failure = ::getaddrinfo(name.c_str(), nullptr, &hints, &raw);
  const int number = errno;
  if (failure == EAI_SYSTEM)
    return Local(FromError(ErrorOf(failure, number), Subject::kHost, name).message());
  if (failure != 0) return FromError(ErrorOf(failure, number), Subject::kHost, name);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, ::freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (one->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
    endpoint.resize(one->ai_addrlen);
    addresses.push_back(endpoint.address());
  }
  if (addresses.empty()) return FromError(asio::error::host_not_found, Subject::kHost, name);
  return addresses;
}

}  // namespace

struct Resolver::Lookup {
  explicit Lookup(asio::any_io_executor executor) : done(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer done;  // never goes off: cancelling it wakes everyone who waits
  bool finished = false;
  Result<Addresses> answer;
};

Task<Result<Addresses>> Resolver::Resolve(std::string name) {
  boost::system::error_code not_literal;
  const asio::ip::address literal = asio::ip::make_address(name, not_literal);
  if (!not_literal) co_return Addresses{literal};
  std::shared_ptr<Lookup> lookup = under_way_[name];
  if (lookup == nullptr) {
    under_way_[name] = lookup = std::make_shared<Lookup>(executor_);
    asio::post(threads_, [this, name, lookup, guard = asio::make_work_guard(executor_)] {
      Result<Addresses> answer = Ask(name);
      asio::post(guard.get_executor(), [this, name, lookup, answer = std::move(answer)]() mutable {
        lookup->answer = std::move(answer);
        lookup->finished = true;
        lookup->done.cancel();
        under_way_.erase(name);
      });
    });
  }
  // `this` may be gone by the time a waiter resumes after a cancellation; from here on only the lookup is
  // used.
  if (!lookup->finished) co_await lookup->done.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!lookup->finished) co_return Aborted("cancelled");
  co_return lookup->answer;
}

}  // namespace holdfast
