// The real machine as one World.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "controller/world/real/dialer.h"
#include "controller/world/real/real_clock.h"
#include "controller/world/real/real_commands.h"
#include "controller/world/real/real_files.h"
#include "controller/world/real/real_http.h"
#include "controller/world/real/real_net.h"
#include "controller/world/real/real_pool.h"
#include "controller/world/real/real_random.h"
#include "controller/world/world.h"

namespace holdfast {

// Made after the io_context whose executor it is given, destroyed before it. `home` is HOME of the programs
// it runs.
struct RealWorld {
  RealWorld(boost::asio::any_io_executor executor, std::string home, int threads = RealPool::kDefaultThreads)
      : clock(executor),
        dialer(executor),
        http(dialer),
        net(dialer),
        commands(executor, std::move(home)),
        files(executor),
        pool(threads) {}

  World world() { return {clock, random, http, net, commands, files, pool, vitals}; }

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

}  // namespace holdfast
