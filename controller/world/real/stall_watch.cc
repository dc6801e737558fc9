#include "controller/world/real/stall_watch.h"

#include <absl/time/clock.h>

#include <ctime>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast {
namespace {

absl::Duration Read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return absl::DurationFromTimespec(now);
}

absl::Duration Beyond(absl::Duration value, absl::Duration tolerance) {
  return absl::AbsDuration(value) > tolerance ? value : absl::ZeroDuration();
}

}  // namespace

ClockSample SampleClocks() {
  return {absl::Now(), Read(CLOCK_BOOTTIME), Read(CLOCK_MONOTONIC), Read(CLOCK_THREAD_CPUTIME_ID)};
}

bool Stall::any() const { return *this != Stall{}; }

std::string Stall::Text() const {
  std::vector<std::string> said;
  if (wall_jump != absl::ZeroDuration())
    said.push_back(Cat("the wall clock jumped ", wall_jump > absl::ZeroDuration() ? "forward" : "back",
                       " by ", Brief(absl::AbsDuration(wall_jump))));
  if (slept != absl::ZeroDuration()) said.push_back(Cat("the machine slept for ", Brief(slept)));
  if (stopped != absl::ZeroDuration()) said.push_back(Cat("this process was stopped for ", Brief(stopped)));
  if (busy != absl::ZeroDuration()) said.push_back(Cat("the loop was busy for ", Brief(busy)));
  return Join(said, ", ");
}

Stall CompareSamples(const ClockSample& before, const ClockSample& after, absl::Duration expected,
                     absl::Duration tolerance) {
  const absl::Duration wall = after.wall - before.wall;
  const absl::Duration boot = after.boot - before.boot;
  const absl::Duration steady = after.steady - before.steady;
  const absl::Duration cpu = after.cpu - before.cpu;
  Stall stall;
  stall.wall_jump = Beyond(wall - boot, tolerance);
  stall.slept = Beyond(boot - steady, tolerance);
  const absl::Duration late = steady - expected;
  if (late > tolerance) {
    // A late tick with the time spent computing is our own doing; without it, nobody let us run.
    (cpu * 2 >= late ? stall.busy : stall.stopped) = late;
  }
  return stall;
}

std::optional<Stall> StallWatch::Tick() {
  const ClockSample now = SampleClocks();
  const Stall stall = CompareSamples(last_, now, interval_, kTolerance);
  last_ = now;
  if (!stall.any()) return std::nullopt;
  return stall;
}

}  // namespace holdfast
