// A decision about a table in a few words: what is wanted, what is seen, what is remembered.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/dynamodb_table/budget.h"
#include "reconcilers/dynamodb_table/decide.h"
#include "reconcilers/dynamodb_table/kind.h"
#include "reconcilers/dynamodb_table/ruling.h"

namespace holdfast::dynamodb {

// A provisioned table with 100 reads and 50 writes that rests, seen just now, at noon.
struct Scene {
  Spec want;
  State state;
  Past past;
  Purpose purpose = Purpose::kConverge;
  absl::Time now = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 12, 0, 0), absl::UTCTimeZone());
  absl::Duration age = absl::ZeroDuration();  // of the description
  bool is_there = true;

  Scene() {
    want.location.region = "us-east-1";
    want.table = "users";
    state.table = {
        .name = "users",
        .arn = "arn:aws:dynamodb:us-east-1:123456789012:table/users",
        .incarnation = "id-1",
        .created = now - absl::Hours(1000),
        .unit = {.status = "ACTIVE", .provisioned = {.read = 100, .write = 50}, .key = {{"id", "HASH"}}}};
    state.metrics = Known<Metrics>{{}, now};
    state.targets = Known<std::vector<ScalableTarget>>{{}, now};
    state.limits = Known<Limits>{{40'000, 40'000, 80'000, 80'000}, now};
    past.pins["table_id"] = "id-1";
  }

  static Range Bounds(int64_t min, int64_t max) { return {.min = min, .max = max}; }
  // The rule of the runbook: 5 minutes, 50%, 10 minutes.
  static Range Raising(int64_t min, int64_t max) {
    Range range = Bounds(min, max);
    range.raise = Raise{.by = {specs::Percentage{50}}};
    return range;
  }
  static Range Lowering(int64_t min, int64_t max) {
    Range range = Raising(min, max);
    range.lower = Lower{.below = {30}, .lasting = absl::Hours(2)};
    return range;
  }
  Capacity& Wants() {
    if (!want.capacity) want.capacity.emplace();
    return *want.capacity;
  }
  Scene& Read(std::variant<int64_t, Range> value) {
    Wants().read = Units{std::move(value)};
    return *this;
  }
  Scene& Write(std::variant<int64_t, Range> value) {
    Wants().write = Units{std::move(value)};
    return *this;
  }
  Scene& Has(int64_t read, int64_t write) {
    state.table.unit.provisioned.read = read;
    state.table.unit.provisioned.write = write;
    return *this;
  }
  Unit& HasIndex(std::string name, int64_t read, int64_t write) {
    return state.table.indexes.emplace_back(
        Unit{.index = std::move(name), .status = "ACTIVE", .provisioned = {.read = read, .write = write}});
  }
  Metrics& Data() {
    Metrics copy;
    state.metrics.Match([&](const Known<Metrics>& known) { copy = known.value; }, [](const Absent&) {},
                        [](const Unknown&) {});
    data_ = std::move(copy);
    return data_;
  }
  Series& SeriesOf(const SeriesKey& key, absl::Duration period = absl::Minutes(1)) {
    Series& series = data_[key];
    series.period = period;
    series.until = now;
    return series;
  }
  // So many requests were refused in each of the last minutes, oldest first.
  Scene& Refused(Dimension dimension, const std::vector<double>& sums, std::string index = "") {
    return Minutes({std::move(index), dimension, Metric::kThrottled}, sums, 1);
  }
  // So many units a second were used in each of the last minutes.
  Scene& Used(Dimension dimension, const std::vector<double>& units, std::string index = "") {
    return Minutes({std::move(index), dimension, Metric::kConsumed}, units, 60);
  }
  // So many units a second were used for so long.
  Scene& UsedFor(Dimension dimension, double units, absl::Duration lasting, std::string index = "") {
    Data();
    Series& series = SeriesOf({std::move(index), dimension, Metric::kConsumedLong}, absl::Minutes(5));
    for (absl::Time at = now - lasting; at < now; at += absl::Minutes(5))
      series.points.push_back({at, units * 300});
    return Keep();
  }
  Scene& Raised(std::string key, absl::Duration ago, std::string meter = "") {
    past.attempts.push_back({.key = std::move(key),
                             .meter = std::move(meter),
                             .sent = now - ago,
                             .outcome = {Outcome::Kind::kDone, "", ""},
                             .target = "users"});
    return *this;
  }
  Scene& Owned(Dimension dimension, int64_t min, int64_t max, std::string index = "") {
    std::vector<ScalableTarget> targets;
    state.targets.Match([&](const Known<std::vector<ScalableTarget>>& known) { targets = known.value; },
                        [](const Absent&) {}, [](const Unknown&) {});
    const std::string resource = ResourceId("users", index);
    targets.push_back({resource, std::move(index), dimension, min, max});
    state.targets = Known<std::vector<ScalableTarget>>{std::move(targets), now};
    return *this;
  }

  Plan Decide() const {
    const std::map<std::string, std::string> refs;
    const Frame frame{.now = now, .purpose = purpose, .past = past, .refs = refs};
    State seen_state = state;
    seen_state.described_at = now - age;
    const Fact<State> seen = is_there ? Fact<State>(Known<State>{seen_state, now - age})
                                      : Fact<State>(Absent{"not among 7 in ListTables", now});
    const std::vector<OperationIn<NoOperation>> operations;
    const DynamoDBTable::Trail trail;
    return DynamoDBTable::Decide({want, operations, seen, trail, frame});
  }

 private:
  Scene& Minutes(const SeriesKey& key, const std::vector<double>& values, double by) {
    Data();
    Series& series = SeriesOf(key);
    for (size_t i = 0; i < values.size(); ++i)
      series.points.push_back({now - absl::Minutes(values.size() - i), values[i] * by});
    return Keep();
  }
  Scene& Keep() {
    state.metrics = Known<Metrics>{data_, now};
    return *this;
  }
  Metrics data_;
};

inline const Step* StepCalled(const Plan& plan, std::string_view verb) {
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps)
      if (step.verb == verb) return &step;
  return nullptr;
}
inline const Step* FirstStep(const Plan& plan) {
  return plan.stages.empty() || plan.stages[0].steps.empty() ? nullptr : &plan.stages[0].steps[0];
}
inline std::string HeldBy(const Step& step) {
  for (const Guard& guard : step.guards)
    if (guard.verdict.is != Verdict::Is::kPass) return Cat(guard.name, ": ", guard.verdict.evidence);
  return "";
}
inline bool Goes(const Step* step) { return step != nullptr && HeldBy(*step).empty(); }
// "UpdateTable {…}", or what holds it.
inline std::string Does(const Step* step) {
  if (step == nullptr) return "no step";
  if (const std::string held = HeldBy(*step); !held.empty()) return "held: " + held;
  const auto* call = std::get_if<AwsCall>(&step->action);
  return call == nullptr ? "no call of AWS" : Cat(call->operation, " ", Printed(call->parameters));
}
inline std::string WaitCalled(const Plan& plan, std::string_view name) {
  for (const Wait& wait : plan.waits)
    if (wait.name == name) return Cat(OnText(wait.on), ": ", wait.detail);
  return "none";
}
inline absl::Time UntilOf(const Plan& plan, std::string_view name) {
  for (const Wait& wait : plan.waits)
    if (wait.name == name) return wait.until;
  return absl::InfinitePast();
}
inline std::string ToCapacity(int64_t read, int64_t write) {
  return Cat(R"("ProvisionedThroughput":{"ReadCapacityUnits":)", read, R"(,"WriteCapacityUnits":)", write,
             "}");
}

}  // namespace holdfast::dynamodb
