#include "reconcilers/dynamodb_table/actions.h"

#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "reconcilers/aws/tags.h"

namespace holdfast::dynamodb {
namespace {

Action Call(const Spec& want, std::string_view operation, json::object parameters,
            std::string_view service = "dynamodb") {
  return aws::CallOf(want.location, service, operation, Compact(json::value(std::move(parameters))));
}

json::object UnitsObject(int64_t read, int64_t write) {
  return {{"ReadCapacityUnits", read}, {"WriteCapacityUnits", write}};
}

json::object UnitsObjectOf(const Spec& want, const std::string& index) {
  const Units* read = DeclaredUnits(want, index, Dimension::kRead);
  const Units* write = DeclaredUnits(want, index, Dimension::kWrite);
  return UnitsObject(read ? read->least() : 1, write ? write->least() : 1);
}

json::array KeySchema(const Key& key) {
  json::array schema{json::object{{"AttributeName", key.partition.name}, {"KeyType", "HASH"}}};
  if (key.sort) schema.push_back(json::object{{"AttributeName", key.sort->name}, {"KeyType", "RANGE"}});
  return schema;
}

void AddAttributes(const Key& key, std::map<std::string, KeyPart::Type>& attributes) {
  attributes.emplace(key.partition.name, key.partition.type);
  if (key.sort) attributes.emplace(key.sort->name, key.sort->type);
}

json::array Attributes(const std::map<std::string, KeyPart::Type>& attributes) {
  json::array list;
  for (const auto& [name, type] : attributes)
    list.push_back(json::object{{"AttributeName", name}, {"AttributeType", JsonView(TypeText(type))}});
  return list;
}

json::object IndexObject(const Spec& want, const std::string& name, const Index& index, Billing billing) {
  const bool all = index.projection == Index::Projection::kAll;
  json::object object{{"IndexName", name},
                      {"KeySchema", KeySchema(*index.key)},
                      {"Projection", json::object{{"ProjectionType", all ? "ALL" : "KEYS_ONLY"}}}};
  if (billing == Billing::kProvisioned) object["ProvisionedThroughput"] = UnitsObjectOf(want, name);
  return object;
}

}  // namespace

Action SetCapacity(const Picture& p, const std::vector<Ruling>& changes) {
  const auto throughput = [&](const Unit& unit) {
    Provisioned wanted = unit.provisioned;
    for (const Ruling& change : changes)
      if (change.index == unit.index) wanted.Of(change.dimension) = change.want;
    return UnitsObject(wanted.read, wanted.write);
  };
  const auto is_changed = [&](const Unit& unit) {
    for (const Ruling& change : changes)
      if (change.index == unit.index) return true;
    return false;
  };
  json::object parameters{{"TableName", p.table.name}};
  if (is_changed(p.table.unit)) parameters["ProvisionedThroughput"] = throughput(p.table.unit);
  json::array updates;
  for (const Unit& index : p.table.indexes)
    if (is_changed(index))
      updates.push_back(json::object{{"Update", json::object{{"IndexName", index.index},
                                                             {"ProvisionedThroughput", throughput(index)}}}});
  if (!updates.empty()) parameters["GlobalSecondaryIndexUpdates"] = std::move(updates);
  return Call(p.want, "UpdateTable", std::move(parameters));
}

Action SetBilling(const Picture& p, Billing billing) {
  if (billing == Billing::kOnDemand)
    return Call(p.want, "UpdateTable", {{"TableName", p.table.name}, {"BillingMode", "PAY_PER_REQUEST"}});
  json::object parameters{{"TableName", p.table.name},
                          {"BillingMode", "PROVISIONED"},
                          {"ProvisionedThroughput", UnitsObjectOf(p.want, "")}};
  json::array updates;
  for (const Unit& index : p.table.indexes)
    updates.push_back(json::object{
        {"Update", json::object{{"IndexName", index.index},
                                {"ProvisionedThroughput", UnitsObjectOf(p.want, index.index)}}}});
  if (!updates.empty()) parameters["GlobalSecondaryIndexUpdates"] = std::move(updates);
  return Call(p.want, "UpdateTable", std::move(parameters));
}

Action SetProtection(const Picture& p) {
  return Call(p.want, "UpdateTable",
              {{"TableName", p.table.name}, {"DeletionProtectionEnabled", *p.want.deletion_protection}});
}

Action SetTags(const Picture& p, const std::map<std::string, std::string>& tags) {
  return Call(p.want, "TagResource", {{"ResourceArn", p.table.arn}, {"Tags", aws::TagList(tags)}});
}

Action SetBounds(const Picture& p, const ScalableTarget& target, int64_t min, int64_t max) {
  const std::string_view of = target.index.empty() ? "table" : "index";
  const std::string_view units =
      target.dimension == Dimension::kRead ? "ReadCapacityUnits" : "WriteCapacityUnits";
  return Call(p.want, "RegisterScalableTarget",
              {{"ServiceNamespace", "dynamodb"},
               {"ResourceId", target.resource},
               {"ScalableDimension", Cat("dynamodb:", of, ":", units)},
               {"MinCapacity", min},
               {"MaxCapacity", max}},
              "application-autoscaling");
}

Action CreateIndex(const Picture& p, const std::string& name, const Index& index) {
  std::map<std::string, KeyPart::Type> attributes;
  AddAttributes(*index.key, attributes);
  return Call(p.want, "UpdateTable",
              {{"TableName", p.table.name},
               {"AttributeDefinitions", Attributes(attributes)},
               {"GlobalSecondaryIndexUpdates",
                json::array{json::object{{"Create", IndexObject(p.want, name, index, p.table.billing)}}}}});
}

Action CreateTable(const Spec& want) {
  const Billing billing = want.billing.value_or(Billing::kProvisioned);
  std::map<std::string, KeyPart::Type> attributes;
  AddAttributes(*want.key, attributes);
  json::array indexes;
  for (const auto& [name, index] : want.indexes) {
    AddAttributes(*index.key, attributes);
    indexes.push_back(IndexObject(want, name, index, billing));
  }
  json::object parameters{
      {"TableName", TableName(want)},
      {"AttributeDefinitions", Attributes(attributes)},
      {"KeySchema", KeySchema(*want.key)},
      {"BillingMode", billing == Billing::kProvisioned ? "PROVISIONED" : "PAY_PER_REQUEST"}};
  if (billing == Billing::kProvisioned) parameters["ProvisionedThroughput"] = UnitsObjectOf(want, "");
  if (!indexes.empty()) parameters["GlobalSecondaryIndexes"] = std::move(indexes);
  if (!want.tags.empty()) parameters["Tags"] = aws::TagList(want.tags);
  if (want.deletion_protection) parameters["DeletionProtectionEnabled"] = *want.deletion_protection;
  return Call(want, "CreateTable", std::move(parameters));
}

Action DeleteTable(const Spec& want) { return Call(want, "DeleteTable", {{"TableName", TableName(want)}}); }

}  // namespace holdfast::dynamodb
