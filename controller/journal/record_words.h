// The words that stand for enumerators in the journal's rows.
#pragma once

#include <optional>
#include <string_view>

#include "controller/journal/record.h"

namespace holdfast {

std::string_view WordOf(Outcome::Kind kind);       // "unknown", "done", "refused"
std::string_view WordOf(StopAllSet::Reach reach);  // "none", "new-steps", "freeze"
// Nothing when no enumerator has that word.
std::optional<Danger> DangerOfWord(std::string_view word);
std::optional<Outcome::Kind> OutcomeOfWord(std::string_view word);
std::optional<StopAllSet::Reach> ReachOfWord(std::string_view word);
std::optional<OperationPhase> PhaseOfWord(std::string_view word);

}  // namespace holdfast
