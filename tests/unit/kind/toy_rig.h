// A world without anything in it, for tests of what only passes it on.
#pragma once

#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <string>

#include "controller/kind/systems.h"
#include "controller/world/inline_pool.h"
#include "tests/sim/loop.h"
#include "tests/sim/memory_files.h"
#include "tests/sim/seeded_random.h"
#include "tests/sim/virtual_clock.h"

namespace holdfast {

struct NoHttp : Http {
  Task<Result<HttpResponse>> Send(HttpRequest, Limits, HttpSink*) override {
    co_return Unavailable("no network in this test");
  }
};
struct NoNet : Net {
  Task<Result<std::unique_ptr<Stream>>> Connect(std::string, uint16_t, absl::Duration) override {
    co_return Unavailable("no network in this test");
  }
};
struct NoCommands : Commands {
  Task<Result<Exit>> Run(CommandLine, Limits) override { co_return NotFound("no programs in this test"); }
};
struct NoWaker : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

struct ToyRig {
  sim::VirtualClock clock;
  sim::Loop loop{clock};
  sim::SeededRandom random{1};
  NoHttp http;
  NoNet net;
  NoCommands commands;
  sim::MemoryFiles memory_files;
  InlinePool pool;
  Vitals vitals;
  NoWaker waker;
  Systems systems{WorldWith(memory_files), waker};

  World WorldWith(Files& files) { return {clock, random, http, net, commands, files, pool, vitals}; }
};

}  // namespace holdfast
