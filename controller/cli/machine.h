// The real world for commands that run without an engine.
#pragma once

#include <boost/asio/io_context.hpp>

#include <map>
#include <string>

#include "controller/base/task.h"
#include "controller/world/real/dialer.h"
#include "controller/world/real/real_clock.h"
#include "controller/world/real/real_commands.h"
#include "controller/world/real/real_files.h"
#include "controller/world/real/real_http.h"
#include "controller/world/real/real_net.h"
#include "controller/world/real/real_pool.h"
#include "controller/world/real/real_random.h"
#include "controller/world/world.h"

namespace holdfast::cli {

struct Machine {
  Machine() : clock(loop.get_executor()), dialer(loop.get_executor()), http(dialer), net(dialer), commands(loop.get_executor(), "/"),
              files(loop.get_executor()) {}

  World world() { return {clock, random, http, net, commands, files, pool, vitals}; }
  // Runs `work` to its end. What it throws is thrown here.
  void Run(Task<void> work);

  boost::asio::io_context loop{1};
  RealClock clock;
  RealRandom random;
  Dialer dialer;
  RealHttp http;
  RealNet net;
  RealCommands commands;
  RealFiles files;
  RealPool pool;
  Vitals vitals;
};

}  // namespace holdfast::cli
