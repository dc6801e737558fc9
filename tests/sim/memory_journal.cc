#include "tests/sim/memory_journal.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "controller/base/text.h"
#include "controller/plan/action.h"

namespace holdfast::sim {
namespace {

// Puts one record after another into what a restart finds.
struct Remember {
  Memory& memory;
  int64_t id;

  Past& PastOf(const ResourceKey& key) const { return memory.resources[key].past; }

  void operator()(const Intent& intent) const {
    memory.open_intents.push_back({id, intent});
    Past& past = PastOf(intent.resource);
    past.attempts.push_back({intent.step_key, intent.meter, intent.at, {}, intent.target});
    if (!intent.puts_aside) return;
    std::erase_if(past.open, [&](const Lease& lease) { return lease.object == intent.puts_aside->object; });
    past.open.push_back(*intent.puts_aside);
  }
  void operator()(const IntentOutcome& outcome) const {
    const auto open =
        std::find_if(memory.open_intents.begin(), memory.open_intents.end(),
                     [&](const OpenIntent& candidate) { return candidate.id == outcome.intent; });
    if (open == memory.open_intents.end()) return;
    for (Attempt& attempt : PastOf(open->intent.resource).attempts)
      if (attempt.key == open->intent.step_key && attempt.sent == open->intent.at)
        attempt.outcome = outcome.outcome;
    memory.open_intents.erase(open);
  }
  void operator()(const LeaseClosed& closed) const {
    std::erase_if(PastOf(closed.resource).open,
                  [&](const Lease& lease) { return lease.object == closed.object; });
  }
  void operator()(const SpecInForce& spec) const { memory.resources[spec.resource].spec = spec; }
  void operator()(const SpecForgotten& spec) const { memory.resources.erase(spec.resource); }
  void operator()(const SuspensionSet& set) const { memory.resources[set.resource].suspension = set; }
  void operator()(const SuspensionCleared& cleared) const {
    memory.resources[cleared.resource].suspension.reset();
  }
  void operator()(const StopAllSet& set) const { memory.stop_all = set; }
  void operator()(const PinSet& pin) const { PastOf(pin.resource).pins[pin.name] = pin.value; }
  void operator()(const OperationMoved& moved) const {
    PastOf(moved.target).operations[moved.name] = moved.to;
  }
  void operator()(const ApprovalGiven& given) const { memory.resources[given.resource].approval = given; }
  void operator()(const ApprovalSpent& spent) const { memory.resources[spent.resource].approval.reset(); }
  void operator()(const Noted&) const {}
};

}  // namespace

Memory MemoryDisk::Load() {
  Memory memory;
  for (const Written& written : records) std::visit(Remember{memory, written.id}, written.record);
  memory.epoch = Cat("epoch-", ++epoch);
  return memory;
}

Task<Result<std::vector<int64_t>>> MemoryJournal::Commit(std::vector<Record> records) {
  if (records.empty()) co_return std::vector<int64_t>();
  co_await clock_.Sleep(takes);
  if (!failure.ok()) {
    ++failed_commits;
    co_return failure;
  }
  std::vector<int64_t> ids;
  for (const Record& record : records) {
    const bool is_history = std::holds_alternative<Intent>(record) || std::holds_alternative<Noted>(record);
    ids.push_back(is_history ? ++disk_.last_id : 0);
    disk_.records.push_back({ids.back(), record});
  }
  ++disk_.commits;
  co_return ids;
}

Result<std::vector<HistoryEntry>> MemoryJournal::History(const HistoryQuery& query) {
  std::vector<HistoryEntry> entries;
  for (const auto& [id, record] : disk_.records) {
    if (const auto* intent = std::get_if<Intent>(&record))
      entries.push_back({.id = id,
                         .resource = intent->resource,
                         .action = intent->verb,
                         .target = intent->target,
                         .line = Line(intent->action),
                         .intent_at = intent->at,
                         .why = intent->why,
                         .revision = intent->revision,
                         .by = intent->by,
                         .plan_digest = intent->plan_digest});
    if (const auto* noted = std::get_if<Noted>(&record))
      entries.push_back({.id = id,
                         .resource = noted->resource,
                         .action = noted->verb,
                         .line = noted->line,
                         .intent_at = noted->at,
                         .outcome_at = noted->at,
                         .outcome = Outcome::Kind::kDone,
                         .why = noted->why,
                         .by = noted->by});
    if (const auto* outcome = std::get_if<IntentOutcome>(&record))
      for (HistoryEntry& entry : entries)
        if (entry.id == outcome->intent) {
          entry.outcome_at = outcome->at;
          entry.outcome = outcome->outcome.kind;
          entry.detail = outcome->outcome.detail;
        }
  }
  std::erase_if(entries, [&](const HistoryEntry& entry) {
    return (!query.name.empty() &&
            (entry.resource.kind != query.kind || entry.resource.name != query.name)) ||
           entry.intent_at < query.since || (query.before_id != 0 && entry.id >= query.before_id);
  });
  std::reverse(entries.begin(), entries.end());
  if (entries.size() > static_cast<size_t>(query.limit)) entries.resize(static_cast<size_t>(query.limit));
  return entries;
}

}  // namespace holdfast::sim
