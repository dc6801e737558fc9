// The engine's own rules for letting a step go, as rows of one table.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/engine/declared.h"
#include "controller/engine/expectations.h"
#include "controller/engine/settings.h"
#include "controller/journal/record.h"
#include "controller/plan/doors.h"
#include "controller/plan/plan.h"

namespace holdfast {

// A dependency that is not there yet.
struct UnmetDependency {
  ResourceKey key;
  std::string why;
};

// Everything that a gate may look at; gathered once per round.
struct GateFacts {
  absl::Time now;
  const Settings& settings;
  absl::Time observed_at;
  const Modes& modes;
  const Past& past;
  const Expectations& expectations;
  const SpecTrouble& trouble;
  const Boxed<SuspensionSet>& suspension;
  const Boxed<ApprovalGiven>& approval;
  const StopAllSet& stop_all;
  Doors& doors;
  std::vector<UnmetDependency> unmet;
  std::optional<std::string> sick;                 // Vitals, or a disturbance of our own process
  absl::Time sick_until = absl::InfiniteFuture();  // when it is over by itself, if that is known
  std::string journal_trouble;                     // "" when the journal can be written
  absl::Time backoff_until = absl::InfinitePast();
  std::string backoff_why;
  std::string apply_line;  // of the plan that the step is in
};

struct GateAnswer {
  Verdict verdict;
  Wait::On on = Wait::On::kGate;  // kHuman when waiting alone will not help
  std::string remedy;
  absl::Time until = absl::InfiniteFuture();
};

struct Gate {
  std::string_view name;
  std::string_view sentence;
  enum class Obligations { kPass, kHeld } obligations;  // whether a step that must finish passes unasked
  GateAnswer (*rule)(const Step& step, const GateFacts& facts);
  // kLast: only when guards and all other gates let the step go, because asking takes something.
  enum class Asked { kAlways, kLast } asked = Asked::kAlways;
};

// Whether nothing but a person's word is asked for: the mode lets it be proposed, and no more.
bool WantsApproval(const Step& step, const Modes& modes);

// What a person pastes to let go exactly the plan with this digest.
std::string ApplyLine(const ResourceKey& key, std::string_view digest);

// In the order in which they are asked, those that are asked last at the end. A new gate is a new row.
std::span<const Gate> Gates();

}  // namespace holdfast
