// Runs one coroutine to its end on an io_context of its own.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "controller/base/task.h"

namespace holdfast {

inline constexpr std::chrono::seconds kTestPatience{60};

// The task's value; its exception is thrown here. Other coroutines of `io` run meanwhile.
template <class T>
T RunTask(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> value;
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, T result) {
    failure = thrown;
    value = std::move(result);
    done = true;
    io.stop();
  });
  io.restart();
  const auto end = std::chrono::steady_clock::now() + kTestPatience;
  while (!done && std::chrono::steady_clock::now() < end) {
    io.run_for(std::chrono::seconds(1));
    if (!done) io.restart();
  }
  if (!done) throw std::runtime_error("the task did not end");
  if (failure) std::rethrow_exception(failure);
  return std::move(*value);
}

inline void RunTask(boost::asio::io_context& io, Task<void> task) {
  struct Wrap {
    static Task<int> Whole(Task<void> inner) {
      co_await std::move(inner);
      co_return 0;
    }
  };
  RunTask<int>(io, Wrap::Whole(std::move(task)));
}

}  // namespace holdfast
