// The half of the round that changes the world.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/together.h"
#include "controller/engine/gates.h"
#include "controller/engine/slot.h"

namespace holdfast {
namespace {

Task<void> PerformOne(Doors& doors, Action action, absl::Duration takes, Outcome* outcome) {
  try {
    *outcome = co_await doors.Perform(std::move(action), takes);
  } catch (const std::exception& error) {
    *outcome = {Outcome::Kind::kUnknown, Cat("the door threw: ", Excerpt(error.what())), ""};
  }
}

}  // namespace

Task<Result<std::vector<int64_t>>> Engine::Commit(std::vector<Record> records) {
  Result<std::vector<int64_t>> ids = co_await journal_.Commit(std::move(records));
  if (ids.ok()) {
    if (!journal_trouble_.empty()) Log(Severity::kInfo, "the journal can be written again");
    journal_trouble_.clear();
  } else {
    metrics_.JournalError();
    if (journal_trouble_.empty())
      Log(Severity::kError, "the journal cannot be written: no action is started",
          {{"error", ids.status().message()}});
    journal_trouble_ = Cat("the journal cannot be written: ", ids.status().message());
  }
  co_return ids;
}

// Specs and notes that wait for the disk. Kept and tried again later when it fails; while it fails, a note is
// what finds out that it works again, because no step asks any more.
Task<Status> Engine::KeepSpecs() {
  const absl::Time now = world_.clock.Now();
  const bool retrying = !journal_trouble_.empty();
  if (retrying) {
    if (now < journal_retry_at_) co_return FailedPrecondition(journal_trouble_);
    journal_retry_at_ = now + settings_.journal_retry;
    if (const Result<Memory> alive = journal_.Load(); !alive.ok()) co_return alive.status();
  }
  // In pieces: a source that is loaded brings as many as there are resources.
  constexpr size_t kMostOfCommit = 1'000;
  const std::string trouble = journal_trouble_;
  for (bool first = true; first || !unkept_.empty(); first = false) {
    std::vector<Record> records = unkept_.Take(kMostOfCommit);
    std::vector<Record> again = records;
    if (first && retrying)
      records.push_back(Noted{
          .verb = "journal", .line = "journal writable again", .why = trouble, .by = "holdfast", .at = now});
    const auto committed = co_await Commit(std::move(records));
    if (committed.ok()) continue;
    journal_retry_at_ = now + settings_.journal_retry;
    unkept_.PutBack(std::move(again));
    co_return committed.status();
  }
  if (retrying) LookAtAll(now);
  co_return Status();
}

Task<absl::Duration> Engine::Act(Slot& slot, Flight& flight, std::shared_ptr<ShownPlan> shown,
                                 std::vector<size_t> go) {
  const SlotId id = slot.id;
  const uint64_t token = slot.token;
  const Stage& stage = shown->plan.stages[0];
  const absl::Time now = world_.clock.Now();

  // The spec that decided this is on disk before or together with the first effect.
  std::vector<Record> records = unkept_.TakeAll();
  const size_t first_intent = records.size();
  std::vector<Record> unkept = records;
  for (size_t index : go) {
    const Step& step = stage.steps[index];
    const bool approved = slot.approval && WantsApproval(step, slot.declared.modes);
    records.push_back(Intent{.resource = slot.declared.key,
                             .step_key = step.key,
                             .verb = step.verb,
                             .target = step.target,
                             .action = step.action,
                             .danger = step.danger,
                             .why = step.why,
                             .revision = std::string(board_.Find(slot.id)->source.revision),
                             .by = approved ? slot.approval->by : "holdfast",
                             .plan_digest = shown->digest,
                             .meter = step.meter ? step.meter->key : "",
                             .puts_aside = step.puts_aside,
                             .puts_back = step.puts_back,
                             .at = now});
  }
  const auto ids = co_await Commit(std::move(records));
  if (!ids.ok()) {
    unkept_.PutBack(std::move(unkept));
    slot.backoff_until = world_.clock.Now() + BackOff(slot, ids.status().message());
    co_return settings_.backoff_first;
  }

  // While the intents went to disk the world of people may have moved: a red switch, another spec, a
  // suspension.
  const auto called_off = [&](const Step& step) -> std::string {
    if (step.duty == Step::Duty::kMustFinish && stop_all_.reach != StopAllSet::Reach::kFreeze) return {};
    if (stop_all_.reach != StopAllSet::Reach::kNone) return "not sent: stop-all was given meanwhile";
    if (slot.token != token) return "not sent: the spec changed meanwhile";
    if (slot.suspension && slot.suspension->until > world_.clock.Now())
      return "not sent: suspended meanwhile";
    return {};
  };

  const absl::Time sent = world_.clock.Now();
  std::vector<Outcome> outcomes(go.size());
  std::vector<Task<void>> performing;
  Past& past = slot.past.Edit();
  const size_t attempts_before = past.attempts.size();
  for (size_t i = 0; i < go.size(); ++i) {
    const Step& step = stage.steps[go[i]];
    past.attempts.push_back({step.key, step.meter ? step.meter->key : "", sent, {}, step.target});
    if (step.puts_aside) {
      // What was there before us is what is put back, however often we write: only `wrote` is renewed.
      const auto open = std::find_if(past.open.begin(), past.open.end(), [&](const Lease& lease) {
        return lease.object == step.puts_aside->object;
      });
      if (open == past.open.end())
        past.open.push_back(*step.puts_aside);
      else
        open->wrote = step.puts_aside->wrote;
    }
    if (std::string why = called_off(step); !why.empty()) {
      outcomes[i] = {Outcome::Kind::kRefused, std::move(why), ""};
      continue;
    }
    Log(Severity::kInfo, "performing",
        {{"resource", slot.declared.key.Text()},
         {"action", step.verb},
         {"target", step.target},
         {"why", step.why},
         {"line", Line(step.action)}});
    slot.expectations.Edit().Wrote(step, sent);
    performing.push_back(PerformOne(doors_, step.action, step.takes, &outcomes[i]));
  }
  const absl::Duration began = world_.clock.Steady();
  co_await Together(std::move(performing));

  const absl::Time ended = world_.clock.Now();
  std::vector<Record> told;
  std::string refused;
  for (size_t i = 0; i < go.size(); ++i) {
    const Step& step = stage.steps[go[i]];
    static constexpr std::string_view kOutcome[] = {"unknown", "done", "refused"};
    const std::string_view outcome = kOutcome[static_cast<size_t>(outcomes[i].kind)];
    metrics_.Action(slot.declared.key.kind, step.verb, outcome, world_.clock.Steady() - began);
    Log(outcomes[i].kind == Outcome::Kind::kDone ? Severity::kInfo : Severity::kWarning, "performed",
        {{"resource", slot.declared.key.Text()},
         {"action", step.verb},
         {"target", step.target},
         {"outcome", std::string(outcome)},
         {"detail", outcomes[i].detail}});
    if (outcomes[i].kind == Outcome::Kind::kRefused)
      refused = Cat(step.verb, " ", step.target, " was refused: ", outcomes[i].detail);
    past.attempts[attempts_before + i].outcome = outcomes[i];
    told.push_back(IntentOutcome{(*ids)[first_intent + i], outcomes[i], ended});
    if (step.verb == "restore" && !step.puts_back.empty() && outcomes[i].kind == Outcome::Kind::kDone)
      told.push_back(
          LeaseClosed{slot.declared.key, step.puts_back, "restored with the ledger's own action", ended});
  }
  const std::vector<Record> closing = told;
  if (const auto committed = co_await Commit(std::move(told)); committed.ok()) {
    for (const Record& record : closing)
      if (const auto* closed = std::get_if<LeaseClosed>(&record))
        std::erase_if(past.open, [&](const Lease& lease) { return lease.object == closed->object; });
  } else {
    // Told with the next commit that works. A lease stays open until then: it is found restored by looking.
    for (const Record& record : closing)
      if (std::holds_alternative<IntentOutcome>(record)) unkept_.Add(record);
  }
  std::erase_if(past.attempts,
                [&](const Attempt& attempt) { return attempt.sent < ended - settings_.attempts_kept; });
  if (past.attempts.size() > settings_.most_attempts)
    past.attempts.erase(past.attempts.begin(),
                        past.attempts.end() - static_cast<std::ptrdiff_t>(settings_.most_attempts));
  flight.is = Flight::Is::kLooking;
  if (slots_[id] == nullptr || refused.empty()) {
    slot.refusals = 0;
    co_return absl::ZeroDuration();
  }
  ++slot.refusals;
  slot.backoff_until = ended + BackOff(slot, std::move(refused));
  co_return absl::ZeroDuration();
}

}  // namespace holdfast
