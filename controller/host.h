// A process that has an engine: the world, the doors, the journal and the source bound together.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/engine/engine.h"
#include "controller/journal/record.h"
#include "controller/kind/any_kind.h"
#include "controller/source/site.h"
#include "metrics/metrics.h"

namespace holdfast {

struct HostOptions {
  std::string specs;   // directory or file
  std::string state;   // directory; "" = no journal is read or written (plan without one)
  std::string listen;  // "127.0.0.1:9750", "" = none
  std::string socket;  // path, "" = none
  std::map<std::string, std::string> environment;  // read once by main
  std::string version;
};

// `holdfast run`: until SIGTERM or SIGINT. With kQuiet it ends when nothing moves any more, with kNothingLeft
// too, and then only 0 tells that no step is left to be done. The exit code is for main.
enum class RunUntil { kStopped, kQuiet, kNothingLeft };
int RunDaemon(const HostOptions& options, const std::vector<AnyKind>& kinds, RunUntil until,
              absl::Duration deadline);

// `holdfast plan`: loads, looks at every resource once (or until nothing is only starting to be seen), writes
// and changes nothing, then hands the engine, the site and the specs that the journal had in force to `tell`
// and returns what it answers.
using SpecsBefore = std::map<ResourceKey, SpecInForce>;
int PlanOnce(const HostOptions& options, const std::vector<AnyKind>& kinds, absl::Duration deadline,
             const std::function<int(const Engine&, const Site&, const SpecsBefore&)>& tell);

}  // namespace holdfast
