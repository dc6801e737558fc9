// DynamoDB's reads, and everything that is not UpdateTable.
#include <algorithm>
#include <utility>

#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"
#include "examples/sandbox/aws/table_document.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kMostNames = 100;

json::object ThroughputDocument(const Provisioned& part, absl::Time now) {
  json::object out = {
      {"ReadCapacityUnits", part.throughput.read},
      {"WriteCapacityUnits", part.throughput.write},
      {"NumberOfDecreasesToday", part.decreases.Today(now)},
  };
  if (part.decreases.last_increase != absl::InfinitePast())
    out["LastIncreaseDateTime"] = Epoch(part.decreases.last_increase);
  if (part.decreases.last_decrease != absl::InfinitePast())
    out["LastDecreaseDateTime"] = Epoch(part.decreases.last_decrease);
  return out;
}

std::string ArnOf(const Ground& ground, const std::string& table) {
  return ground.Arn("dynamodb", Cat("table/", table));
}

// The table's name of an ARN or a name.
std::string NameOf(const std::string& text) {
  const size_t at = text.rfind("table/");
  return at == text.npos ? text : text.substr(at + 6);
}

}  // namespace

Fault NoTable(const std::string& name) {
  return {"ResourceNotFoundException", Cat("Requested resource not found: Table: ", name, " not found")};
}

json::object TableDocument(const Ground& ground, const Table& table, absl::Time now) {
  json::object out = {
      {"TableName", Word(table.name)},
      {"TableArn", Word(ArnOf(ground, table.name))},
      {"TableId", Word(table.id)},
      {"TableStatus", Word(StateName(table.is))},
      {"CreationDateTime", Epoch(table.created)},
      {"KeySchema", table.keys},
      {"AttributeDefinitions", table.attributes},
      {"ProvisionedThroughput", ThroughputDocument(table, now)},
      {"ItemCount", 0},
      {"TableSizeBytes", 0},
      {"DeletionProtectionEnabled", table.deletion_protection},
  };
  if (table.was_switched)
    out["BillingModeSummary"] = json::object{
        {"BillingMode", table.billing == Table::Billing::kOnDemand ? "PAY_PER_REQUEST" : "PROVISIONED"}};
  json::array indexes;
  for (const auto& [name, index] : table.indexes) {
    json::object one = {{"IndexName", Word(name)},
                        {"IndexStatus", Word(StateName(index.is))},
                        {"KeySchema", index.keys},
                        {"Projection", index.projection},
                        {"ProvisionedThroughput", ThroughputDocument(index, now)},
                        {"IndexArn", Word(Cat(ArnOf(ground, table.name), "/index/", name))}};
    if (index.is == TableIndex::Is::kCreating) one["Backfilling"] = false;
    if (index.is == TableIndex::Is::kBackfilling) one["Backfilling"] = true;
    indexes.push_back(std::move(one));
  }
  if (!indexes.empty()) out["GlobalSecondaryIndexes"] = std::move(indexes);
  return out;
}

Said ListTables(Call& call) {
  const int64_t limit = std::clamp<int64_t>(call.Whole("Limit", kMostNames), 1, kMostNames);
  json::array names;
  std::string token = PageOf(
      call.seen.tables.all, call.Text("ExclusiveStartTableName"), limit, [](const Table&) { return true; },
      [&](const Table& table) { names.push_back(Word(table.name)); });
  json::object out = {{"TableNames", std::move(names)}};
  if (!token.empty()) out["LastEvaluatedTableName"] = Word(token);
  return out;
}

Said DescribeTable(Call& call) {
  const std::string name = NameOf(call.Text("TableName"));
  const auto found = call.seen.tables.all.find(name);
  if (found == call.seen.tables.all.end()) return NoTable(name);
  return json::object{{"Table", TableDocument(call.seen, found->second, call.truth.now)}};
}

