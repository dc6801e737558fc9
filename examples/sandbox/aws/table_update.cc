// UpdateTable: one change at a time, within its budgets, in force after a while.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"
#include "examples/sandbox/aws/table_document.h"

namespace holdfast::sandbox::aws {

Throughput ThroughputIn(const json::value& of, std::string_view member) {
  return {WholeAt(of, Cat(member, ".ReadCapacityUnits")).value_or(0),
          WholeAt(of, Cat(member, ".WriteCapacityUnits")).value_or(0)};
}

Fault InUse(const Table& table) {
  std::string_view what = "Table is being updated";
  if (table.is == Table::Is::kCreating) what = "Table is being created";
  if (table.is == Table::Is::kDeleting) what = "Table is being deleted";
  for (const auto& [name, index] : table.indexes)
    if (table.is == Table::Is::kActive && index.is != TableIndex::Is::kActive)
      what = "One or more indexes are not active";
  return {"ResourceInUseException",
          Cat("Attempt to change a resource which is still in use: ", what, ": ", table.name)};
}

namespace {

using Billing = Table::Billing;

Fault Invalid(std::string message) { return {"ValidationException", std::move(message)}; }
Fault Exceeded(std::string message) { return {"LimitExceededException", std::move(message)}; }

std::string MomentText(absl::Time time) {
  return absl::FormatTime("%A, %B %d, %Y at %H:%M:%S UTC", time, absl::UTCTimeZone());
}

// What an update asks for, taken apart.
struct Update {
  std::optional<Throughput> throughput;
  std::optional<Billing> billing;
  std::optional<bool> protection;
  std::map<std::string, Throughput> index_throughput;
  std::optional<TableIndex> create;
  std::string created, dropped;
};

std::optional<Fault> ReadThroughput(const json::value& of, std::string_view where, Throughput& out) {
  for (const char* unit : {"ReadCapacityUnits", "WriteCapacityUnits"}) {
    const auto units = WholeAt(of, Cat("ProvisionedThroughput.", unit));
    if (!units)
      return Invalid(Cat("1 validation error detected: Value null at '", where, ".", unit,
                         "' failed to satisfy constraint: Member must not be null"));
    if (*units < 1)
      return Invalid(
          Cat("1 validation error detected: Value '", *units, "' at '", where, ".", unit,
              "' failed to satisfy constraint: Member must have value greater than or equal to 1"));
  }
  out = ThroughputIn(of, "ProvisionedThroughput");
  return std::nullopt;
}

std::optional<Fault> ReadIndexUpdate(const json::value& one, Update& update) {
  if (const json::value* change = At(one, "Update")) {
    Throughput wanted;
    if (auto fault = ReadThroughput(*change, "globalSecondaryIndexUpdates", wanted)) return fault;
    update.index_throughput[TextAt(*change, "IndexName").value_or("")] = wanted;
    return std::nullopt;
  }
  if (!update.created.empty() || !update.dropped.empty())
    return Exceeded(
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
  if (const json::value* create = At(one, "Create")) {
    TableIndex index;
    index.throughput = ThroughputIn(*create, "ProvisionedThroughput");
    if (const json::value* keys = At(*create, "KeySchema")) index.keys = *keys;
    if (const json::value* projection = At(*create, "Projection")) index.projection = *projection;
    update.created = TextAt(*create, "IndexName").value_or("");
    update.create = std::move(index);
  } else if (At(one, "Delete") != nullptr) {
    update.dropped = TextAt(one, "Delete.IndexName").value_or("");
  }
  return std::nullopt;
}

std::optional<Fault> Read(const json::value& parameters, Update& update) {
  if (At(parameters, "ProvisionedThroughput") != nullptr)
    if (auto fault = ReadThroughput(parameters, "provisionedThroughput", update.throughput.emplace()))
      return fault;
  if (const auto mode = TextAt(parameters, "BillingMode"))
    update.billing = *mode == "PAY_PER_REQUEST" ? Billing::kOnDemand : Billing::kProvisioned;
  update.protection = FlagAt(parameters, "DeletionProtectionEnabled");
  for (const json::value* one :
       ListAt(parameters, "GlobalSecondaryIndexUpdates").value_or(std::vector<const json::value*>()))
    if (auto fault = ReadIndexUpdate(*one, update)) return fault;
  const int changes = (update.throughput || update.billing || !update.index_throughput.empty() ? 1 : 0) +
                      (update.protection ? 1 : 0) +
                      (update.created.empty() && update.dropped.empty() ? 0 : 1);
  if (changes == 0) return Invalid("At least one of the parameters of the update must be specified");
  if (changes > 1) return Invalid("Only one kind of change can be made in one UpdateTable call");
  return std::nullopt;
}

std::optional<Fault> RefuseByState(const Table& table, const Update& update) {
  if (table.is != Table::Is::kActive) return InUse(table);
  const bool is_only_throughput = update.throughput && !update.billing && update.index_throughput.empty();
  for (const auto& [name, index] : table.indexes) {
    if (index.is == TableIndex::Is::kActive) continue;
    const bool is_backfill = index.is == TableIndex::Is::kBackfilling;
    if (is_backfill && (is_only_throughput || update.dropped == name || update.protection)) continue;
    if (!update.created.empty() || !update.dropped.empty())
      return Exceeded(
          "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per "
          "table");
    return InUse(table);
  }
  return std::nullopt;
}

std::optional<Fault> RefuseThroughput(const Provisioned& part, const Throughput& wanted,
                                      const std::string& what, int64_t most, absl::Time now) {
  if (wanted == part.throughput)
    return Invalid(Cat("The provisioned throughput for the ", what,
                       " will not change. The requested value equals the current value. Current "
                       "ReadCapacityUnits provisioned for the ",
                       what, ": ", wanted.read, ". Requested ReadCapacityUnits: ", wanted.read,
                       ". Current WriteCapacityUnits provisioned for the ", what, ": ", wanted.write,
                       ". Requested WriteCapacityUnits: ", wanted.write,
                       ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request "
                       "higher limits."));
  if (wanted.read > most || wanted.write > most)
    return Exceeded("Subscriber limit exceeded: Provisioned throughput limits of a table were exceeded");
  const bool is_less = wanted.read < part.throughput.read || wanted.write < part.throughput.write;
  const absl::Time next = part.decreases.Next(now);
  if (!is_less || next <= now) return std::nullopt;
  return Exceeded(Cat(
      "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. "
      "After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at most "
      "once every 3600 seconds. Number of decreases today: ",
      part.decreases.Today(now), ". Last decrease at ", MomentText(part.decreases.last_decrease),
      ". Next decrease can be made at ", MomentText(next)));
}

std::optional<Fault> RefuseBilling(const Table& table, const Update& update, absl::Time now) {
  if (update.billing == Billing::kProvisioned && table.billing == Billing::kOnDemand) {
    if (!update.throughput)
      return Invalid("One or more parameter values were invalid: ProvisionedThroughput must be specified");
    for (const auto& [name, index] : table.indexes)
      if (!update.index_throughput.contains(name))
        return Invalid(
            Cat("One or more parameter values were invalid: ProvisionedThroughput must be specified "
                "for index: ",
                name));
    return std::nullopt;
  }
  const bool is_on_demand = update.billing.value_or(table.billing) == Billing::kOnDemand;
  if (is_on_demand && (update.throughput || !update.index_throughput.empty()))
    return Invalid(
        "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be "
        "specified when BillingMode is PAY_PER_REQUEST");
  if (update.billing == Billing::kOnDemand && table.billing == Billing::kProvisioned) {
    const auto lately = std::ranges::count_if(table.switched_to_on_demand,
                                              [&](absl::Time at) { return at > now - absl::Hours(24); });
    if (lately >= Tables::kMostSwitchesADay)
      return Exceeded(
          "Subscriber limit exceeded: Update to PayPerRequest mode are limited to 4 times in a 24 hour "
          "window");
  }
  return std::nullopt;
}

std::optional<Fault> RefuseCapacity(const Ground& ground, const Table& table, const Update& update) {
  if (auto fault = RefuseBilling(table, update, ground.now)) return fault;
  const bool is_switch = update.billing && *update.billing != table.billing;
  if (is_switch) return std::nullopt;
  const int64_t most = ground.tables.most_of_table;
  if (update.throughput)
    if (auto fault = RefuseThroughput(table, *update.throughput, "table", most, ground.now)) return fault;
  for (const auto& [name, wanted] : update.index_throughput) {
    const auto index = table.indexes.find(name);
    if (index == table.indexes.end())
      return Fault{"ResourceNotFoundException", Cat("Requested resource not found: Index: ", name)};
    if (auto fault = RefuseThroughput(index->second, wanted, Cat("index ", name), most, ground.now))
      return fault;
  }
  if (!update.dropped.empty() && !table.indexes.contains(update.dropped))
    return Fault{"ResourceNotFoundException", Cat("Requested resource not found: Index: ", update.dropped)};
  return std::nullopt;
}

void Switch(Ground& ground, Table& table, const Update& update) {
  const Tables& tables = ground.tables;
  table.billing_coming = update.billing;
  table.was_switched = true;
  table.is = Table::Is::kUpdating;
  if (*update.billing == Billing::kProvisioned) {
    table.billing = Billing::kProvisioned;
    table.due = ground.now + tables.to_provisioned_takes;
    return;
  }
  table.switched_to_on_demand.push_back(ground.now);
  table.due = ground.now + (table.was_on_demand ? tables.back_to_on_demand_takes : tables.to_on_demand_takes);
}

void Apply(Ground& ground, Table& table, const Update& update) {
  const absl::Time now = ground.now, done = now + ground.tables.throughput_takes;
  const bool is_switch = update.billing && *update.billing != table.billing;
  if (is_switch) Switch(ground, table, update);
  const auto begin = [&](Provisioned& part, const Throughput& wanted) {
    if (!is_switch) part.decreases.Note(part.throughput, wanted, now);
    part.coming = wanted;
    if (is_switch) return;
    table.is = Table::Is::kUpdating;
    table.due = done;
  };
  if (update.throughput) begin(table, *update.throughput);
  for (const auto& [name, wanted] : update.index_throughput) {
    TableIndex& index = table.indexes.at(name);
    begin(index, wanted);
    index.is = TableIndex::Is::kUpdating;
    index.due = table.due;
  }
  if (update.protection) table.deletion_protection = *update.protection;
  if (update.create) {
    TableIndex& index = table.indexes[update.created] = *update.create;
    index.is = TableIndex::Is::kCreating;
    index.due = table.due = now + ground.tables.index_allocation_takes;
    table.is = Table::Is::kUpdating;
  }
  if (update.dropped.empty()) return;
  TableIndex& index = table.indexes.at(update.dropped);
  index.is = TableIndex::Is::kDeleting;
  index.due = table.due = now + ground.tables.index_delete_takes;
  table.is = Table::Is::kUpdating;
}

}  // namespace

Said UpdateTable(Call& call) {
  Ground& ground = call.truth;
  const std::string name = call.Text("TableName");
  const auto found = ground.tables.all.find(name);
  if (found == ground.tables.all.end()) return NoTable(name);
  Table& table = found->second;
  Update update;
  if (auto fault = Read(call.asked.parameters, update)) return *fault;
  const auto told = [&](std::string_view state) {
    json::object document = TableDocument(ground, table, ground.now);
    document["TableStatus"] = Word(state);
    return json::object{{"TableDescription", std::move(document)}};
  };
  // Whoever asks for what is there already, or for the way back while it is under way, is told a tale.
  const bool is_to_on_demand =
      update.billing == Billing::kOnDemand && !update.throughput && update.index_throughput.empty();
  if (is_to_on_demand && (table.billing == Billing::kOnDemand ||
                          (table.billing_coming == Billing::kProvisioned && table.is != Table::Is::kActive)))
    return told("UPDATING");
  if (auto fault = RefuseByState(table, update)) return *fault;
  if (auto fault = RefuseCapacity(ground, table, update)) return *fault;
  const json::object before = TableDocument(ground, table, ground.now);
  Apply(ground, table, update);
  json::object document = before;  // the old values, whatever was asked
  document["TableStatus"] = Word(StateName(table.is));
  return json::object{{"TableDescription", std::move(document)}};
}

}  // namespace holdfast::sandbox::aws
