// Every family that a scrape shows: name, type, help and labels.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

enum class FamilyType { kGauge, kCounter, kHistogram };
std::string_view FamilyTypeText(FamilyType type);  // "gauge", …

// Help is plain ASCII without backslash and newline, so that no reader needs to unescape it.
struct Family {
  static constexpr size_t kMostLabels = 4;

  std::string_view name;
  FamilyType type = FamilyType::kGauge;
  std::string_view help;
  std::array<std::string_view, kMostLabels> labels =
      {};  // in the order in which values are given; the rest is ""

  size_t label_count() const {
    size_t count = 0;
    while (count < kMostLabels && !labels[count].empty()) ++count;
    return count;
  }
};

namespace families {

// What the board holds, written at scrape time: never stale.
inline constexpr Family kBuildInfo{
    "holdfast_build_info", FamilyType::kGauge, "Always 1; which holdfast answers.", {"version"}};
inline constexpr Family kResourceInfo{
    "holdfast_resource_info",
    FamilyType::kGauge,
    "Always 1; a resource in force, where its spec stands and what it lets holdfast do.",
    {"kind", "name", "mode", "file"}};
inline constexpr Family kCondition{"holdfast_resource_condition",
                                   FamilyType::kGauge,
                                   "1 when the condition is True, 0 when it is False or Unknown.",
                                   {"kind", "name", "condition"}};
inline constexpr Family kConditionSince{"holdfast_resource_condition_transition_timestamp_seconds",
                                        FamilyType::kGauge,
                                        "When the condition became what it is.",
                                        {"kind", "name", "condition"}};
inline constexpr Family kObservedAt{
    "holdfast_resource_observed_timestamp_seconds",
    FamilyType::kGauge,
    "When the reads of the last look that gave something were sent; 0 before the first.",
    {"kind", "name"}};
inline constexpr Family kDriftFields{"holdfast_resource_drift_fields",
                                     FamilyType::kGauge,
                                     "In how many places the world differs from the spec.",
                                     {"kind", "name"}};
inline constexpr Family kWaiting{
    "holdfast_resource_waiting",
    FamilyType::kGauge,
    "1 when something is held back by this sort of reason; holdfast why tells which.",
    {"kind", "name", "on"}};
inline constexpr Family kStopped{"holdfast_stopped",
                                 FamilyType::kGauge,
                                 "1 while stop-all is in force, by how far it reaches.",
                                 {"reach"}};
inline constexpr Family kResources{
    "holdfast_resources", FamilyType::kGauge, "Resources on the board.", {"kind"}};
inline constexpr Family kQueueDepth{"holdfast_workqueue_depth", FamilyType::kGauge,
                                    "Resources that wait for their next round."};
inline constexpr Family kQueueRunning{"holdfast_workqueue_running", FamilyType::kGauge, "Rounds under way."};
inline constexpr Family kJournalWritable{"holdfast_journal_writable", FamilyType::kGauge,
                                         "0 while the journal cannot be written: then no action is started."};
inline constexpr Family kSpecProblems{
    "holdfast_spec_problems", FamilyType::kGauge, "Problems of the specs as they are now.", {"severity"}};
inline constexpr Family kReloadSuccessful{"holdfast_config_last_reload_successful", FamilyType::kGauge,
                                          "1 when the specs were last read without an error."};
inline constexpr Family kBoardVersion{"holdfast_board_version", FamilyType::kGauge,
                                      "Grows with every change that a reader of the board can see."};

// Counted while rounds run.
inline constexpr Family kRounds{
    "holdfast_reconcile_total", FamilyType::kCounter, "Rounds that ended, by how.", {"kind", "result"}};
inline constexpr Family kRoundDuration{"holdfast_reconcile_duration_seconds",
                                       FamilyType::kHistogram,
                                       "How long a round took, from look to last outcome.",
                                       {"kind"}};
inline constexpr Family kActions{"holdfast_actions_total",
                                 FamilyType::kCounter,
                                 "Actions performed, by what came back.",
                                 {"kind", "action", "result"}};
inline constexpr Family kActionDuration{"holdfast_action_duration_seconds",
                                        FamilyType::kHistogram,
                                        "How long an action took to answer.",
                                        {"kind", "action"}};
inline constexpr Family kGates{"holdfast_gate_holds_total",
                               FamilyType::kCounter,
                               "How often a rule of the engine did not let a step go.",
                               {"gate", "result"}};
inline constexpr Family kGuards{"holdfast_guard_evaluations_total",
                                FamilyType::kCounter,
                                "How often a rule of a kind was asked, by its answer.",
                                {"kind", "guard", "result"}};
inline constexpr Family kQueueWait{"holdfast_workqueue_wait_seconds", FamilyType::kHistogram,
                                   "How long a round waited after its time had come."};
inline constexpr Family kJournalErrors{"holdfast_journal_write_errors_total", FamilyType::kCounter,
                                       "Writes of the journal that failed."};
inline constexpr Family kSpecLoads{"holdfast_spec_loads_total",
                                   FamilyType::kCounter,
                                   "Times that the specs were read, by how it went.",
                                   {"result"}};

// Of the process itself.
inline constexpr Family kProcessCpu{"process_cpu_seconds_total", FamilyType::kCounter,
                                    "User and system CPU time spent."};
inline constexpr Family kProcessMemory{"process_resident_memory_bytes", FamilyType::kGauge,
                                       "Resident memory."};
inline constexpr Family kProcessVirtual{"process_virtual_memory_bytes", FamilyType::kGauge,
                                        "Virtual memory."};
inline constexpr Family kProcessFds{"process_open_fds", FamilyType::kGauge, "Open file descriptors."};
inline constexpr Family kProcessMaxFds{"process_max_fds", FamilyType::kGauge,
                                       "Most file descriptors that may be open."};
inline constexpr Family kProcessStart{"process_start_time_seconds", FamilyType::kGauge,
                                      "When the process started."};

}  // namespace families

// In the order in which a scrape shows them.
std::span<const Family* const> AllFamilies();
// The table of docs/metrics.md.
std::string FamiliesMarkdown();

}  // namespace holdfast
