// A client of AWS that talks to a simulated account under the virtual clock.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/world/inline_pool.h"
#include "examples/sandbox/aws/world.h"
#include "examples/sandbox/world.h"
#include "reconcilers/clients/aws/client.h"
#include "reconcilers/clients/aws/document.h"
#include "tests/sim/loop.h"
#include "tests/sim/memory_files.h"
#include "tests/sim/seeded_random.h"
#include "tests/sim/virtual_clock.h"

namespace holdfast::sandbox::aws {

using holdfast::aws::Client;
using holdfast::aws::Listing;
using holdfast::aws::Reply;
using holdfast::aws::Trouble;

class AccountLab : public testing::Test {
 protected:
  explicit AccountLab(Account::Setup setup = {}) : account(clock.Now(), std::move(setup)) {
    settings.environment = {{"AWS_ACCESS_KEY_ID", http.key}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
  }

  Reply Read(std::string_view service, std::string_view operation, json::value parameters = json::object()) {
    return loop.Await(client.Read(CallFor(service, operation, std::move(parameters)), kLongest));
  }
  Reply Write(std::string_view service, std::string_view operation, json::value parameters) {
    return loop.Await(client.Write(CallFor(service, operation, std::move(parameters)), kLongest));
  }
  Listing ReadAll(std::string_view service, std::string_view operation,
                  json::value parameters = json::object()) {
    return loop.Await(client.ReadAll(CallFor(service, operation, std::move(parameters)), kLongest));
  }
  // "ThrottlingException: …", or "" when all went well.
  std::string Refusal(std::string_view service, std::string_view operation, json::value parameters) {
    const Reply reply = Write(service, operation, std::move(parameters));
    if (reply.ok()) return "";
    return Cat(reply.failure->error.code, ": ", reply.failure->error.message);
  }
  void Wait(absl::Duration duration) {
    clock.AdvanceTo(clock.Steady() + duration);
    account.Advance(clock.Now());
  }
  static std::string Text(const Reply& reply, std::string_view path) {
    return TextAt(reply.body, path).value_or(Cat("no ", path));
  }
  static int64_t Whole(const Reply& reply, std::string_view path) {
    return WholeAt(reply.body, path).value_or(-1);
  }

  static constexpr absl::Duration kLongest = absl::Minutes(1);
  sim::VirtualClock clock;
  sim::Loop loop{clock};
  Account account;
  AccountHttp http{account, clock};
  Hosts hosts{clock.Now()};
  SandboxNet net{hosts, clock};
  SandboxCommands commands{hosts, clock};
  sim::MemoryFiles files;
  sim::SeededRandom random;
  InlinePool pool;
  Vitals vitals;
  World world{clock, random, http, net, commands, files, pool, vitals};
  clients::ClientSettings settings;
  Client client{world, settings};

 private:
  static holdfast::aws::Call CallFor(std::string_view service, std::string_view operation,
                                     json::value parameters) {
    return {{.region = "us-east-1"}, std::string(service), std::string(operation), std::move(parameters)};
  }
};

}  // namespace holdfast::sandbox::aws
