#include "controller/api/documents.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast {
namespace {

json::object Head() { return {{"formatVersion", kFormatVersion}}; }

json::value ModeJson(const Modes& modes) {
  const Mode first = modes.by_danger[0];
  if (modes.by_danger[1] == first && modes.by_danger[2] == first)
    return json::value(JsonView(ModeText(first)));
  json::object out;
  for (Danger danger : {Danger::kReversible, Danger::kDisruptive, Danger::kDestructive})
    out[JsonView(DangerText(danger))] = JsonView(ModeText(modes.Of(danger)));
  return out;
}

json::object SourceJson(const SourceRef& source) {
  return {{"file", JsonView(source.file)}, {"line", source.line}, {"revision", JsonView(source.revision)}};
}

json::object ConditionJson(std::string_view type, const Condition& condition) {
  return {{"type", JsonView(type)},
          {"status", JsonView(TruthText(condition.status))},
          {"reason", JsonView(condition.reason)},
          {"message", JsonView(condition.message)},
          {"since", TimeJson(condition.since)}};
}

json::object StopAllJson(const StopAllSet& stop_all) {
  return {{"reach", stop_all.reach == StopAllSet::Reach::kFreeze ? "freeze" : "newSteps"},
          {"owner", stop_all.owner},
          {"reason", stop_all.reason},
          {"since", TimeJson(stop_all.since)}};
}

struct Counts {
  size_t total = 0, ready = 0, working = 0, blocked = 0, stalled = 0, unseen = 0;

