// The real world for commands that run without an engine.
#pragma once

#include <boost/asio/io_context.hpp>

#include "controller/base/task.h"
#include "controller/world/real/real_world.h"

namespace holdfast::cli {

struct Machine {
  // Runs `work` to its end. What it throws is thrown here.
  void Run(Task<void> work);

  boost::asio::io_context loop{1};
  RealWorld real{loop.get_executor(), "/"};
};

}  // namespace holdfast::cli
