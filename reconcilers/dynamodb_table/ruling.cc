#include "reconcilers/dynamodb_table/ruling.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/dynamodb_table/datapoints.h"
#include "reconcilers/dynamodb_table/observe.h"
#include "reconcilers/dynamodb_table/planned.h"

namespace holdfast::dynamodb {
namespace {

// The service tells of an increase of ours a moment after we sent it.
constexpr absl::Duration kTellsWithin = absl::Minutes(2);
constexpr double kRounding = 1e-6;

int64_t RoundedUp(double units) { return static_cast<int64_t>(std::ceil(units - kRounding)); }

// Of earlier capacity that went by the same name nothing is known.
bool IsOfThisTable(const Picture& p, const Attempt& attempt) {
  return attempt.sent >= p.table.created && attempt.outcome.kind != Outcome::Kind::kRefused;
}

bool Mentions(const std::string& key, const std::string& capacity) {
  const size_t from = key.find(": "), to = key.find('#');
  if (!key.starts_with("raise ") || from == std::string::npos) return false;
  for (const std::string& change : Split(std::string_view(key).substr(from + 2, to - from - 2), ','))
    if (Trim(change).starts_with(capacity + " ")) return true;
  return false;
}

// One capacity under its rule.
struct Rule {
  const Picture& p;
  const Unit& unit;
  Dimension dimension;
  const Range& range;
  const Metrics* metrics;  // null: unknown
  Rulings& out;