  void Add(const Row& row) {
    ++total;
    if (row[ConditionType::kReady].status == Truth::kTrue) ++ready;
    if (row[ConditionType::kReconciling].status == Truth::kTrue) ++working;
    if (row[ConditionType::kBlocked].status == Truth::kTrue) ++blocked;
    if (row[ConditionType::kStalled].status == Truth::kTrue) ++stalled;
    if (row[ConditionType::kObserved].status != Truth::kTrue) ++unseen;
  }
  json::object Json() const {
    return {{"total", total},     {"ready", ready},     {"working", working},
            {"blocked", blocked}, {"stalled", stalled}, {"notObserved", unseen}};
  }
};

json::object StatusHead(const Board& board, const DocumentFrame& frame) {
  json::object out = Head();
  out["revision"] = frame.revision;
  out["now"] = TimeJson(frame.now);
  out["version"] = board.version();
  if (frame.stop_all.reach != StopAllSet::Reach::kNone) out["stopAll"] = StopAllJson(frame.stop_all);
  if (!frame.journal_trouble.empty()) out["journalTrouble"] = frame.journal_trouble;
  if (frame.spec_errors > 0) out["specErrors"] = frame.spec_errors;
  return out;
}

json::object StatusOf(const Board& board, const DocumentFrame& frame, const std::vector<const Row*>& rows) {
  json::object out = StatusHead(board, frame);
  Counts counts;
  json::array resources;
  resources.reserve(rows.size());
  for (const Row* row : rows) {
    counts.Add(*row);
    resources.emplace_back(RowJson(*row, frame.now));
  }
  out["summary"] = counts.Json();
  out["resources"] = std::move(resources);
  return out;
}

json::object PlanHead(const DocumentFrame& frame) {
  json::object out = Head();
  out["revision"] = frame.revision;
  out["now"] = TimeJson(frame.now);
  return out;
}

json::value AgeJson(absl::Time at, absl::Time now) {
  if (at == absl::InfinitePast() || at == absl::InfiniteFuture()) return nullptr;
  return std::max<int64_t>(0, absl::ToInt64Seconds(now - at));
}

json::object VerdictJson(std::string_view name, const Verdict& verdict, absl::Time now) {
  return {{"name", JsonView(name)},
          {"result", JsonView(VerdictText(verdict.is))},
          {"evidence", verdict.evidence},
          {"age", AgeJson(verdict.at, now)}};
}

// `gates` is null for steps beyond the first stage: nobody has asked for them yet.
json::object StepJson(const Step& step, const std::vector<ShownGate>* gates, absl::Time now) {
  json::object out{{"key", step.key},
                   {"action", step.verb},
                   {"target", step.target},
                   {"line", Line(step.action)},
                   {"danger", JsonView(DangerText(step.danger))},
                   {"why", step.why}};
  if (!step.operation.empty()) out["operation"] = step.operation;
  if (step.duty == Step::Duty::kMustFinish) out["mustFinish"] = true;
  if (step.consent == Step::Consent::kPerson) out["consent"] = "person";
  if (step.puts_aside) out["restoredBy"] = Line(step.puts_aside->restore);
  json::array guards;
  bool held = false;
  for (const Guard& guard : step.guards) {
    held |= guard.verdict.is != Verdict::Is::kPass;
    guards.emplace_back(VerdictJson(guard.name, guard.verdict, now));
  }
  out["guards"] = std::move(guards);
  json::array shown_gates;
  if (gates != nullptr)
    for (const ShownGate& gate : *gates) {
      held = true;
      json::object entry = VerdictJson(gate.name, gate.verdict, now);
      entry["rule"] = JsonView(gate.sentence);
      entry["until"] = TimeJson(gate.until);
      entry["remedy"] = gate.remedy;
      shown_gates.emplace_back(std::move(entry));
    }
  out["gates"] = std::move(shown_gates);
  out["when"] = gates == nullptr ? "later" : held ? "held" : "now";
  return out;
}

json::object PlansOf(const DocumentFrame& frame, const std::vector<const Row*>& rows) {
  json::object out = PlanHead(frame);
  json::array plans;
  for (const Row* row : rows)
    if (row->key.kind != "Operation") plans.emplace_back(PlanJson(*row, frame.now));
  out["plans"] = std::move(plans);
  return out;
}

Status NotOnTheBoard(const ResourceKey& key) { return NotFound(Cat("no resource ", key.Text())); }

std::string_view OutcomeText(Outcome::Kind kind) {
  static constexpr std::string_view kNames[] = {"unknown", "done", "refused"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace

json::value TimeJson(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return nullptr;
  return json::value(JsonView(Rfc3339(time)));
}

std::string_view SightText(Sight sight) {
  static constexpr std::string_view kNames[] = {"known", "absent", "unknown"};
  return kNames[static_cast<size_t>(sight)];
}

json::object WaitJson(const ShownWait& shown, absl::Time next_check_at) {
  const Wait& wait = shown.wait;
  return {{"on", JsonView(OnText(wait.on))}, {"name", wait.name},
          {"since", TimeJson(shown.since)},  {"until", TimeJson(wait.until)},
          {"detail", wait.detail},           {"evidence", wait.evidence},
          {"remedy", wait.remedy},           {"nextCheckAt", TimeJson(next_check_at)}};
}

json::object RowJson(const Row& row, absl::Time) {
  json::object out{{"kind", row.key.kind},         {"name", row.key.name},
                   {"generation", row.generation}, {"observedGeneration", row.observed_generation},
                   {"mode", ModeJson(row.modes)},  {"observed", JsonView(SightText(row.sight))}};
  json::array conditions;
  for (size_t i = 0; i < kConditionTypes; ++i)
    conditions.emplace_back(ConditionJson(ConditionName(static_cast<ConditionType>(i)), row.conditions[i]));
  out["conditions"] = std::move(conditions);
  json::array waits;
  for (const ShownWait& wait : row.waits) waits.emplace_back(WaitJson(wait, row.next_check_at));
  out["waitingOn"] = std::move(waits);
  json::array depends_on;
  for (const ResourceKey& key : *row.depends_on) depends_on.emplace_back(JsonView(key.Text()));
  out["dependsOn"] = std::move(depends_on);
  out["driftFields"] = row.plan ? row.plan->plan.diffs.size() : size_t{0};
  out["lastObservedAt"] = TimeJson(row.last_observed_at);
  out["nextCheckAt"] = TimeJson(row.next_check_at);
  out["source"] = SourceJson(row.source);
  return out;
}

json::object StatusDocument(const Board& board, const DocumentFrame& frame) {
  return StatusOf(board, frame, board.Rows());
}

Result<json::object> StatusDocument(const Board& board, const DocumentFrame& frame, const ResourceKey& key) {
  const Row* row = board.Find(key);
  if (row == nullptr) return NotOnTheBoard(key);
  return StatusOf(board, frame, {row});
}

json::object StaleStatusDocument(const Memory& memory, absl::Time as_of, absl::Time now) {
  static const std::string kNotRunning = "NotRunning", kSuspended = "Suspended";
  json::object out = Head();
  out["stale"] = true;
  out["asOf"] = TimeJson(as_of);
  out["now"] = TimeJson(now);
  if (memory.stop_all.reach != StopAllSet::Reach::kNone) out["stopAll"] = StopAllJson(memory.stop_all);
  json::array resources;
  for (const auto& [key, remembered] : memory.resources) {
    if (!remembered.spec) continue;
    Row row;
    row.key = key;
    row.generation = remembered.spec->generation;
    row.source = {remembered.spec->file, remembered.spec->revision, remembered.spec->line};
    for (Condition& condition : row.conditions)
      condition = {Truth::kUnknown, Reason(kNotRunning), "the daemon is not running: nobody looks", as_of};
    if (remembered.suspension && remembered.suspension->until > now)
      row.conditions[static_cast<size_t>(ConditionType::kSuspended)] = {
          Truth::kTrue, Reason(kSuspended),
          Cat("by ", remembered.suspension->owner, ": ", remembered.suspension->reason),
          remembered.suspension->since};
    json::object resource = RowJson(row, now);
    json::array aside;
    for (const Lease& lease : remembered.past.open)
      aside.emplace_back(
          json::object{{"object", lease.object}, {"why", lease.why}, {"restoredBy", Line(lease.restore)}});
    if (!aside.empty()) resource["putAside"] = std::move(aside);
    resources.emplace_back(std::move(resource));
  }
  out["resources"] = std::move(resources);
  return out;
}

json::object PlanJson(const Row& row, absl::Time now) {
  json::object out{{"kind", row.key.kind},
                   {"name", row.key.name},
                   {"observed", JsonView(SightText(row.sight))},
                   {"digest", row.plan ? row.plan->digest : std::string()}};
  json::array diffs, stages, waits;
  if (row.plan) {
    const ShownPlan& shown = *row.plan;
    for (const Diff& diff : shown.plan.diffs)
      diffs.emplace_back(json::object{{"path", diff.path}, {"want", diff.want}, {"seen", diff.seen}});
    for (size_t s = 0; s < shown.plan.stages.size(); ++s) {
      const Stage& stage = shown.plan.stages[s];
      json::array steps;
      for (size_t i = 0; i < stage.steps.size(); ++i) {
        static const std::vector<ShownGate> kNone;
        const std::vector<ShownGate>* gates = s > 0                    ? nullptr
                                              : i < shown.gates.size() ? &shown.gates[i]
                                                                       : &kNone;
        steps.emplace_back(StepJson(stage.steps[i], gates, now));
      }
      stages.emplace_back(json::object{{"name", stage.name}, {"steps", std::move(steps)}});
    }
  }
  for (const ShownWait& wait : row.waits) waits.emplace_back(WaitJson(wait, row.next_check_at));
  out["diffs"] = std::move(diffs);
  out["stages"] = std::move(stages);
  out["waits"] = std::move(waits);
  out["mode"] = ModeJson(row.modes);
  out["source"] = SourceJson(row.source);
  out["lastObservedAt"] = TimeJson(row.last_observed_at);
  return out;
}

json::object PlanDocument(const Board& board, const DocumentFrame& frame) {
  return PlansOf(frame, board.Rows());
}

Result<json::object> PlanDocument(const Board& board, const DocumentFrame& frame, const ResourceKey& key) {
  const Row* row = board.Find(key);
  if (row == nullptr) return NotOnTheBoard(key);
  return PlansOf(frame, {row});
}

json::object HistoryDocument(const std::vector<HistoryEntry>& entries) {
  json::array list;
  list.reserve(entries.size());
  for (const HistoryEntry& entry : entries)
    list.emplace_back(json::object{{"id", entry.id},
                                   {"kind", entry.resource.kind},
                                   {"name", entry.resource.name},
                                   {"action", entry.action},
                                   {"target", entry.target},
                                   {"line", entry.line},
                                   {"intentAt", TimeJson(entry.intent_at)},
                                   {"outcomeAt", TimeJson(entry.outcome_at)},
                                   {"outcome", JsonView(OutcomeText(entry.outcome))},
                                   {"detail", entry.detail},
                                   {"why", entry.why},
                                   {"revision", entry.revision},
                                   {"by", entry.by},
                                   {"planDigest", entry.plan_digest}});
  json::object out = Head();
  out["entries"] = std::move(list);
  return out;
}

json::object ChangesDocument(const Board& board, const DocumentFrame& frame, uint64_t since) {
  json::object out = StatusHead(board, frame);
  json::array resources, gone;
  const auto changed = board.ChangedSince(since);
  if (!changed) {
    for (const Row* row : board.Rows()) resources.emplace_back(RowJson(*row, frame.now));
  } else {
    for (const ResourceKey& key : *changed) {
      if (const Row* row = board.Find(key))
        resources.emplace_back(RowJson(*row, frame.now));
      else
        gone.emplace_back(json::object{{"kind", key.kind}, {"name", key.name}});
    }
  }
  out["complete"] = !changed.has_value();
  out["resources"] = std::move(resources);
  out["gone"] = std::move(gone);
  return out;
}

json::object ErrorDocument(std::string_view code, std::string_view message, std::string_view remedy) {
  json::object out = Head();
  out["error"] =
      json::object{{"code", JsonView(code)}, {"message", JsonView(message)}, {"remedy", JsonView(remedy)}};
  return out;
}

json::object ErrorDocument(const Status& status, std::string_view remedy) {
  return ErrorDocument(CodeName(status.code()), status.message(), remedy);
}

}  // namespace holdfast
