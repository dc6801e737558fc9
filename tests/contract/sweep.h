// One fault at every place where it can happen, for one scenario.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "tests/contract/play.h"

namespace holdfast::contract {

// Every place with HOLDFAST_FULL=1 (`./check full`); else so many, evenly spread, so that all sweeps end in
// good time.
inline constexpr int kSampledPlaces = 12;
inline int StrideOver(int places) {
  const bool full = std::getenv("HOLDFAST_FULL") != nullptr;
  return full ? 1 : std::max(1, (places + kSampledPlaces - 1) / kSampledPlaces);
}
inline constexpr int kMostTold = 3;

inline int CallsOf(const Scenario& scenario) {
  const Story calm = Play(scenario, [](sim::Faults&) {}, Rest::kTenRounds);
  EXPECT_EQ(calm.trouble, "") << "without any fault";
  return calm.calls;
}

inline void SweepCalls(const Scenario& scenario, sim::Fault fault) {
  SetLeastSeverity(Severity::kError);
  const int calls = CallsOf(scenario);
  ASSERT_GT(calls, 0);
  const int stride = StrideOver(calls);
  int told = 0;
  for (int call = 1; call <= calls && told < kMostTold; call += stride) {
    const Story story =
        Play(scenario, [&](sim::Faults& faults) { faults.FailCall(call, fault); }, Rest::kTenRounds);
    EXPECT_EQ(story.trouble, "") << scenario.name << ", call " << call << " of " << calls;
    told += story.trouble.empty() ? 0 : 1;
  }
}

inline void SweepDeaths(const Scenario& scenario, sim::Point point) {
  SetLeastSeverity(Severity::kError);
  const Story calm = Play(scenario, [](sim::Faults&) {}, Rest::kTenRounds);
  const int places = calm.passed.contains(point) ? calm.passed.at(point) : 0;
  int told = 0;
  const int stride = StrideOver(places);
  for (int place = 1; place <= places && told < kMostTold; place += stride) {
    constexpr uint32_t kKept[] = {0, 1, 7};  // of what was not synced: nothing, all, a part
    const uint32_t kept = kKept[place % 3];
    const Story story =
        Play(scenario, [&](sim::Faults& faults) { faults.DieAt(point, place); }, Rest::kTenRounds, kept);
    EXPECT_EQ(story.trouble, "") << scenario.name << ", place " << place << " of " << places << ", disk kept "
                                 << kept;
    told += story.trouble.empty() ? 0 : 1;
  }
}

class EveryScenario : public testing::TestWithParam<Scenario> {};
inline std::string NameOf(const testing::TestParamInfo<Scenario>& info) { return info.param.name; }

}  // namespace holdfast::contract