  int64_t seen() const { return unit.provisioned.Of(dimension); }
  std::string Name() const { return CapacityText(unit.index, dimension); }
  Ruling To(int64_t want, Ruling::Cause cause, std::string why) const {
    return {unit.index, dimension, seen(), want, std::move(why), cause};
  }
  void Tell(Wait::On on, std::string what, std::string detail, std::string remedy,
            absl::Time until = absl::InfiniteFuture()) const {
    out.waits.push_back({.on = on,
                         .name = Cat(Name(), ": ", what),
                         .detail = std::move(detail),
                         .remedy = std::move(remedy),
                         .until = until});
  }
  absl::Time Since(absl::Duration window) const { return std::max(p.frame.now - window, p.table.created); }
};

bool RaisedForHotKey(const Rule& rule) {
  const std::string meter = HotKeyMeter(rule.unit.index, rule.dimension);
  return std::ranges::any_of(rule.p.frame.past.attempts, [&](const Attempt& attempt) {
    return IsOfThisTable(rule.p, attempt) && attempt.meter.find(meter) != std::string::npos;
  });
}

int64_t Raised(const Rule& rule, const Raise& raise) {
  return std::min(rule.range.max, rule.seen() + std::max<int64_t>(1, raise.by.RoundedUp(rule.seen())));
}

// A raise for refused requests, or why there is none; nothing when none were refused.
std::optional<Ruling> RuleOnRefused(const Rule& rule) {
  if (!rule.range.raise || rule.metrics == nullptr) return std::nullopt;
  const Raise& raise = *rule.range.raise;
  const absl::Time last = LastRaise(rule.p, rule.unit, rule.dimension);
  const absl::Time since = std::max(rule.Since(raise.on_throttle.window), last);
  const Refused refused = RefusedSince(*rule.metrics, rule.unit.index, rule.dimension, since);
  if (refused.sum <= 0) return std::nullopt;

  const std::string requests = Cat(rule.dimension == Dimension::kRead ? "reads" : "writes", " of ",
                                   UnitText(rule.unit.index), " were refused: ", refused.text);
  Ruling keep = rule.To(rule.seen(), Ruling::Cause::kRefused, "");
  if (rule.seen() >= rule.range.max) {
    rule.Tell(Wait::On::kHuman, "at maximum", Cat(requests, "; it is at its maximum of ", rule.range.max),
              "raise `max` in the spec, or find out who asks so much");
    return keep;
  }
  if (last + raise.cooldown > rule.p.frame.now) {
    rule.Tell(Wait::On::kProgress, "cooldown", Cat(requests, "; it was raised at ", Rfc3339(last)), "",
              last + raise.cooldown);
    return keep;
  }
  const auto used = PeakSince(*rule.metrics, {rule.unit.index, rule.dimension, Metric::kConsumed}, since);
  const std::string use = used ? Cat("; at most ", RoundedUp(*used), " of ", rule.seen(), " units were used")
                               : "; no datapoint tells how much was used";
  if (raise.only_if_consumed_above) {
    const double above = raise.only_if_consumed_above->percent / 100 * static_cast<double>(rule.seen());
    if (!used) {
      rule.Tell(Wait::On::kObservation, "consumption", Cat(requests, use), "");
      return keep;
    }
    if (*used <= above) {
      rule.Tell(Wait::On::kHuman, "hot key",
                Cat(requests, use, ", and it is raised only above ",
                    specs::PercentageText(*raise.only_if_consumed_above)),
                "look for the key that all ask for: capacity hardly helps there");
      return keep;
    }
  }
  const bool is_hot = !used || *used < kHotKeyBelow * static_cast<double>(rule.seen());
  if (is_hot && RaisedForHotKey(rule)) {
    rule.Tell(Wait::On::kHuman, "hot key", Cat(requests, use, "; it was raised once for that"),
              "look for the key that all ask for: capacity hardly helps there");
    return keep;
  }
  return rule.To(Raised(rule, raise), is_hot ? Ruling::Cause::kHotKey : Ruling::Cause::kRefused,
                 Cat(requests, use));
}

void RuleAbove(const Rule& rule) {
  const std::string above = Cat(rule.seen(), " units, above the maximum of ", rule.range.max);
  if (rule.range.above_max == AboveMax::kHold)
    return rule.Tell(Wait::On::kHold, "above maximum", Cat("someone set ", above),
                     "raise `max`, write `aboveMax: lower`, or lower it by hand");
  const SeriesKey key{rule.unit.index, rule.dimension, Metric::kConsumedLong};
  const absl::Time since = rule.Since(kUnusedFor);
  if (rule.metrics == nullptr) return;
  if (const std::string gap = GapSince(*rule.metrics, key, since); !gap.empty())
    return rule.Tell(Wait::On::kObservation, "consumption", Cat("it has ", above, "; ", gap), "");
  const double used = PeakSince(*rule.metrics, key, since).value_or(0);
  if (used > static_cast<double>(rule.range.max))
    return rule.Tell(Wait::On::kHold, "above maximum",
                     Cat("it has ", above, ", and ", RoundedUp(used), " were used"), "raise `max`");
  Ruling ruling =
      rule.To(rule.range.max, Ruling::Cause::kUnused,
              Cat("it has ", above, "; at most ", RoundedUp(used), " were used for ", Brief(kUnusedFor)));
  ruling.used = used;
  rule.out.changes.push_back(std::move(ruling));
}

void RuleOnUnused(const Rule& rule) {
  if (!rule.range.lower || rule.seen() <= rule.range.min || rule.metrics == nullptr) return;
  const Lower& lower = *rule.range.lower;
  const SeriesKey key{rule.unit.index, rule.dimension, Metric::kConsumedLong};
  const absl::Time since = rule.Since(lower.lasting);
  if (const std::string gap = GapSince(*rule.metrics, key, since); !gap.empty())
    return rule.Tell(Wait::On::kObservation, "consumption",
                     Cat("whether it may be lowered is not known: ", gap, ", and that is not zero"), "");
  if (since > rule.p.frame.now - lower.lasting) return;  // the table is younger than that
  const double used = PeakSince(*rule.metrics, key, since).value_or(0);
  if (used >= lower.below.percent / 100 * static_cast<double>(rule.seen())) return;
  const int64_t want = std::max(rule.range.min, RoundedUp(used * kHeadroom));
  if (want >= rule.seen()) return;
  const absl::Duration cooldown = rule.range.raise ? rule.range.raise->cooldown : absl::Minutes(10);
  const absl::Time last = LastRaise(rule.p, rule.unit, rule.dimension);
  if (last + cooldown > rule.p.frame.now)
    return rule.Tell(Wait::On::kProgress, "cooldown", Cat("it was raised at ", Rfc3339(last)), "",
                     last + cooldown);
  Ruling ruling = rule.To(
      want, Ruling::Cause::kUnused,
      Cat("at most ", RoundedUp(used), " of ", rule.seen(), " units were used for ", Brief(lower.lasting)));
  ruling.used = used;
  rule.out.changes.push_back(std::move(ruling));
}

// The most that was used lately, or less than nothing when no datapoint tells.
double UsedLately(const Picture& p, const Metrics* metrics, const std::string& index, Dimension dimension) {
  if (metrics == nullptr) return -1;
  const SeriesKey key{index, dimension, Metric::kConsumed};
  return PeakSince(*metrics, key, std::max(p.frame.now - kInUse, p.table.created)).value_or(-1);
}

// What is more than the plan in force asks for is raised by the spec itself.
Ruling RaiseTo(const Picture& p, const Unit& unit, Dimension dimension, int64_t least, std::string said) {
  Ruling ruling{unit.index, dimension, unit.provisioned.Of(dimension), least, std::move(said)};
  const Planned* plan = unit.index.empty() ? PlannedNow(p.want, dimension, p.frame.now) : nullptr;
  if (plan == nullptr || *plan->Of(dimension) < least) return ruling;
  ruling.cause = Ruling::Cause::kPlanned;
  ruling.why = Cat("planned for ", Rfc3339(plan->from), " until ", Rfc3339(plan->until), ": ", plan->reason);
  return ruling;
}

void RuleOnRange(const Rule& rule) {
  if (rule.seen() < rule.range.min) {
    rule.out.changes.push_back(RaiseTo(rule.p, rule.unit, rule.dimension, rule.range.min,
                                       Cat("the spec says at least ", rule.range.min)));
    return;
  }
  if (std::optional<Ruling> refused = RuleOnRefused(rule)) {
    if (refused->is_raise()) rule.out.changes.push_back(*std::move(refused));
    return;
  }
  const std::optional<int64_t> back =
      rule.unit.index.empty() ? GivenBack(rule.p, rule.dimension) : std::nullopt;
  if (back) {
    Ruling ruling = rule.To(*back, Ruling::Cause::kPlanned, "what was planned is over");
    ruling.used = UsedLately(rule.p, rule.metrics, "", rule.dimension);
    rule.out.changes.push_back(std::move(ruling));
    return;
  }
  if (rule.seen() > rule.range.max) return RuleAbove(rule);
  RuleOnUnused(rule);
}

// Application Auto Scaling decides of it.
const ScalableTarget* OwnerOf(const std::vector<ScalableTarget>* targets, const std::string& index,
                              Dimension dimension) {
  if (targets == nullptr) return nullptr;
  const auto found = std::ranges::find_if(*targets, [&](const ScalableTarget& target) {
    return target.index == index && target.dimension == dimension;
  });
  return found == targets->end() ? nullptr : &*found;
}

bool IsForRefused(const Ruling& ruling) {
  return ruling.cause == Ruling::Cause::kRefused || ruling.cause == Ruling::Cause::kHotKey;
}

// What goes with another raise: the other dimension of the table, and the writes of its indexes.
void AddCompanion(const Picture& p, const Ruling& first, const Unit& unit, Dimension dimension, double by,
                  Rulings& out) {
  const Units* units = DeclaredUnits(p.want, unit.index, dimension);
  const bool has = std::ranges::any_of(out.changes, [&](const Ruling& ruling) {
    return ruling.index == unit.index && ruling.dimension == dimension && ruling.is_raise();
  });
  if (has || units == nullptr || units->range() == nullptr) return;
  const Range& range = *units->range();
  const absl::Duration cooldown = range.raise ? range.raise->cooldown : absl::ZeroDuration();
  if (LastRaise(p, unit, dimension) + cooldown > p.frame.now) return;
  const int64_t seen = unit.provisioned.Of(dimension);
  const int64_t want = std::min(range.max, std::max(seen + 1, RoundedUp(static_cast<double>(seen) * by)));
  if (want <= seen) return;
  std::erase_if(out.changes, [&](const Ruling& ruling) {
    return ruling.index == unit.index && ruling.dimension == dimension;
  });
  out.changes.push_back({unit.index, dimension, seen, want,
                         Cat("together with ", CapacityText(first.index, first.dimension)),
                         Ruling::Cause::kRefused});
}

void RaiseTogether(const Picture& p, const std::vector<ScalableTarget>* targets, Rulings& out) {
  const std::vector<Ruling> before = out.changes;
  for (const Ruling& first : before) {
    if (!first.index.empty() || !first.is_raise() || !IsForRefused(first)) continue;
    const double by = static_cast<double>(first.want) / static_cast<double>(std::max<int64_t>(1, first.seen));
    const Dimension other = first.dimension == Dimension::kRead ? Dimension::kWrite : Dimension::kRead;
    if (p.want.capacity->raise_together && OwnerOf(targets, "", other) == nullptr) {
      const Units* units = DeclaredUnits(p.want, "", other);
      const Range* range = units == nullptr ? nullptr : units->range();
      const int64_t seen = p.table.unit.provisioned.Of(other);
      const bool own = range != nullptr && range->raise;
      const double step = own ? static_cast<double>(seen + range->raise->by.RoundedUp(seen)) /
                                    static_cast<double>(std::max<int64_t>(1, seen))
                              : by;
      AddCompanion(p, first, p.table.unit, other, step, out);
    }
    if (first.dimension != Dimension::kWrite) continue;
    for (const Unit& index : p.table.indexes)
      if (OwnerOf(targets, index.index, Dimension::kWrite) == nullptr)
        AddCompanion(p, first, index, Dimension::kWrite, by, out);
  }
}

void RuleOnOne(const Picture& p, const Unit& unit, Dimension dimension, const Metrics* metrics,
               const std::vector<ScalableTarget>* targets, Rulings& out) {
  const std::optional<Units> units = UnitsNow(p, unit.index, dimension);
  if (!units) return;
  const int64_t seen = unit.provisioned.Of(dimension);
  if (const ScalableTarget* owner = OwnerOf(targets, unit.index, dimension)) {
    if (p.want.auto_scaling == Scaling::kHold)
      out.waits.push_back(
          {.on = Wait::On::kHold,
           .name = Cat(CapacityText(unit.index, dimension), ": Application Auto Scaling"),
           .detail = Cat("it keeps ", owner->resource, " between ", owner->min, " and ", owner->max),
           .remedy =
               "leave it out of the spec, write `autoScaling: adjust`, or deregister the scalable target"});
    return;
  }
  if (units->range() != nullptr) return RuleOnRange({p, unit, dimension, *units->range(), metrics, out});
  if (seen == units->least()) return;
  Ruling ruling = RaiseTo(p, unit, dimension, units->least(), Cat("the spec says ", units->least()));
  ruling.used = UsedLately(p, metrics, unit.index, dimension);
  out.changes.push_back(std::move(ruling));
}

}  // namespace

std::string CapacityText(const std::string& index, Dimension dimension) {
  return Cat(index, index.empty() ? "" : " ", DimensionText(dimension));
}

std::string HotKeyMeter(const std::string& index, Dimension dimension) {
  return Cat("hot key <", CapacityText(index, dimension), ">");
}

absl::Time LastRaise(const Picture& p, const Unit& unit, Dimension dimension) {
  absl::Time ours = absl::InfinitePast(), any = absl::InfinitePast();
  for (const Attempt& attempt : p.frame.past.attempts) {
    if (!IsOfThisTable(p, attempt)) continue;
    for (const Dimension one : kDimensions) {
      if (!Mentions(attempt.key, CapacityText(unit.index, one))) continue;
      any = std::max(any, attempt.sent);
      if (one == dimension) ours = std::max(ours, attempt.sent);
    }
  }
  // The service has one time for both dimensions; one that is none of our raises is somebody else's.
  const absl::Time told = unit.provisioned.last_increase;
  return told > any + kTellsWithin ? std::max(ours, told) : ours;
}

Rulings RuleOn(const Picture& p) {
  Rulings out;
  const Metrics* metrics = nullptr;
  p.state.metrics.Match(
      [&](const Known<Metrics>& known) { metrics = &known.value; }, [](const Absent&) {},
      [&](const Unknown& unknown) {
        if (SeriesFor(p.want, p.table).empty()) return;
        out.waits.push_back({.on = Wait::On::kObservation, .name = "datapoints", .detail = unknown.reason});
      });
  const std::vector<ScalableTarget>* targets = nullptr;
  p.state.targets.Match([&](const Known<std::vector<ScalableTarget>>& known) { targets = &known.value; },
                        [](const Absent&) {}, [](const Unknown&) {});
  for (const Dimension dimension : kDimensions) {
    RuleOnOne(p, p.table.unit, dimension, metrics, targets, out);
    for (const Unit& index : p.table.indexes) RuleOnOne(p, index, dimension, metrics, targets, out);
  }
  if (p.want.capacity) RaiseTogether(p, targets, out);
  return out;
}

}  // namespace holdfast::dynamodb
