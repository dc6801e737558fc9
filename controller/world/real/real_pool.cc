#include "controller/world/real/real_pool.h"

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <utility>

namespace holdfast {
namespace asio = boost::asio;

RealPool::RealPool(int threads)
    : threads_(std::max(1, threads)), pool_(static_cast<size_t>(std::max(1, threads))) {}

RealPool::~RealPool() { pool_.join(); }

Task<void> RealPool::Run(std::function<void()> work) {
  auto initiate = [this, &work]<class Handler>(Handler handler) {
    auto home = asio::get_associated_executor(handler);
    asio::post(pool_, [work = std::move(work), handler = std::move(handler),
                       guard = asio::make_work_guard(home)]() mutable {
      work();
      asio::post(guard.get_executor(), std::move(handler));
    });
  };
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(initiate, asio::use_awaitable);
}

}  // namespace holdfast
