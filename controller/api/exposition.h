// The state that the board holds, as a scrape shows it.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>

#include "controller/engine/engine.h"

namespace holdfast {

// What a scrape says besides the board.
struct ExpositionFacts {
  std::string_view version;
  size_t spec_errors = 0, spec_warnings = 0;
  std::string_view source_trouble;  // "" when the specs were last read without an error
};

// Text format 0.0.4; every series is read from the board now, so none is stale.
std::string BoardExposition(const Board& board, const StopAllSet& stop_all, const ExpositionFacts& facts);
// Queue, journal and what the kinds tell of themselves.
std::string EngineExposition(const Engine& engine);
// process_*, read from the kernel's pages about this process; "" where there are none.
struct ProcessPages {
  std::string stat, limits, system_stat;  // /proc/self/stat, /proc/self/limits, /proc/stat
  size_t open_fds = 0;                    // 0 = not known
  int64_t ticks_per_second = 100;
  int64_t page_bytes = 4096;
};
std::string ProcessExposition(const ProcessPages& pages);

}  // namespace holdfast
