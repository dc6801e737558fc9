// DynamoDB tables as they truly are: capacity, its budgets, and what is asked of them.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"

namespace holdfast::sandbox::aws {

struct Throughput {
  int64_t read = 0, write = 0;
  bool operator==(const Throughput&) const = default;
};

// Four decreases of a UTC day are free; after that there is one for each hour since the last one.
struct Decreases {
  static constexpr int kFree = 4;
  static constexpr absl::Duration kBetween = absl::Hours(1);
  int count = 0;  // on the day of `last_decrease`
  absl::Time last_decrease = absl::InfinitePast(), last_increase = absl::InfinitePast();

  int Today(absl::Time now) const;
  // When the next one is accepted: now or later.
  absl::Time Next(absl::Time now) const;
  void Note(const Throughput& before, const Throughput& after, absl::Time now);
};

// Units a second that clients ask for, of which so much falls on one key that throttling begins below the
// capacity.
struct Load {
  double read = 0, write = 0;
  double usable = 1;  // the share of the capacity that can be used; a hot key makes it less
  bool operator==(const Load&) const = default;
};

// A table or an index as something that has capacity.
struct Provisioned {
  Throughput throughput;             // in force
  std::optional<Throughput> coming;  // accepted, in force when the state is ACTIVE again
  Decreases decreases;
  Load load;
  struct Piece {  // load and capacity from then on
    absl::Time since;
    Load load;
    Throughput capacity;
    enum class Limits { kCapacity, kNothing } limits = Limits::kCapacity;
  };
  std::vector<Piece> pieces;
};

struct TableIndex : Provisioned {
  enum class Is { kCreating, kBackfilling, kActive, kUpdating, kDeleting } is = Is::kActive;
  absl::Time due = absl::InfiniteFuture();
  json::value keys = json::array(), projection = json::object();
};

struct Table : Provisioned {
  std::string name, id;
  enum class Is { kCreating, kActive, kUpdating, kDeleting } is = Is::kActive;
  absl::Time created = absl::InfinitePast(), due = absl::InfiniteFuture();
  enum class Billing { kProvisioned, kOnDemand } billing = Billing::kProvisioned;
  std::optional<Billing> billing_coming;
  bool was_switched = false;   // then the answer has a BillingModeSummary
  bool was_on_demand = false;  // then the way back is short
  std::vector<absl::Time> switched_to_on_demand;
  bool deletion_protection = false;
  std::map<std::string, std::string> tags;
  std::map<std::string, TableIndex> indexes;
  json::value keys = json::array(), attributes = json::array();
  absl::Time tags_locked_until = absl::InfinitePast();
};
std::string_view StateName(Table::Is is);
std::string_view StateName(TableIndex::Is is);

struct Tables {
  std::map<std::string, Table> all;
  int deleted = 0;

  // How long things take.
  absl::Duration throughput_takes = absl::Seconds(8), to_on_demand_takes = absl::Seconds(150),
                 back_to_on_demand_takes = absl::Seconds(5), to_provisioned_takes = absl::Seconds(80),
                 create_takes = absl::Seconds(10), delete_takes = absl::Seconds(5),
                 index_allocation_takes = absl::Seconds(40), backfill_takes = absl::Minutes(9),
                 index_delete_takes = absl::Seconds(4), tags_take = absl::Milliseconds(1700);
  static constexpr int kMostSwitchesADay = 4;
  int64_t most_of_table = 40'000;

  absl::Time NextEvent() const;
  // What is due by now.
  std::vector<std::string> Due(absl::Time now);  // the names of those that changed
};

// Load and capacity are what they are from now on.
void NotePiece(Table& table, Provisioned& part, absl::Time now);

// Of the metrics "ConsumedReadCapacityUnits", "WriteThrottleEvents", "ProvisionedReadCapacityUnits" and so
// on in [from, to): a sum, or a mean for Provisioned…; nothing when there was nothing to count.
std::optional<double> TableMetric(const Provisioned& part, std::string_view metric, absl::Time from,
                                  absl::Time to);

}  // namespace holdfast::sandbox::aws
