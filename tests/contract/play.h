// One run of a scenario, with whatever disturbs it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "tests/contract/scenario.h"

namespace holdfast::contract {

// What a run showed.
struct Story {
  int calls = 0;  // of the world, from `when` on
  std::map<sim::Point, int> passed;
  std::string trouble;  // "" when every rule held and it came to rest
};
using Disturb = std::function<void(sim::Faults&)>;
// How many silent rounds it must keep in the end.
enum class Rest { kTenRounds, kFiftyRounds };
// `disturb` is asked after `when`. A process that dies is started again, with `seed` for what the disk kept.
Story Play(const Scenario& scenario, const Disturb& disturb, Rest rest, uint32_t seed = 0);

}  // namespace holdfast::contract
