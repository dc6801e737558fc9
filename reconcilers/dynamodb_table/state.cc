#include "reconcilers/dynamodb_table/state.h"

#include <algorithm>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::dynamodb {
namespace {

using aws::FlagAt;
using aws::ListAt;
using aws::TextAt;
using aws::TimeAt;
using aws::WholeAt;

constexpr std::string_view kTable = "table/", kIndex = "/index/";

Provisioned ReadProvisioned(const json::value& of) {
  const std::string at = "ProvisionedThroughput.";
  return {.read = WholeAt(of, at + "ReadCapacityUnits").value_or(0),
          .write = WholeAt(of, at + "WriteCapacityUnits").value_or(0),
          .decreases_today = WholeAt(of, at + "NumberOfDecreasesToday").value_or(0),
          .last_increase = TimeAt(of, at + "LastIncreaseDateTime").value_or(absl::InfinitePast()),
          .last_decrease = TimeAt(of, at + "LastDecreaseDateTime").value_or(absl::InfinitePast())};
}

std::vector<std::pair<std::string, std::string>> ReadKey(const json::value& of) {
  std::vector<std::pair<std::string, std::string>> key;
  for (const json::value* part : ListAt(of, "KeySchema").value_or(std::vector<const json::value*>{}))
    key.emplace_back(TextAt(*part, "AttributeName").value_or(""), TextAt(*part, "KeyType").value_or(""));
  return key;
}

// What keeps a change from going besides the statuses of the table and its indexes.
std::string ReadBusy(const json::value& of) {
  for (const json::value* replica : ListAt(of, "Replicas").value_or(std::vector<const json::value*>{})) {
    const std::string status = TextAt(*replica, "ReplicaStatus").value_or("ACTIVE");
    if (status != "ACTIVE")
      return Cat("the replica in ", TextAt(*replica, "RegionName").value_or("another region"), " is ",
                 status);
  }
  const std::string encryption = TextAt(of, "SSEDescription.Status").value_or("ENABLED");
  if (encryption == "UPDATING" || encryption == "ENABLING" || encryption == "DISABLING")
    return Cat("its encryption is ", encryption);
  return {};
}

}  // namespace

const Unit* Table::Find(std::string_view index) const {
  if (index.empty()) return &unit;
  const auto found = std::ranges::find(indexes, index, &Unit::index);
  return found == indexes.end() ? nullptr : &*found;
}

Result<Table> ReadTable(const json::value& of) {
  Table table;
  table.name = TextAt(of, "TableName").value_or("");
  table.arn = TextAt(of, "TableArn").value_or("");
  table.unit = {.status = TextAt(of, "TableStatus").value_or(""),
                .provisioned = ReadProvisioned(of),
                .key = ReadKey(of)};
  if (table.name.empty() || table.unit.status.empty())
    return Unavailable("the description has no name or no status");
  table.created = TimeAt(of, "CreationDateTime").value_or(absl::InfinitePast());
  table.incarnation = TextAt(of, "TableId").value_or("");
  if (table.incarnation.empty()) table.incarnation = Cat("created-", absl::ToUnixSeconds(table.created));
  // Without a summary it was provisioned from the first day.
  if (TextAt(of, "BillingModeSummary.BillingMode") == "PAY_PER_REQUEST") table.billing = Billing::kOnDemand;
  table.deletion_protection = FlagAt(of, "DeletionProtectionEnabled");
  table.busy = ReadBusy(of);
  for (const json::value* index :
       ListAt(of, "GlobalSecondaryIndexes").value_or(std::vector<const json::value*>{}))
    table.indexes.push_back({.index = TextAt(*index, "IndexName").value_or(""),
                             .status = TextAt(*index, "IndexStatus").value_or(""),
                             .is_backfilling = FlagAt(*index, "Backfilling").value_or(false),
                             .provisioned = ReadProvisioned(*index),
                             .key = ReadKey(*index)});
  std::ranges::sort(table.indexes, {}, &Unit::index);
  return table;
}

std::string UnitText(std::string_view index) {
  return index.empty() ? "the table" : Cat("the index ", index);
}
std::string ResourceId(std::string_view table, std::string_view index) {
  return index.empty() ? Cat(kTable, table) : Cat(kTable, table, kIndex, index);
}

std::vector<ScalableTarget> ReadTargets(const json::value& group) {
  std::vector<ScalableTarget> targets;
  if (!group.is_array()) return targets;
  for (const json::value& one : group.get_array()) {
    const std::string dimension = TextAt(one, "ScalableDimension").value_or("");
    ScalableTarget target{.resource = TextAt(one, "ResourceId").value_or(""),
                          .min = WholeAt(one, "MinCapacity").value_or(0),
                          .max = WholeAt(one, "MaxCapacity").value_or(0)};
    if (dimension.ends_with(":WriteCapacityUnits"))
      target.dimension = Dimension::kWrite;
    else if (!dimension.ends_with(":ReadCapacityUnits"))
      continue;
    const size_t at = target.resource.find(kIndex);
    if (at != std::string::npos) target.index = target.resource.substr(at + kIndex.size());
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace holdfast::dynamodb