Said DescribeLimits(Call& call) {
  return json::object{{"AccountMaxReadCapacityUnits", 80'000},
                      {"AccountMaxWriteCapacityUnits", 80'000},
                      {"TableMaxReadCapacityUnits", call.seen.tables.most_of_table},
                      {"TableMaxWriteCapacityUnits", call.seen.tables.most_of_table}};
}

Said DescribeTimeToLive(Call& call) {
  const std::string name = NameOf(call.Text("TableName"));
  if (!call.seen.tables.all.contains(name)) return NoTable(name);
  return json::object{{"TimeToLiveDescription", json::object{{"TimeToLiveStatus", "DISABLED"}}}};
}

Said DescribeContinuousBackups(Call& call) {
  const std::string name = NameOf(call.Text("TableName"));
  if (!call.seen.tables.all.contains(name)) return NoTable(name);
  return json::object{{"ContinuousBackupsDescription", json::object{{"ContinuousBackupsStatus", "ENABLED"}}}};
}

Said ListTagsOfResource(Call& call) {
  const std::string name = NameOf(call.Text("ResourceArn"));
  const auto found = call.seen.tables.all.find(name);
  if (found == call.seen.tables.all.end()) return NoTable(name);
  return json::object{{"Tags", TagList(found->second.tags)}};
}

namespace {

Said ChangeTags(Call& call, const auto& change) {
  const std::string name = NameOf(call.Text("ResourceArn"));
  const auto found = call.truth.tables.all.find(name);
  if (found == call.truth.tables.all.end()) return NoTable(name);
  Table& table = found->second;
  const absl::Time now = call.truth.now;
  if (table.tags_locked_until > now)
    return Fault{
        "ResourceInUseException",
        Cat("Attempt to change a resource which is still in use: Table tags are being updated: ", name)};
  table.tags_locked_until = now + call.truth.tables.tags_take;
  change(table);
  return json::object();
}

}  // namespace

Said TagTable(Call& call) {
  return ChangeTags(call, [&](Table& table) {
    for (const auto& [key, value] : TagsIn(call.asked.parameters, "Tags")) table.tags[key] = value;
  });
}

Said UntagTable(Call& call) {
  return ChangeTags(call, [&](Table& table) {
    for (const std::string& key : call.Texts("TagKeys")) table.tags.erase(key);
  });
}

Said CreateTable(Call& call) {
  const std::string name = call.Text("TableName");
  Ground& ground = call.truth;
  if (ground.tables.all.contains(name))
    return Fault{"ResourceInUseException", Cat("Table already exists: ", name)};
  for (const char* member : {"AttributeDefinitions", "KeySchema"})
    if (!call.Has(member))
      return Fault{"ValidationException", Cat("1 validation error detected: Value null at '", member,
                                              "' failed to satisfy constraint: Member must not be null")};
  const bool is_on_demand = call.Text("BillingMode") == "PAY_PER_REQUEST";
  if (is_on_demand == call.Has("ProvisionedThroughput"))
    return Fault{"ValidationException",
                 "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must "
                 "both be specified when BillingMode is PROVISIONED, and only then"};
  Table table;
  table.name = name;
  table.id = ground.NewUuid();
  table.created = ground.now;
  table.is = Table::Is::kCreating;
  table.due = ground.now + ground.tables.create_takes;
  table.throughput = ThroughputIn(call.asked.parameters, "ProvisionedThroughput");
  table.keys = *At(call.asked.parameters, "KeySchema");
  table.attributes = *At(call.asked.parameters, "AttributeDefinitions");
  table.tags = TagsIn(call.asked.parameters, "Tags");
  table.deletion_protection = call.IsSet("DeletionProtectionEnabled");
  if (is_on_demand) {
    table.billing = Table::Billing::kOnDemand;
    table.was_switched = table.was_on_demand = true;
  }
  for (const json::value* one :
       ListAt(call.asked.parameters, "GlobalSecondaryIndexes").value_or(std::vector<const json::value*>())) {
    TableIndex index;
    index.throughput = ThroughputIn(*one, "ProvisionedThroughput");
    if (const json::value* keys = At(*one, "KeySchema")) index.keys = *keys;
    if (const json::value* projection = At(*one, "Projection")) index.projection = *projection;
    table.indexes[TextAt(*one, "IndexName").value_or("")] = std::move(index);
  }
  NotePiece(table, table, ground.now);
  const Table& made = ground.tables.all[name] = std::move(table);
  return json::object{{"TableDescription", TableDocument(ground, made, ground.now)}};
}

Said DeleteTable(Call& call) {
  const std::string name = NameOf(call.Text("TableName"));
  const auto found = call.truth.tables.all.find(name);
  if (found == call.truth.tables.all.end()) return NoTable(name);
  Table& table = found->second;
  if (table.deletion_protection)
    return Fault{"ValidationException",
                 "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
                 "protection first."};
  const bool is_quiet =
      table.is == Table::Is::kActive && std::ranges::all_of(table.indexes, [](const auto& entry) {
        return entry.second.is == TableIndex::Is::kActive;
      });
  if (!is_quiet) return InUse(table);
  table.is = Table::Is::kDeleting;
  table.due = call.truth.now + call.truth.tables.delete_takes;
  return json::object{{"TableDescription", TableDocument(call.truth, table, call.truth.now)}};
}

}  // namespace holdfast::sandbox::aws
