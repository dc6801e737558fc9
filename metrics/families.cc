#include "metrics/families.h"

#include "controller/base/text.h"

namespace holdfast {

std::string_view FamilyTypeText(FamilyType type) {
  static constexpr std::string_view kNames[] = {"gauge", "counter", "histogram"};
  return kNames[static_cast<size_t>(type)];
}

std::span<const Family* const> AllFamilies() {
  static constexpr const Family* kAll[] = {&families::kBuildInfo,      &families::kResources,
                                           &families::kResourceInfo,   &families::kCondition,
                                           &families::kConditionSince, &families::kObservedAt,
                                           &families::kDriftFields,    &families::kWaiting,
                                           &families::kStopped,        &families::kQueueDepth,
                                           &families::kQueueRunning,   &families::kJournalWritable,
                                           &families::kSpecProblems,   &families::kReloadSuccessful,
                                           &families::kBoardVersion,   &families::kRounds,
                                           &families::kRoundDuration,  &families::kActions,
                                           &families::kActionDuration, &families::kGates,
                                           &families::kGuards,         &families::kQueueWait,
                                           &families::kJournalErrors,  &families::kSpecLoads,
                                           &families::kProcessCpu,     &families::kProcessMemory,
                                           &families::kProcessVirtual, &families::kProcessFds,
                                           &families::kProcessMaxFds,  &families::kProcessStart};
  return kAll;
}

std::string FamiliesMarkdown() {
  std::string out = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
  for (const Family* family : AllFamilies()) {
    Append(out, "| `", family->name, "` | ", FamilyTypeText(family->type), " | ");
    for (size_t i = 0; i < family->label_count(); ++i)
      Append(out, i > 0 ? ", " : "", "`", family->labels[i], "`");
    Append(out, " | ", family->help, " |\n");
  }
  return out;
}

}  // namespace holdfast
