#include "controller/api/why.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/engine/gates.h"

namespace holdfast {
namespace {

bool IsTrue(const Row& row, ConditionType type) { return row[type].status == Truth::kTrue; }

// One row per state that a person would name first; the first that fits is told.
struct Headline {
  bool (*fits)(const Row& row);
  std::string (*tell)(const Row& row);
};

size_t Differences(const Row& row) { return row.plan ? row.plan->plan.diffs.size() : 0; }

std::string Although(const Row& row) {
  const size_t differences = Differences(row);
  return differences == 0 ? std::string()
                          : Cat(" although ", Count(differences, "place differs", "places differ"));
}

constexpr Headline kHeadlines[] = {
    {[](const Row& row) { return IsTrue(row, ConditionType::kSuspended); },
     [](const Row& row) { return Cat("is suspended ", row[ConditionType::kSuspended].message); }},
    {[](const Row& row) {
       return IsTrue(row, ConditionType::kReconciling) && row[ConditionType::kReconciling].reason == "Acting";
     },
     [](const Row& row) { return Cat("is being changed now: ", row[ConditionType::kReconciling].message); }},
    {[](const Row& row) { return row[ConditionType::kObserved].status == Truth::kUnknown; },
     [](const Row&) -> std::string { return "has not been looked at yet"; }},
    {[](const Row& row) { return !IsTrue(row, ConditionType::kObserved); },
     [](const Row& row) {
       return Cat("is left alone because it cannot be seen: ", row[ConditionType::kObserved].message);
     }},
    {[](const Row& row) { return IsTrue(row, ConditionType::kStalled); },
     [](const Row& row) { return Cat("needs a person: ", row[ConditionType::kStalled].message); }},
    {[](const Row& row) { return IsTrue(row, ConditionType::kBlocked); },
     [](const Row& row) {
       return Cat("is not being changed", Although(row), ": held by ", row[ConditionType::kBlocked].message);
     }},
    {[](const Row& row) { return IsTrue(row, ConditionType::kReconciling); },
     [](const Row& row) { return Cat("is on its way: ", row[ConditionType::kReconciling].message); }},
    {[](const Row& row) {
       return IsTrue(row, ConditionType::kReady) && Differences(row) == 0 && row.waits.empty();
     },
     [](const Row&) -> std::string { return "is in order; nothing is waited for"; }},
    {[](const Row& row) { return IsTrue(row, ConditionType::kReady); },
     [](const Row& row) {
       return Differences(row) == 0
                  ? std::string("does its work; something is waited for")
                  : Cat("does its work, but ", Count(Differences(row), "place differs", "places differ"));
     }},
    {[](const Row&) { return true; },
     [](const Row& row) {
       const Condition& ready = row[ConditionType::kReady];
       return Cat("is not ready: ", ready.reason, ready.message.empty() ? "" : Cat(", ", ready.message));
     }},
};

std::string HeadlineOf(const Row& row) {
  for (const Headline& headline : kHeadlines)
    if (headline.fits(row)) return Cat(row.key.Text(), " ", headline.tell(row));
  return row.key.Text();
}

std::optional<ResourceKey> KeyOf(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return ResourceKey{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

// What this row stands on and that is not ready.
std::vector<ResourceKey> Hindering(const Board& board, const Row& row) {
  std::vector<ResourceKey> keys;
  for (const ResourceKey& key : *row.depends_on) {
    const Row* on = board.Find(key);
    const bool fine =
        on != nullptr && IsTrue(*on, ConditionType::kReady) && on->observed_generation >= on->generation;
    if (!fine) keys.push_back(key);
  }
  for (const ShownWait& wait : row.waits)
    if (wait.wait.on == Wait::On::kDependency)
      if (const auto key = KeyOf(wait.wait.name);
          key && std::find(keys.begin(), keys.end(), *key) == keys.end())
        keys.push_back(*key);
  return keys;
}

class Walk {
 public:
  explicit Walk(const Board& board) : board_(board) {}

  json::object Node(const ResourceKey& key, size_t depth) {
    json::object out{{"kind", key.kind}, {"name", key.name}};
    const Row* row = board_.Find(key);
    if (row == nullptr) {
      out["known"] = false;
      out["headline"] = Cat(key.Text(), " is not declared");
      roots_.emplace_back(JsonView(key.Text()));
      return out;
    }
    out["headline"] = HeadlineOf(*row);
    if (!met_.insert(key).second) {
      out["repeated"] = true;
      return out;
    }
    const Condition& ready = (*row)[ConditionType::kReady];
    out["ready"] = json::object{{"status", JsonView(TruthText(ready.status))},
                                {"reason", ready.reason},
                                {"message", ready.message},
                                {"since", TimeJson(ready.since)}};
    json::array waits;
    for (const ShownWait& wait : row->waits) waits.emplace_back(WaitJson(wait, row->next_check_at));
    out["waits"] = std::move(waits);
    out["lastObservedAt"] = TimeJson(row->last_observed_at);
    out["nextCheckAt"] = TimeJson(row->next_check_at);
    out["source"] = json::object{{"file", JsonView(row->source.file)},
                                 {"line", row->source.line},
                                 {"revision", JsonView(row->source.revision)}};
    const std::vector<ResourceKey> hindering = Hindering(board_, *row);
    json::array because;
    if (!hindering.empty() && (depth >= kWhyDepth || met_.size() >= kWhyNodes))
      out["cut"] = true;
    else
      for (const ResourceKey& on : hindering) because.emplace_back(Node(on, depth + 1));
    if (hindering.empty() && depth > 0) roots_.emplace_back(JsonView(key.Text()));
    out["because"] = std::move(because);
    return out;
  }

  json::array TakeRoots() { return std::move(roots_); }

 private:
  const Board& board_;
  std::set<ResourceKey> met_;
  json::array roots_;
};

bool IsProposed(const Row& row) {
  if (!row.plan || row.plan->plan.stages.empty()) return false;
  const std::vector<Step>& steps = row.plan->plan.stages[0].steps;
  for (size_t i = 0; i < std::min(steps.size(), row.plan->gates.size()); ++i)
    for (const ShownGate& gate : row.plan->gates[i])
      if (gate.name == "mode" && WantsApproval(steps[i], row.modes)) return true;
  return false;
}

// Lines that a person can paste to change what is told above.
json::array LinesToPaste(const Row& row, const DocumentFrame& frame) {
  json::array out;
  const auto add = [&](std::string line, std::string_view what) {
    out.emplace_back(json::object{{"line", std::move(line)}, {"what", JsonView(what)}});
  };
  if (row.key.kind == "Operation") return out;
  const std::string key = row.key.Text();
  if (IsProposed(row)) add(ApplyLine(row.key, row.plan->digest), "let go what is proposed");
  if (frame.stop_all.reach != StopAllSet::Reach::kNone)
    add("holdfast start-all", "end the stop of everything");
  if (IsTrue(row, ConditionType::kSuspended))
    add(Cat("holdfast resume ", key), "end the suspension");
  else if (row.plan)
    add(Cat("holdfast suspend ", key, " --for 2h --reason \"…\""), "keep holdfast's hands off for a while");
  if (row.plan) add(Cat("holdfast plan ", key), "see every step with its guards");
  return out;
}

}  // namespace

Result<json::object> WhyDocument(const Board& board, const DocumentFrame& frame, const ResourceKey& key) {
  const Row* row = board.Find(key);
  if (row == nullptr) return NotFound(Cat("no resource ", key.Text()));
  Walk walk(board);
  json::object out{{"formatVersion", kFormatVersion},
                   {"kind", key.kind},
                   {"name", key.name},
                   {"now", TimeJson(frame.now)},
                   {"revision", frame.revision}};
  json::object node = walk.Node(key, 0);
  out["headline"] = node["headline"];
  out["node"] = std::move(node);
  out["roots"] = walk.TakeRoots();
  out["plan"] = key.kind == "Operation" ? json::value(nullptr) : json::value(PlanJson(*row, frame.now));
  out["commands"] = LinesToPaste(*row, frame);
  return out;
}

Result<json::object> StaleWhyDocument(const Memory& memory, const std::vector<HistoryEntry>& last,
                                      const ResourceKey& key, absl::Time as_of, absl::Time now) {
  const auto found = memory.resources.find(key);
  if (found == memory.resources.end()) return NotFound(Cat("the journal knows no resource ", key.Text()));
  const Remembered& remembered = found->second;
  json::array waits;
  const auto wait = [&](Wait wait, absl::Time since) {
    waits.emplace_back(WaitJson({std::move(wait), since}, absl::InfiniteFuture()));
  };
  wait({.on = Wait::On::kHuman,
        .name = "daemon",
        .detail = "the daemon is not running",
        .remedy = "start it: holdfast run, or systemctl start holdfast"},
       as_of);
  if (memory.stop_all.reach != StopAllSet::Reach::kNone)
    wait({.on = Wait::On::kGate,
          .name = "stop-all",
          .detail = Cat("stop-all by ", memory.stop_all.owner, ": ", memory.stop_all.reason),
          .remedy = "holdfast start-all"},
         memory.stop_all.since);
  if (remembered.suspension && remembered.suspension->until > now)
    wait({.on = Wait::On::kGate,
          .name = "suspend",
          .detail = Cat("suspended by ", remembered.suspension->owner, ": ", remembered.suspension->reason),
          .remedy = Cat("holdfast resume ", key.Text()),
          .until = remembered.suspension->until},
         remembered.suspension->since);
  for (const Lease& lease : remembered.past.open)
    wait({.on = Wait::On::kProgress,
          .name = RestoreName(lease.object),
          .detail = Cat("put aside: ", lease.why),
          .remedy = Cat("the daemon puts it back when it runs; by hand: ", Line(lease.restore))},
         absl::InfinitePast());
  const std::string headline = Cat(key.Text(), " is left alone: the daemon is not running");
  json::object out = HistoryDocument(last);
  out["stale"] = true;
  out["asOf"] = TimeJson(as_of);
  out["now"] = TimeJson(now);
  out["kind"] = key.kind;
  out["name"] = key.name;
  out["headline"] = headline;
  out["node"] = json::object{{"kind", key.kind},
                             {"name", key.name},
                             {"headline", headline},
                             {"waits", std::move(waits)},
                             {"because", json::array()}};
  out["roots"] = json::array();
  out["plan"] = nullptr;
  out["commands"] = json::array();
  return out;
}

}  // namespace holdfast
