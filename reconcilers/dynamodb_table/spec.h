// What people write in a DynamoDBTable.
#pragma once

#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reconcilers/aws/location.h"
#include "specs/field_table.h"
#include "specs/values.h"

namespace holdfast::dynamodb {

inline constexpr int64_t kMostUnits = 10'000'000;
inline constexpr size_t kMostIndexes = 20;
inline constexpr size_t kMostPlans = 50;
// What is lowered keeps so much more than the most that was used; `below` leaves room for it.
inline constexpr double kHeadroom = 1.5;
inline constexpr double kMostBelow = 60;

enum class Dimension : uint8_t { kRead, kWrite };
inline constexpr std::array kDimensions = {Dimension::kRead, Dimension::kWrite};
inline std::string_view DimensionText(Dimension of) { return of == Dimension::kRead ? "read" : "write"; }

struct OnThrottle {
  absl::Duration window = absl::Minutes(5);
  bool operator==(const OnThrottle&) const = default;
};
struct Raise {
  OnThrottle on_throttle;
  specs::CountOrPercentage by;
  absl::Duration cooldown = absl::Minutes(10);
  std::optional<specs::Percentage> only_if_consumed_above;
  bool operator==(const Raise&) const = default;
};
struct Lower {
  specs::Percentage below;
  absl::Duration lasting;
  bool operator==(const Lower&) const = default;
};
// Whoever set more than `max` by hand may have meant it.
enum class AboveMax : uint8_t { kHold, kLower };
struct Range {
  int64_t min = 0, max = 0;
  std::optional<Raise> raise;
  std::optional<Lower> lower;
  AboveMax above_max = AboveMax::kHold;
  bool operator==(const Range&) const = default;
};

// So many capacity units, or a range of them.
struct Units {
  std::variant<int64_t, Range> value = int64_t{0};
  const Range* range() const { return std::get_if<Range>(&value); }
  int64_t least() const { return range() ? range()->min : std::get<int64_t>(value); }
  int64_t most() const { return range() ? range()->max : std::get<int64_t>(value); }
  bool operator==(const Units&) const = default;
};

// What a table and each of its indexes can say of their capacity.
struct Throughput {
  std::optional<Units> read, write;
  const std::optional<Units>& Of(Dimension dimension) const {
    return dimension == Dimension::kRead ? read : write;
  }
  bool operator==(const Throughput&) const = default;
};
// At least so much of the table for a time.
struct Planned {
  absl::Time from, until;
  std::string reason;
  absl::Duration ahead = absl::Minutes(15);  // a table takes minutes to change
  std::optional<int64_t> read, write;
  const std::optional<int64_t>& Of(Dimension dimension) const {
    return dimension == Dimension::kRead ? read : write;
  }
};
struct Capacity : Throughput {
  bool raise_together = false;
  std::vector<Planned> planned;
};

struct KeyPart {
  std::string name;
  enum class Type : uint8_t { kString, kNumber, kBinary } type = Type::kString;
  bool operator==(const KeyPart&) const = default;
};
std::string_view TypeText(KeyPart::Type type);  // "S"
struct Key {
  KeyPart partition;
  std::optional<KeyPart> sort;
  bool operator==(const Key&) const = default;
};
struct Index : Throughput {
  std::optional<Key> key;
  enum class Projection : uint8_t { kAll, kKeysOnly } projection = Projection::kAll;
};

struct TableFrom {
  std::string env;
  std::optional<std::string> prototype;
  std::string service;
  bool operator==(const TableFrom&) const = default;
};

enum class Billing : uint8_t { kProvisioned, kOnDemand };
std::string_view BillingText(Billing billing);  // "provisioned"
// What is done where Application Auto Scaling decides of a capacity that the spec names.
enum class Scaling : uint8_t { kHold, kAdjust };

struct Spec {
  aws::Location location;
  std::string table;
  std::optional<TableFrom> table_from;
  std::optional<Capacity> capacity;
  std::map<std::string, Index> indexes;
  std::optional<Billing> billing;
  std::map<std::string, std::string> tags;
  std::optional<bool> deletion_protection;
  Scaling auto_scaling = Scaling::kHold;
  std::optional<Key> key;
};
const specs::FieldTable<Spec>& SpecFields();

std::string TableName(const Spec& spec);
// Of the table (`index` "") or of one of its indexes; nothing when the spec does not say.
const Units* DeclaredUnits(const Spec& spec, std::string_view index, Dimension dimension);

}  // namespace holdfast::dynamodb

template <>
struct holdfast::specs::ShapeOf<holdfast::dynamodb::Units> {
  static const Shape& Get();
};
