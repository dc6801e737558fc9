#include "controller/engine/board.h"

#include <algorithm>
#include <optional>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast {

std::string_view ConditionName(ConditionType type) {
  static constexpr std::string_view kNames[kConditionTypes] = {
      "Ready", "Observed", "Reconciling", "Stalled", "Drifted", "Blocked", "Suspended"};
  return kNames[static_cast<size_t>(type)];
}

std::string_view TruthText(Truth truth) {
  static constexpr std::string_view kNames[] = {"Unknown", "False", "True"};
  return kNames[static_cast<size_t>(truth)];
}

std::string_view ModeText(Mode mode) {
  static constexpr std::string_view kNames[] = {"observe", "propose", "act"};
  return kNames[static_cast<size_t>(mode)];
}

Board::Board() : by_key_([this](SlotId slot) -> const ResourceKey& { return rows_[slot]->key; }) {}

Row& Board::Put(SlotId slot, const Declared& declared, int64_t generation, absl::Time now) {
  if (slot >= rows_.size()) rows_.resize(slot + 1);
  if (!rows_[slot]) {
    rows_[slot] = std::make_unique<Row>();
    rows_[slot]->key = declared.key;
    for (Condition& condition : rows_[slot]->conditions) condition.since = now;
    by_key_.Insert(slot);
  }
  Row& row = *rows_[slot];
  row.generation = generation;
  row.modes = declared.modes;
  row.source = declared.source;
  row.depends_on = declared.depends_on;
  Touch(slot);
  return row;
}

void Board::Drop(SlotId slot) {
  if (slot >= rows_.size() || !rows_[slot]) return;
  dropped_.emplace_back(++version_, rows_[slot]->key);
  Forget(dropped_);
  by_key_.Erase(slot);
  rows_[slot].reset();
}

void Board::Touch(SlotId slot) {
  rows_[slot]->version = ++version_;
  changes_.emplace_back(version_, slot);
  Forget(changes_);
}

template <class Changes>
void Board::Forget(Changes& changes) {
  if (changes.size() <= kMostChanges) return;
  forgotten_version_ = std::max(forgotten_version_, changes.front().first);
  changes.pop_front();
}

bool Board::SetCondition(Row& row, ConditionType type, Truth status, std::string_view reason,
                         std::string_view message, absl::Time now) {
  Condition& condition = row.conditions[static_cast<size_t>(type)];
  if (condition.status == status && condition.reason == reason && condition.message == message) return false;
  if (condition.status != status) condition.since = now;
  condition.status = status;
  if (condition.reason != reason) condition.reason = Kept(reason);
  condition.message = message;
  return true;
}

Reason Board::Kept(std::string_view reason) {
  static const std::string kOther = "Other";
  const auto found = reasons_.find(reason);
  if (found != reasons_.end()) return Reason(*found);
  if (reasons_.size() >= kMostReasons) return Reason(kOther);
  return Reason(*reasons_.emplace(reason).first);
}

void Board::Set(SlotId slot, ConditionType type, Truth status, std::string_view reason,
                std::string_view message, absl::Time now) {
  if (slot < rows_.size() && rows_[slot] && SetCondition(*rows_[slot], type, status, reason, message, now))
    Touch(slot);
}

