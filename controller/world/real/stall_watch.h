// Tells a jump of the wall clock, a sleep of the machine, a stop of this process and a busy loop from one
// another.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>

namespace holdfast {

// The clocks of this machine at one moment.
struct ClockSample {
  absl::Time wall;
  absl::Duration boot;    // CLOCK_BOOTTIME: goes on while the machine sleeps
  absl::Duration steady;  // CLOCK_MONOTONIC: stands still while the machine sleeps
  absl::Duration cpu;     // what this thread has used
};

ClockSample SampleClocks();  // on the thread whose loop is watched

// What happened between two samples; zero where nothing did.
struct Stall {
  absl::Duration wall_jump;  // forward or (negative) backward, beyond the time that really passed
  absl::Duration slept;      // the machine was suspended
  absl::Duration
      stopped;          // this process was not run: SIGSTOP, a debugger, a frozen virtual machine, starvation
  absl::Duration busy;  // this thread itself held up its loop

  bool any() const;
  // "the wall clock jumped by 1h, this process was stopped for 40s"; "" when nothing happened.
  std::string Text() const;
  bool operator==(const Stall&) const = default;
};

// `expected` is the time that was to pass between the samples; what deviates by no more than `tolerance` is
// nothing.
Stall CompareSamples(const ClockSample& before, const ClockSample& after, absl::Duration expected,
                     absl::Duration tolerance);

// Keeps the last sample. Engine thread only.
class StallWatch {
 public:
  static constexpr absl::Duration kTolerance = absl::Seconds(2);

  // `interval`: how often Tick is going to be called.
  explicit StallWatch(absl::Duration interval) : interval_(interval), last_(SampleClocks()) {}

  // Nothing when all clocks went as they should since the last call.
  std::optional<Stall> Tick();

 private:
  absl::Duration interval_;
  ClockSample last_;
};

}  // namespace holdfast
