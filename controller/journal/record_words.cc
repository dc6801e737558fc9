#include "controller/journal/record_words.h"

namespace holdfast {
namespace {

template <class Enum>
std::optional<Enum> OfWord(std::string_view word, Enum last, std::string_view (*word_of)(Enum)) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (word_of(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view WordOf(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::kUnknown:
      return "unknown";
    case Outcome::Kind::kDone:
      return "done";
    case Outcome::Kind::kRefused:
      return "refused";
  }
  return "unknown";
}

std::string_view WordOf(StopAllSet::Reach reach) {
  switch (reach) {
    case StopAllSet::Reach::kNone:
      return "none";
    case StopAllSet::Reach::kNewSteps:
      return "new-steps";
    case StopAllSet::Reach::kFreeze:
      return "freeze";
  }
  return "freeze";
}

std::optional<Danger> DangerOfWord(std::string_view word) {
  return OfWord(word, Danger::kDestructive, &DangerText);
}
std::optional<Outcome::Kind> OutcomeOfWord(std::string_view word) {
  return OfWord<Outcome::Kind>(word, Outcome::Kind::kRefused, &WordOf);
}
std::optional<StopAllSet::Reach> ReachOfWord(std::string_view word) {
  return OfWord<StopAllSet::Reach>(word, StopAllSet::Reach::kFreeze, &WordOf);
}
std::optional<OperationPhase> PhaseOfWord(std::string_view word) {
  return OfWord(word, OperationPhase::kWithdrawn, &PhaseText);
}

}  // namespace holdfast
