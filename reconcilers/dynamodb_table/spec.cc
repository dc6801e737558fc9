#include "reconcilers/dynamodb_table/spec.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "reconcilers/dynamodb_table/spec_check.h"
#include "specs/schema_writer.h"

namespace holdfast::dynamodb {
namespace {

using specs::FieldTable;

constexpr absl::Duration kMinute = absl::Minutes(1);

const FieldTable<OnThrottle>& OnThrottleFields() {
  static const FieldTable<OnThrottle> table =
      FieldTable<OnThrottle>("Requests were refused for want of capacity.")
          .Field("window", &OnThrottle::window, "How far back a refused request counts.",
                 {.min = kMinute, .max = absl::Hours(1)});
  return table;
}

const FieldTable<Raise>& RaiseFields() {
  static const FieldTable<Raise> table =
      FieldTable<Raise>("When and how far it is raised.")
          .Table("onThrottle", &Raise::on_throttle, OnThrottleFields,
                 "Requests were refused for want of capacity.")
          .Field("by", &Raise::by, "By how much, rounded up; 1 becomes 2, then 3, then 5 at 50%.",
                 {.required = true, .example = "50%"})
          .Field("cooldown", &Raise::cooldown, "How long after a raise the next one may come.",
                 {.min = kMinute, .max = absl::Hours(24)})
          .Field("onlyIfConsumedAbove", &Raise::only_if_consumed_above,
                 "Only while more than so much of the capacity was used: refusals below it are a hot key, "
                 "which capacity hardly helps.",
                 {.max = 100, .example = "80%"})
          .Check(CheckRaise);
  return table;
}

const FieldTable<Lower>& LowerFields() {
  static const FieldTable<Lower> table =
      FieldTable<Lower>("When it is lowered: to one and a half of the most that was used, never below `min`.")
          .Field("below", &Lower::below, "All the time less than so much of the capacity was used.",
                 {.required = true, .min = 1, .max = kMostBelow, .example = "30%"})
          .Field("for", &Lower::lasting, "For so long, without a gap in the data.",
                 {.required = true, .min = absl::Minutes(15), .max = absl::Hours(24), .example = "2h"});
  return table;
}

const FieldTable<Range>& RangeFields() {
  static const FieldTable<Range> table =
      FieldTable<Range>("Capacity units between two bounds; within them what is there is left.")
          .Named("CapacityRange")
          .Field("min", &Range::min, "Never less.", {.required = true, .min = 1, .max = kMostUnits})
          .Field("max", &Range::max, "Never raised beyond.", {.required = true, .min = 1, .max = kMostUnits})
          .Table("raise", &Range::raise, RaiseFields, "When and how far it is raised; left out: never.")
          .Table("lower", &Range::lower, LowerFields, "When it is lowered; left out: never.")
          .Enum("aboveMax", &Range::above_max, {{"hold", AboveMax::kHold}, {"lower", AboveMax::kLower}},
                "What is done when more than `max` is found: it is left and told (hold), or lowered to `max` "
                "when no more was used for an hour (lower).")
          .Check(CheckRange);
  return table;
}

template <class S>
void AddThroughput(FieldTable<S>& table) {
  table
      .Field("read", &Throughput::read, "Read capacity units: a number, or {min, max, …}.",
             {.example = "200"})
      .Field("write", &Throughput::write, "Write capacity units: a number, or {min, max, …}.",
             {.example = "{min: 50, max: 200}"});
}

const FieldTable<Planned>& PlannedFields() {
  static const FieldTable<Planned> table =
      FieldTable<Planned>("Capacity for a time that is known beforehand.")
          .Named("PlannedCapacity")
          .Field("from", &Planned::from, "When it must be there.",
                 {.required = true, .example = "2026-12-01T19:00:00Z"})
          .Field("until", &Planned::until,
                 "When it is given back: what the table had before is what it has again.",
                 {.required = true, .example = "2026-12-02T02:00:00Z"})
          .Field("reason", &Planned::reason, "Why, for those who find it.",
                 {.required = true, .max_length = 500, .example = "debate night"})
          .Field("ahead", &Planned::ahead, "How long before `from` it is asked for.",
                 {.min = kMinute, .max = absl::Hours(24)})
          .Field("read", &Planned::read, "At least so many read capacity units.",
                 {.min = 1, .max = kMostUnits, .example = "800"})
          .Field("write", &Planned::write, "At least so many write capacity units.",
                 {.min = 1, .max = kMostUnits, .example = "400"})
          .AtLeastOneOf({"read", "write"})
          .Check(CheckPlanned);
  return table;
}

const FieldTable<Capacity>& CapacityFields() {
  static const FieldTable<Capacity> table = [] {
    FieldTable<Capacity> t("The table's capacity; what is left out is not holdfast's.");
    AddThroughput(t);
    t.Field("raiseTogether", &Capacity::raise_together,
            "When one is raised for refused requests, the other is, too, in the same call.")
        .List("planned", &Capacity::planned, PlannedFields,
              "More for a time that is known beforehand, also beyond a range's `max`.",
              {.max_items = kMostPlans})
        .AtLeastOneOf({"read", "write"});
    return t;
  }();
  return table;
}

const FieldTable<KeyPart>& KeyPartFields() {
  static const FieldTable<KeyPart> table = FieldTable<KeyPart>("An attribute that is part of a key.")
                                               .Field("name", &KeyPart::name, "The attribute.",
                                                      {.required = true, .max_length = 255, .example = "id"})
                                               .Enum("type", &KeyPart::type,
                                                     {{"string", KeyPart::Type::kString},
                                                      {"number", KeyPart::Type::kNumber},
                                                      {"binary", KeyPart::Type::kBinary}},
                                                     "Of what type it is.");
  return table;
}

const FieldTable<Key>& KeyFields() {
  static const FieldTable<Key> table =
      FieldTable<Key>("What items are found by.")
          .Table("partition", &Key::partition, KeyPartFields, "Spreads the items.", {.required = true})
          .Table("sort", &Key::sort, KeyPartFields, "Orders those of one partition.");
  return table;
}

const FieldTable<Index>& IndexFields() {
  static const FieldTable<Index> table = [] {
    FieldTable<Index> t("A global secondary index.");
    t.Named("TableIndex");
    AddThroughput(t);
    t.Table("key", &Index::key, KeyFields,
            "Its key: needed to create it. An index that is there is never made anew.")
        .Enum("projection", &Index::projection,
              {{"all", Index::Projection::kAll}, {"keysOnly", Index::Projection::kKeysOnly}},
              "What of an item is in it, when it is created.");
    return t;
  }();
  return table;
}

const FieldTable<TableFrom>& TableFromFields() {
  static const FieldTable<TableFrom> table =
      FieldTable<TableFrom>("The table of a Datomic database: ENV-PROTOTYPE-SERVICE-datomic.")
          .Field("env", &TableFrom::env, "The environment.", {.required = true, .example = "prod"})
          .Field("prototype", &TableFrom::prototype, "The shard; most tables of the first have none.",
                 {.example = "s3"})
          .Field("service", &TableFrom::service, "The service.", {.required = true, .example = "analytics"});
  return table;
}

// A number or a mapping.
class UnitsShape final : public specs::Shape {
 public:
  void Decode(const specs::Node& node, void* value, const specs::Row& row,
              specs::Decoding& decoding) const override {
    auto& units = *static_cast<Units*>(value);
    if (node.IsMap()) return range().Decode(node, &units.value.emplace<Range>(), row, decoding);
    number().shape->Decode(node, &units.value.emplace<int64_t>(), number(), decoding);
  }
  void Encode(const void* value, std::string& out) const override {
    const auto& units = *static_cast<const Units*>(value);
    if (units.range() != nullptr) return range().Encode(units.range(), out);
    number().shape->Encode(&std::get<int64_t>(units.value), out);
  }
  json::object Schema(const specs::Row& row, specs::SchemaWriter& writer) const override {
    return {{"anyOf", json::array{specs::RowSchema(number(), writer), range().Schema(row, writer)}}};
  }
  std::string TypeText(const specs::Row& row) const override {
    return Cat("whole number | ", range().TypeText(row));
  }
  const specs::SpecSchema* table() const override { return &RangeFields(); }

