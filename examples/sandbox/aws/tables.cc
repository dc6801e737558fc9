#include "examples/sandbox/aws/tables.h"

#include <algorithm>

namespace holdfast::sandbox::aws {
namespace {

absl::Time DayOf(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time) / 86'400 * 86'400);
}

double Asked(const Load& load, std::string_view metric) {
  return metric.find("Read") != metric.npos ? load.read : load.write;
}
double Capacity(const Throughput& capacity, std::string_view metric) {
  return static_cast<double>(metric.find("Read") != metric.npos ? capacity.read : capacity.write);
}

}  // namespace

int Decreases::Today(absl::Time now) const {
  return last_decrease == absl::InfinitePast() || DayOf(last_decrease) != DayOf(now) ? 0 : count;
}

absl::Time Decreases::Next(absl::Time now) const {
  if (Today(now) < kFree) return now;
  return std::max(now, std::min(last_decrease + kBetween, DayOf(now) + absl::Hours(24)));
}

void Decreases::Note(const Throughput& before, const Throughput& after, absl::Time now) {
  if (after.read < before.read || after.write < before.write) {
    count = Today(now) + 1;
    last_decrease = now;
  }
  if (after.read > before.read || after.write > before.write) last_increase = now;
}

std::string_view StateName(Table::Is is) {
  static constexpr std::string_view kNames[] = {"CREATING", "ACTIVE", "UPDATING", "DELETING"};
  return kNames[static_cast<size_t>(is)];
}
std::string_view StateName(TableIndex::Is is) {
  static constexpr std::string_view kNames[] = {"CREATING", "CREATING", "ACTIVE", "UPDATING", "DELETING"};
  return kNames[static_cast<size_t>(is)];
}

absl::Time Tables::NextEvent() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [name, table] : all) {
    next = std::min(next, table.due);
    for (const auto& [index_name, index] : table.indexes) next = std::min(next, index.due);
  }
  return next;
}

void NotePiece(Table& table, Provisioned& part, absl::Time now) {
  const auto limits = table.billing == Table::Billing::kOnDemand ? Provisioned::Piece::Limits::kNothing
                                                                 : Provisioned::Piece::Limits::kCapacity;
  if (!part.pieces.empty() && part.pieces.back().since == now) part.pieces.pop_back();
  part.pieces.push_back({now, part.load, part.throughput, limits});
}

namespace {

void Finish(Table& table, Provisioned& part, absl::Time now) {
  if (part.coming) part.throughput = *part.coming;
  part.coming.reset();
  NotePiece(table, part, now);
}

void FinishIndex(Table& table, TableIndex& index, absl::Duration backfill_takes, absl::Time now) {
  index.due = absl::InfiniteFuture();
  if (index.is == TableIndex::Is::kCreating) {
    index.is = TableIndex::Is::kBackfilling;
    index.due = now + backfill_takes;
    return;
  }
  index.is = TableIndex::Is::kActive;
  Finish(table, index, now);
}

void FinishTable(Table& table, absl::Time now) {
  table.due = absl::InfiniteFuture();
  table.is = Table::Is::kActive;
  if (table.billing_coming) table.billing = *table.billing_coming;
  table.billing_coming.reset();
  if (table.billing == Table::Billing::kOnDemand) {
    table.was_on_demand = true;
    table.throughput = {};
    table.coming.reset();
    for (auto& [name, index] : table.indexes) {
      index.throughput = {};
      index.coming.reset();
      NotePiece(table, index, now);
    }
  }
  Finish(table, table, now);
}

}  // namespace

std::vector<std::string> Tables::Due(absl::Time now) {
  std::vector<std::string> changed;
  for (auto at = all.begin(); at != all.end();) {
    Table& table = at->second;
    bool is_changed = false;
    for (auto one = table.indexes.begin(); one != table.indexes.end();) {
      TableIndex& index = one->second;
      const bool is_due = index.due <= now;
      is_changed |= is_due;
      if (is_due && index.is == TableIndex::Is::kDeleting) {
        one = table.indexes.erase(one);
        continue;
      }
      if (is_due) FinishIndex(table, index, backfill_takes, now);
      ++one;
    }
    const bool is_due = table.due <= now;
    if (is_due || is_changed) changed.push_back(table.name);
    if (is_due && table.is == Table::Is::kDeleting) {
      ++deleted;
      at = all.erase(at);
      continue;
    }
    if (is_due) FinishTable(table, now);
    ++at;
  }
  return changed;
}

std::optional<double> TableMetric(const Provisioned& part, std::string_view metric, absl::Time from,
                                  absl::Time to) {
  double sum = 0, capacity_sum = 0, seconds = 0;
  for (size_t i = 0; i < part.pieces.size(); ++i) {
    const Provisioned::Piece& piece = part.pieces[i];
    const absl::Time begins = std::max(piece.since, from);
    const absl::Time ends = i + 1 < part.pieces.size() ? std::min(part.pieces[i + 1].since, to) : to;
    if (begins >= ends) continue;
    const double took = absl::ToDoubleSeconds(ends - begins);
    const bool is_limited = piece.limits == Provisioned::Piece::Limits::kCapacity;
    const double asked = Asked(piece.load, metric), capacity = Capacity(piece.capacity, metric);
    const double usable = is_limited ? capacity * piece.load.usable : asked;
    const bool is_throttle = metric.ends_with("ThrottleEvents");
    sum += took * (is_throttle ? std::max(0.0, asked - usable) : std::min(asked, usable));
    if (!is_limited) continue;
    capacity_sum += took * capacity;
    seconds += took;
  }
  if (metric.starts_with("Provisioned"))
    return seconds > 0 ? std::optional(capacity_sum / seconds) : std::nullopt;
  return sum > 0 ? std::optional(sum) : std::nullopt;
}

}  // namespace holdfast::sandbox::aws
