// What this build knows of the programs that stacks are made of.
#pragma once

#include <absl/time/time.h>

#include <span>
#include <string_view>
#include <vector>

#include "controller/plan/action.h"
#include "reconcilers/service_stack/spec.h"

namespace holdfast::stack {

// What losing all of a component at once means while something that stands on it runs.
enum class LossOfAll : uint8_t { kStartAgain, kPossibleDataLoss };
// What losing one of several means.
enum class LossOfOne : uint8_t { kStartAgain, kRecoversAlone };
// Whether what stands on it can stop safely while it is not ready: stopping writes to disk.
enum class StopOfOthers : uint8_t { kDoesNotNeedIt, kWritesThroughIt };
enum class Keeps : uint8_t { kNoState, kState };
// Whether readiness of the stack depends on it at all.
enum class Role : uint8_t { kServes, kLooksOn };
enum class Quorum : uint8_t { kNone, kMajority };

struct Component {
  ComponentName name;
  std::string_view text;  // as in specs
  std::string_view doc;
  Keeps keeps = Keeps::kNoState;
  LossOfAll loss_of_all = LossOfAll::kStartAgain;
  LossOfOne loss_of_one = LossOfOne::kStartAgain;
  StopOfOthers stop_of_others = StopOfOthers::kDoesNotNeedIt;
  Role role = Role::kServes;
  Quorum quorum = Quorum::kNone;
  int needs_human_when_unavailable = 0;  // 0 = never by number
  absl::Duration recovery_time;          // how long the others take over its work
  absl::Duration start_timeout, stop_timeout;
  absl::Duration zombie_after;  // how long a queue may take to drain
  Probe probe;
  // No action may contain these words one after another, whatever a spec says. Each word matches a whole
  // argument whose path and leading dashes are taken off.
  std::vector<std::vector<std::string_view>> never;
};

const Component& ComponentOf(ComponentName name);
std::span<const Component> Components();

// The row of the never-list that these words break, as text, or "".
std::string NeverSays(const Component& component, const std::vector<std::string>& argv);
std::string NeverSays(const Component& component, const Action& action);

}  // namespace holdfast::stack