 private:
  static const specs::Row& number() {
    static const specs::Row row{.shape = specs::Unowned(specs::ShapeOf<int64_t>::Get()),
                                .options = {.min = 1, .max = kMostUnits}};
    return row;
  }
  static const Shape& range() {
    static const specs::ShapePtr shape = specs::TableOf(RangeFields());
    return *shape;
  }
};

}  // namespace

const FieldTable<Spec>& SpecFields() {
  static const FieldTable<Spec> table = [] {
    FieldTable<Spec> t("A table of DynamoDB.");
    t.Named("DynamoDBTable")
        .Inline(&Spec::location, aws::LocationFields)
        .Field("table", &Spec::table, "The table's name.",
               {.pattern = "[a-zA-Z0-9_.-]{3,255}",
                .pattern_says = "letters, digits, `_`, `.` and `-`",
                .example = "prod-s3-analytics-datomic"})
        .Table("tableFrom", &Spec::table_from, TableFromFields, "The name of a Datomic table by its parts.")
        .Table("capacity", &Spec::capacity, CapacityFields, "The table's capacity; left out: not holdfast's.")
        .Table("indexes", &Spec::indexes, IndexFields, "Global secondary indexes by name.",
               {.max_items = kMostIndexes, .example = "{by-user: {read: 20, write: 50}}"})
        .Enum("billingMode", &Spec::billing,
              {{"provisioned", Billing::kProvisioned}, {"onDemand", Billing::kOnDemand}},
              "Whether capacity is provisioned or paid by the request; left out: not holdfast's.")
        .Field("tags", &Spec::tags, "Tags that it must have; others are left alone.",
               {.max_items = 50, .example = "{team: data-infra}"})
        .Field("deletionProtection", &Spec::deletion_protection, "Whether it is protected from deletion.")
        .Enum("autoScaling", &Spec::auto_scaling, {{"hold", Scaling::kHold}, {"adjust", Scaling::kAdjust}},
              "Where Application Auto Scaling decides of a capacity that is named here: nothing is done and "
              "that is told (hold), or its bounds are set to ours and the rest is left to it (adjust).")
        .Table("key", &Spec::key, KeyFields, "The table's key: needed to create it.")
        .ExactlyOneOf({"table", "tableFrom"})
        .Check(CheckSpec);
    return t;
  }();
  return table;
}

std::string_view TypeText(KeyPart::Type type) {
  constexpr std::string_view kTypes[] = {"S", "N", "B"};
  return kTypes[static_cast<size_t>(type)];
}
std::string_view BillingText(Billing billing) {
  return billing == Billing::kProvisioned ? "provisioned" : "onDemand";
}

std::string TableName(const Spec& spec) {
  if (!spec.table_from) return spec.table;
  const TableFrom& from = *spec.table_from;
  return Cat(from.env, from.prototype ? Cat("-", *from.prototype) : "", "-", from.service, "-datomic");
}

const Units* DeclaredUnits(const Spec& spec, std::string_view index, Dimension dimension) {
  const Throughput* throughput = nullptr;
  if (index.empty()) {
    if (spec.capacity) throughput = &*spec.capacity;
  } else if (const auto found = spec.indexes.find(std::string(index)); found != spec.indexes.end()) {
    throughput = &found->second;
  }
  if (throughput == nullptr || !throughput->Of(dimension)) return nullptr;
  return &*throughput->Of(dimension);
}

}  // namespace holdfast::dynamodb

const holdfast::specs::Shape& holdfast::specs::ShapeOf<holdfast::dynamodb::Units>::Get() {
  static const holdfast::dynamodb::UnitsShape shape;
  return shape;
}
