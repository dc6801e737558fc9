// What every resource is doing now, for the API, the page and the metrics.
#pragma once

#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/boxed_text.h"
#include "controller/base/moment.h"
#include "controller/base/usual.h"
#include "controller/engine/declared.h"
#include "controller/engine/key_index.h"
#include "controller/engine/queue.h"
#include "controller/kind/systems.h"
#include "controller/plan/plan.h"

namespace holdfast {

// In the order in which they are shown. Ready and Observed are good when True, the others when False.
enum class ConditionType : uint8_t {
  kReady,
  kObserved,
  kReconciling,
  kStalled,
  kDrifted,
  kBlocked,
  kSuspended
};
inline constexpr size_t kConditionTypes = 7;
std::string_view ConditionName(ConditionType type);

enum class Truth : uint8_t { kUnknown, kFalse, kTrue };
std::string_view TruthText(Truth truth);  // "Unknown", "False", "True"

// A word that somebody keeps: its board, as long as it lives. Reads like a std::string_view.
class Reason {
 public:
  Reason() = default;
  explicit Reason(const std::string& kept) : text_(&kept) {}
  explicit Reason(std::string&&) = delete;  // nobody keeps it
  operator std::string_view() const { return text_ ? std::string_view(*text_) : "NotObserved"; }  // NOLINT
  bool operator==(std::string_view other) const { return std::string_view(*this) == other; }

 private:
  const std::string* text_ = nullptr;
};

struct Condition {
  Truth status = Truth::kUnknown;
  Reason reason;  // CamelCase, stable
  BoxedText message;
  Moment since;  // when `status` became what it is
};

// A wait with the moment since when it is there, kept over rounds by (on, name).
struct ShownWait {
  Wait wait;
  absl::Time since;
};

// A step of the plan with what the engine's gates say of it.
struct ShownGate {
  std::string_view name;      // a row of the gate table
  std::string_view sentence;  // what the row says, for people
  Verdict verdict;
  std::string remedy;
  absl::Time until = absl::InfiniteFuture();
};
struct ShownPlan {
  Plan plan;
  std::string digest;                         // EffectDigest
  std::vector<std::vector<ShownGate>> gates;  // for each step of stage 0: the gates that do not pass
};

struct Row {
  ResourceKey key;
  int64_t generation = 0, observed_generation = 0;
  std::array<Condition, kConditionTypes> conditions;
  std::vector<ShownWait> waits;
  Sight sight = Sight::kUnknown;
  Moment last_observed_at;
  Moment next_check_at = absl::InfiniteFuture();
  Modes modes;
  SourceRef source;
  Usual<std::vector<ResourceKey>> depends_on;
  std::shared_ptr<const ShownPlan> plan;  // null when there is nothing to do and nothing differs
  uint64_t version = 0;                   // the board's version at the last change of this row

  const Condition& operator[](ConditionType type) const { return conditions[static_cast<size_t>(type)]; }
};

// What a round found, before it becomes conditions.
struct RoundReport {
  absl::Time now;
  Sight sight = Sight::kUnknown;
  absl::Time observed_at = absl::InfinitePast();
  std::string unknown_reason;
  int64_t generation = 0;
  Readiness readiness;
  std::vector<Wait> waits;
  std::shared_ptr<const ShownPlan> plan;
  size_t performing = 0;     // steps let go in this round
  std::string suspended_by;  // "" when not suspended; else owner, reason and end as a sentence
  absl::Time next_check_at = absl::InfiniteFuture();
};

// Rows by slot, with a version that grows at every change and a bounded list of what changed. Engine thread
// only; readers on the same thread take what they need before they wait.
class Board {
 public:
  Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  // Puts a new row, all conditions Unknown, or updates what the declaration gives.
  Row& Put(SlotId slot, const Declared& declared, int64_t generation, absl::Time now);
  void Drop(SlotId slot);

  // Turns the report into conditions and waits; the version grows only when something a reader sees has
  // changed (lastObservedAt and nextCheckAt alone do not count).
  void Report(SlotId slot, RoundReport report);
  // A row that no round feeds (an Operation's): conditions given whole.
  void Set(SlotId slot, ConditionType type, Truth status, std::string_view reason, std::string_view message,
           absl::Time now);

  const Row* Find(SlotId slot) const;
  const Row* Find(const ResourceKey& key) const;
  std::optional<SlotId> SlotOf(const ResourceKey& key) const { return by_key_.Find(key); }
  // Sorted by kind, then name.
  std::vector<const Row*> Rows() const;
  size_t size() const { return by_key_.size(); }

  uint64_t version() const { return version_; }
  // Keys changed or dropped after version `since`, or nothing when that is longer ago than the list reaches:
  // then the reader takes everything.
  static constexpr size_t kMostChanges = 10'000;
  std::optional<std::vector<ResourceKey>> ChangedSince(uint64_t since) const;

 private:
  void Touch(SlotId slot);
  template <class Changes>
  void Forget(Changes& changes);
  bool SetCondition(Row& row, ConditionType type, Truth status, std::string_view reason,
                    std::string_view message, absl::Time now);
  // The same text, kept as long as the board lives. Reasons are words of a program, so there are few.
  static constexpr size_t kMostReasons = 10'000;
  Reason Kept(std::string_view reason);

  std::vector<std::unique_ptr<Row>> rows_;
  KeyIndex by_key_;
  std::set<std::string, std::less<>> reasons_;
  // Both with the version that they made, ascending.
  std::deque<std::pair<uint64_t, SlotId>> changes_;
  std::deque<std::pair<uint64_t, ResourceKey>> dropped_;
  uint64_t version_ = 0, forgotten_version_ = 0;
};

}  // namespace holdfast
