// What one look at a table gives, each part as old as its own reading.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/plan/observed.h"
#include "reconcilers/dynamodb_table/spec.h"

namespace holdfast::dynamodb {

// Provisioned capacity of a table or of an index, with the budget of its decreases.
struct Provisioned {
  int64_t read = 0, write = 0;
  int64_t decreases_today = 0;  // of the UTC day
  absl::Time last_increase = absl::InfinitePast();
  absl::Time last_decrease = absl::InfinitePast();
  int64_t Of(Dimension dimension) const { return dimension == Dimension::kRead ? read : write; }
  int64_t& Of(Dimension dimension) { return dimension == Dimension::kRead ? read : write; }
  bool operator==(const Provisioned&) const = default;
};

// The table itself has the name "".
struct Unit {
  std::string index;
  std::string status;  // "ACTIVE", "UPDATING", …
  bool is_backfilling = false;
  Provisioned provisioned;
  std::vector<std::pair<std::string, std::string>> key;  // attribute and "HASH" or "RANGE"
  bool operator==(const Unit&) const = default;
};

struct Table {
  std::string name, arn;
  std::string incarnation;  // the TableId, or the moment of creation where there is none
  absl::Time created = absl::InfinitePast();
  Billing billing = Billing::kProvisioned;
  std::optional<bool> deletion_protection;
  Unit unit;                  // of the table itself
  std::vector<Unit> indexes;  // by name
  std::string busy;           // something besides statuses that is under way: "a replica is CREATING"
  const Unit* Find(std::string_view index) const;
  bool operator==(const Table&) const = default;
};
// Unavailable when what a table must have is not there.
Result<Table> ReadTable(const json::value& description);

// One minute (or five) of a metric: its sum.
struct Datapoint {
  absl::Time at;
  double sum = 0;
  bool operator==(const Datapoint&) const = default;
};
enum class Metric : uint8_t { kThrottled, kConsumed, kConsumedLong };
struct Series {
  std::vector<Datapoint> points;  // oldest first; a minute without one is not a minute of zero
  absl::Duration period = absl::Minutes(1);
  absl::Time until;  // what could have been there by then
  bool operator==(const Series&) const = default;
};
struct SeriesKey {
  std::string index;
  Dimension dimension = Dimension::kRead;
  Metric metric = Metric::kThrottled;
  auto operator<=>(const SeriesKey&) const = default;
};
using Metrics = std::map<SeriesKey, Series>;

// A capacity of which Application Auto Scaling decides.
struct ScalableTarget {
  std::string resource;  // "table/users/index/by-user"
  std::string index;
  Dimension dimension = Dimension::kRead;
  int64_t min = 0, max = 0;
  bool operator==(const ScalableTarget&) const = default;
};

// What the tables that are known here have, their indexes included: the account has at least so much.
struct Together {
  int64_t read = 0, write = 0;
  size_t tables = 0;
  bool operator==(const Together&) const = default;
};

struct Limits {
  int64_t table_read = 0, table_write = 0, account_read = 0, account_write = 0;
  bool operator==(const Limits&) const = default;
};

struct State {
  Table table;
  absl::Time described_at;  // when the table was asked for by itself
  Observed<Metrics> metrics = Unknown{"no rule of the spec asks for them"};
  Observed<std::vector<ScalableTarget>> targets = Unknown{"the spec names no capacity"};
  Observed<std::map<std::string, std::string>> tags = Unknown{"the spec names no tags"};
  Observed<Limits> limits = Unknown{"not asked for: nothing is raised"};
  Together together;  // told with the limits
  bool operator==(const State&) const = default;
};

// "the table", "the index by-user".
std::string UnitText(std::string_view index);
// "table/users", "table/users/index/by-user".
std::string ResourceId(std::string_view table, std::string_view index);
std::vector<ScalableTarget> ReadTargets(const json::value& group);

}  // namespace holdfast::dynamodb
