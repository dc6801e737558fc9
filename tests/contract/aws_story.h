// Tells stories of an AWS account as scenarios.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/contract/account_watchman.h"
#include "tests/contract/scenario.h"
#include "tests/sim/account_seat.h"

namespace holdfast::contract {

struct AccountStory {
  std::string name;
  ResourceKey resource;
  std::map<std::string, std::string> specs;  // files by name, of the beginning
  std::function<void(sandbox::aws::Account&)> scene;
  std::function<void(AccountWatchman&)> rules = [](AccountWatchman&) {};
  std::function<void(sim::Harness&, sandbox::aws::Account&)> when;
  std::function<bool(sim::Harness&, sandbox::aws::Account&)> then;
  Scenario::Begins begins = Scenario::Begins::kSettled;
  std::set<std::string> stays_aside = {};
  absl::Duration longest = absl::Minutes(40), interval = absl::Seconds(30);
};

Scenario ScenarioFrom(const AccountStory& story);
// Every look is so far from the next as the stories' interval says. `spec` is the text under `spec:`.
std::string AwsSpecText(const ResourceKey& key, std::string_view spec);

}  // namespace holdfast::contract
