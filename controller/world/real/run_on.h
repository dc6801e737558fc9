// One task to its end on a loop of its own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <utility>

#include "controller/base/task.h"

namespace holdfast {

// Runs `work` to its end and hands over what it returned; what it threw is our bug and is told. The loop
// stops with it, whatever else is still under way.
template <class T>
T RunOn(boost::asio::io_context& loop, Task<T> work) {
  T result{};
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr error, T value) {
    if (error) std::rethrow_exception(error);
    result = std::move(value);
    loop.stop();
  });
  loop.run();
  return result;
}

}  // namespace holdfast