namespace {

struct ToldCondition {
  Truth status = Truth::kFalse;
  std::string_view reason;
  std::string_view message;
};

const Wait* FirstWait(const std::vector<Wait>& waits, Wait::On on) {
  for (const Wait& wait : waits)
    if (wait.on == on) return &wait;
  return nullptr;
}

ToldCondition Ready(const RoundReport& report) {
  if (report.sight == Sight::kUnknown) return {Truth::kUnknown, "NotObserved", report.unknown_reason};
  const Truth status = report.readiness.is == Readiness::Is::kYes  ? Truth::kTrue
                       : report.readiness.is == Readiness::Is::kNo ? Truth::kFalse
                                                                   : Truth::kUnknown;
  return {status, report.readiness.reason, report.readiness.message};
}

ToldCondition Observed(const RoundReport& report) {
  if (report.sight == Sight::kUnknown) return {Truth::kFalse, "Unknown", report.unknown_reason};
  if (const Wait* wait = FirstWait(report.waits, Wait::On::kObservation))
    return {Truth::kTrue, "InPart", wait->detail};
  return {Truth::kTrue, "Seen", ""};
}

ToldCondition Reconciling(const RoundReport& report) {
  if (report.performing > 0)
    return {Truth::kTrue, "Acting", report.plan ? std::string_view(report.plan->plan.stages[0].name) : ""};
  if (const Wait* wait = FirstWait(report.waits, Wait::On::kProgress))
    return {Truth::kTrue, "Progressing", wait->detail};
  return {Truth::kFalse, "Settled", ""};
}

ToldCondition Stalled(const RoundReport& report) {
  if (const Wait* wait = FirstWait(report.waits, Wait::On::kHuman))
    return {Truth::kTrue, "NeedsHuman", wait->detail};
  return {Truth::kFalse, "No", ""};
}

ToldCondition Drifted(const RoundReport& report) {
  if (report.sight == Sight::kUnknown) return {Truth::kUnknown, "NotObserved", report.unknown_reason};
  if (!report.plan || report.plan->plan.diffs.empty()) return {Truth::kFalse, "InOrder", ""};
  return {Truth::kTrue, "Differs", report.plan->plan.diffs[0].path};
}

ToldCondition Blocked(const RoundReport& report) {
  for (Wait::On on : {Wait::On::kGate, Wait::On::kGuard, Wait::On::kDependency, Wait::On::kHold})
    if (const Wait* wait = FirstWait(report.waits, on)) {
      static constexpr std::string_view kReason[] = {"Observation", "Guard", "Gate",  "Dependency",
                                                     "Progress",    "Hold",  "Human", "Spec"};
      return {Truth::kTrue, kReason[static_cast<size_t>(on)], wait->name};
    }
  return {Truth::kFalse, "No", ""};
}

// Keeps `since` of waits that were there before; tells whether anything a reader sees has changed.
bool MergeWaits(std::vector<ShownWait>& shown, std::vector<Wait> waits, absl::Time now) {
  const auto same = [](const ShownWait& was, const Wait& is) {
    return was.wait.on == is.on && was.wait.name == is.name;
  };
  if (shown.size() == waits.size() &&
      std::equal(shown.begin(), shown.end(), waits.begin(),
                 [](const ShownWait& was, const Wait& is) { return was.wait == is; }))
    return false;
  std::vector<ShownWait> merged;
  merged.reserve(waits.size());
  for (Wait& wait : waits) {
    const auto before =
        std::find_if(shown.begin(), shown.end(), [&](const ShownWait& was) { return same(was, wait); });
    merged.push_back({std::move(wait), before == shown.end() ? now : before->since});
  }
  shown = std::move(merged);
  return true;
}

}  // namespace

void Board::Report(SlotId slot, RoundReport report) {
  if (slot >= rows_.size() || !rows_[slot]) return;
  Row& row = *rows_[slot];
  const absl::Time now = report.now;
  bool changed = row.observed_generation != report.generation || row.sight != report.sight;
  const auto set = [&](ConditionType type, const ToldCondition& told) {
    changed |= SetCondition(row, type, told.status, told.reason, told.message, now);
  };
  set(ConditionType::kReady, Ready(report));
  set(ConditionType::kObserved, Observed(report));
  set(ConditionType::kReconciling, Reconciling(report));
  set(ConditionType::kStalled, Stalled(report));
  set(ConditionType::kDrifted, Drifted(report));
  set(ConditionType::kBlocked, Blocked(report));
  set(ConditionType::kSuspended, report.suspended_by.empty()
                                     ? ToldCondition{Truth::kFalse, "No", ""}
                                     : ToldCondition{Truth::kTrue, "Suspended", report.suspended_by});
  changed |= MergeWaits(row.waits, std::move(report.waits), now);
  changed |= (row.plan == nullptr) != (report.plan == nullptr) ||
             (row.plan && row.plan->digest != report.plan->digest);
  row.plan = std::move(report.plan);
  row.sight = report.sight;
  if (report.sight != Sight::kUnknown) {
    row.last_observed_at = report.observed_at;
    row.observed_generation = report.generation;
  }
  row.next_check_at = report.next_check_at;
  if (changed) Touch(slot);
}

const Row* Board::Find(SlotId slot) const { return slot < rows_.size() ? rows_[slot].get() : nullptr; }

const Row* Board::Find(const ResourceKey& key) const {
  const auto slot = by_key_.Find(key);
  return slot ? rows_[*slot].get() : nullptr;
}

std::vector<const Row*> Board::Rows() const {
  std::vector<const Row*> out;
  out.reserve(by_key_.size());
  for (const auto& row : rows_)
    if (row) out.push_back(row.get());
  std::sort(out.begin(), out.end(), [](const Row* a, const Row* b) { return a->key < b->key; });
  return out;
}

std::optional<std::vector<ResourceKey>> Board::ChangedSince(uint64_t since) const {
  if (since < forgotten_version_) return std::nullopt;
  std::vector<ResourceKey> keys;
  const auto after = [since](const auto& changes) {
    const auto first =
        std::upper_bound(changes.begin(), changes.end(), since,
                         [](uint64_t version, const auto& change) { return version < change.first; });
    return std::ranges::subrange(first, changes.end());
  };
  for (const auto& [version, slot] : after(changes_))
    if (rows_[slot]) keys.push_back(rows_[slot]->key);  // else it is among the dropped
  for (const auto& [version, key] : after(dropped_)) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace holdfast
