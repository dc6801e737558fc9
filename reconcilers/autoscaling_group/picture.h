// Everything that the rules about one group look at.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/json.h"
#include "controller/kind/frame.h"
#include "reconcilers/autoscaling_group/spec.h"
#include "reconcilers/autoscaling_group/state.h"
#include "reconcilers/autoscaling_group/trail.h"

namespace holdfast::autoscaling_group {

struct Picture {
  const Spec& want;
  const State& state;
  const Trail& trail;
  const Frame& frame;
  absl::Time at;  // when the oldest fact was asked for

  const Group& group() const { return state.group; }
};

// The launch configuration that new instances are to have: its name, once the one that it is a reference to
// has told it. Nothing when the spec names none.
struct LaunchName {
  std::optional<std::string> name;
  std::string unresolved;  // "LaunchConfiguration/web" while that has told nothing
};
LaunchName WantedLaunchConfiguration(const Spec& spec, const Frame& frame);

// The same as parameters of a request, also of a template; empty while it is not known.
json::object LaunchParameters(const Picture& p);

// "process:AZRebalance": the ledger's name for a process that rests by our doing.
std::string ProcessObject(std::string_view process);
const Lease* OpenLease(const Frame& frame, std::string_view object);

// A write to the group as a step without guards, reversible; `parameters` need not name the group.
Step WriteStep(const Spec& spec, std::string_view operation, json::object parameters, std::string verb,
               std::string target, std::string incarnation, std::string why);

// Nobody comes or goes: what the group has is what it is to have.
Guard NobodyComesOrGoes(const Picture& p);

}  // namespace holdfast::autoscaling_group
