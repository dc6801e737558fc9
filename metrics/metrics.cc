#include "metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "metrics/families.h"

namespace holdfast {
namespace {

using prometheus::Counter;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

// A round looks and decides in milliseconds; one that acts may take as long as a slow stop.
const Buckets& RoundBuckets() {
  static const Buckets kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                   0.5,   1,      2.5,   5,    10,    60,   300};
  return kBuckets;
}
// From a start that answers at once to a drain that takes hours.
const Buckets& ActionBuckets() {
  static const Buckets kBuckets = {0.01, 0.05, 0.25, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 3600, 14400};
  return kBuckets;
}
const Buckets& WaitBuckets() {
  static const Buckets kBuckets = {0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120};
  return kBuckets;
}

constexpr std::array<std::string_view, 5> kRoundResults = {"settled", "waiting", "acted", "unknown", "error"};
constexpr std::array<std::string_view, 3> kActionResults = {"done", "refused", "unknown"};
constexpr std::array<std::string_view, 2> kGateResults = {"hold", "cannotTell"};
constexpr std::array<std::string_view, 3> kGuardResults = {"pass", "hold", "cannotTell"};
constexpr std::array<std::string_view, 3> kLoadResults = {"good", "broken", "unreadable"};

// One counter per word of a closed list, so that zeros are shown from the start and a lookup compares a few
// words.
template <size_t N>
struct ByWord {
  const std::array<std::string_view, N>* words = nullptr;
  std::array<Counter*, N> counters{};

  void Count(std::string_view word) const {
    for (size_t i = 0; i < N; ++i)
      if ((*words)[i] == word) counters[i]->Increment();
  }
};

prometheus::Labels LabelsOf(const Family& family, std::initializer_list<std::string_view> values) {
  prometheus::Labels labels;
  size_t index = 0;
  for (std::string_view value : values) labels.emplace(family.labels[index++], value);
  return labels;
}

}  // namespace

struct Metrics::Families {
  struct KindSeries {
    ByWord<kRoundResults.size()> rounds;
    Histogram* duration = nullptr;
  };
  struct ActionSeries {
    ByWord<kActionResults.size()> results;
    Histogram* duration = nullptr;
  };
  template <class Series>
  using Table = std::map<std::string, Series, std::less<>>;
  template <class Series>
  using PairTable = std::map<std::string, Table<Series>, std::less<>>;

  prometheus::Registry registry;
  prometheus::Family<Counter>& rounds = Counters(families::kRounds);
  prometheus::Family<Histogram>& round_duration = Histograms(families::kRoundDuration);
  prometheus::Family<Counter>& actions = Counters(families::kActions);
  prometheus::Family<Histogram>& action_duration = Histograms(families::kActionDuration);
  prometheus::Family<Counter>& gates = Counters(families::kGates);
  prometheus::Family<Counter>& guards = Counters(families::kGuards);
  Histogram& queue_wait = Histograms(families::kQueueWait).Add({}, WaitBuckets());
  Counter& journal_errors = Counters(families::kJournalErrors).Add({});
  ByWord<kLoadResults.size()> loads =
      Words<kLoadResults.size()>(Counters(families::kSpecLoads), families::kSpecLoads, kLoadResults, {});

  Table<KindSeries> by_kind;
  PairTable<ActionSeries> by_action;
  Table<ByWord<kGateResults.size()>> by_gate;
  PairTable<ByWord<kGuardResults.size()>> by_guard;

  prometheus::Family<Counter>& Counters(const Family& family) {
    return prometheus::BuildCounter()
        .Name(std::string(family.name))
        .Help(std::string(family.help))
        .Register(registry);
  }
  prometheus::Family<Histogram>& Histograms(const Family& family) {
    return prometheus::BuildHistogram()
        .Name(std::string(family.name))
        .Help(std::string(family.help))
        .Register(registry);
  }

  template <size_t N>
  static ByWord<N> Words(prometheus::Family<Counter>& family, const Family& info,
                         const std::array<std::string_view, N>& words, prometheus::Labels first) {
    ByWord<N> out{&words, {}};
    const std::string word_label(info.labels[info.label_count() - 1]);
    for (size_t i = 0; i < N; ++i) {
      first[word_label] = words[i];
      out.counters[i] = &family.Add(first);
    }
    return out;
  }

  KindSeries& OfKind(std::string_view kind) {
    if (const auto found = by_kind.find(kind); found != by_kind.end()) return found->second;
    KindSeries series{Words<kRoundResults.size()>(rounds, families::kRounds, kRoundResults,
                                                  LabelsOf(families::kRounds, {kind})),
                      &round_duration.Add(LabelsOf(families::kRoundDuration, {kind}), RoundBuckets())};
    return by_kind.emplace(kind, series).first->second;
  }

  ActionSeries& OfAction(std::string_view kind, std::string_view verb) {
    auto of_kind = by_action.find(kind);
    if (of_kind == by_action.end()) of_kind = by_action.emplace(kind, Table<ActionSeries>()).first;
    if (const auto found = of_kind->second.find(verb); found != of_kind->second.end()) return found->second;
    ActionSeries series{
        Words<kActionResults.size()>(actions, families::kActions, kActionResults,
                                     LabelsOf(families::kActions, {kind, verb})),
        &action_duration.Add(LabelsOf(families::kActionDuration, {kind, verb}), ActionBuckets())};
    return of_kind->second.emplace(verb, series).first->second;
  }

  ByWord<kGateResults.size()>& OfGate(std::string_view gate) {
    if (const auto found = by_gate.find(gate); found != by_gate.end()) return found->second;
    return by_gate
        .emplace(gate, Words<kGateResults.size()>(gates, families::kGates, kGateResults,
                                                  LabelsOf(families::kGates, {gate})))
        .first->second;
  }

  ByWord<kGuardResults.size()>& OfGuard(std::string_view kind, std::string_view guard) {
    auto of_kind = by_guard.find(kind);
    if (of_kind == by_guard.end())
      of_kind = by_guard.emplace(kind, Table<ByWord<kGuardResults.size()>>()).first;
    if (const auto found = of_kind->second.find(guard); found != of_kind->second.end()) return found->second;
    return of_kind->second
        .emplace(guard, Words<kGuardResults.size()>(guards, families::kGuards, kGuardResults,
                                                    LabelsOf(families::kGuards, {kind, guard})))
        .first->second;
  }
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::Round(std::string_view kind, std::string_view result, absl::Duration took) {
  const Families::KindSeries& series = families_->OfKind(kind);
  series.rounds.Count(result);
  series.duration->Observe(absl::ToDoubleSeconds(took));
}

void Metrics::Action(std::string_view kind, std::string_view verb, std::string_view outcome,
                     absl::Duration took) {
  const Families::ActionSeries& series = families_->OfAction(kind, verb);
  series.results.Count(outcome);
  series.duration->Observe(absl::ToDoubleSeconds(took));
}

void Metrics::Gate(std::string_view gate, std::string_view verdict) {
  families_->OfGate(gate).Count(verdict);
}

void Metrics::Guard(std::string_view kind, std::string_view guard, std::string_view verdict) {
  families_->OfGuard(kind, guard).Count(verdict);
}

void Metrics::QueueWait(absl::Duration waited) {
  families_->queue_wait.Observe(absl::ToDoubleSeconds(waited));
}
void Metrics::JournalError() { families_->journal_errors.Increment(); }
void Metrics::SpecLoad(std::string_view result) { families_->loads.Count(result); }

std::string Metrics::Exposition() const {
  const prometheus::TextSerializer serializer;
  std::vector<prometheus::MetricFamily> collected = families_->registry.Collect();
  // A family without a series would be a heading over nothing.
  std::erase_if(collected, [](const prometheus::MetricFamily& family) { return family.metric.empty(); });
  return serializer.Serialize(collected);
}

}  // namespace holdfast
