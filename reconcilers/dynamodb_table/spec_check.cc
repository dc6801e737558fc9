#include "reconcilers/dynamodb_table/spec_check.h"

#include <string>
#include <string_view>

#include "controller/base/text.h"

namespace holdfast::dynamodb {
namespace {

using specs::ProblemCode;
using specs::Problems;

void CheckName(const Spec& spec, const specs::Node& node, Problems& problems) {
  constexpr size_t kLeast = 3, kMost = 255;
  const std::string name = TableName(spec);
  if (name.size() >= kLeast && name.size() <= kMost) return;
  problems
      .Error(ProblemCode::kRule, node.SpanAt(spec.table_from ? "tableFrom" : "table"),
             Cat("`", Excerpt(name, 60), "` is no name of a table"))
      .Help("a table's name has 3 to 255 characters");
}

void CheckOnDemand(const Spec& spec, const specs::Node& node, Problems& problems) {
  if (spec.billing != Billing::kOnDemand) return;
  const auto refuse = [&](specs::Span span) {
    problems.Error(ProblemCode::kRule, span, "a table on demand has no capacity")
        .Help("leave it out, or write `billingMode: provisioned`");
  };
  if (spec.capacity) refuse(node.SpanAt("capacity"));
  for (const auto& [name, index] : spec.indexes)
    if (index.read || index.write) refuse(node.Find("indexes").SpanAt(name));
}

// An index that takes writes slower than its table holds the table's writes up.
void CheckNarrowIndexes(const Spec& spec, const specs::Node& node, Problems& problems) {
  if (!spec.capacity || !spec.capacity->write) return;
  for (const auto& [name, index] : spec.indexes)
    if (index.write && index.write->most() < spec.capacity->write->least())
      problems
          .Warning(
              ProblemCode::kRule, node.Find("indexes").SpanAt(name),
              Cat("`", name, "` may take ", index.write->most(), " writes a second at most, and its table ",
                  spec.capacity->write->least(), " at least"))
          .Help("an index that is full holds its table's writes up; that is well if few items are in it");
}

void CheckPlan(const Spec& spec, const Planned& plan, const specs::Node& at, Problems& problems) {
  for (const Dimension dimension : kDimensions) {
    const std::string name(DimensionText(dimension));
    if (!plan.Of(dimension) || spec.capacity->Of(dimension)) continue;
    problems
        .Error(ProblemCode::kRule, at.SpanAt(name),
               Cat("`", name, "` is planned, and `capacity` does not name it"))
        .Help(Cat("write `", name, "`, a number or {min, max}, beside `planned`"));
  }
  for (const auto& [index, throughput] : spec.indexes)
    if (plan.write && throughput.write && throughput.write->most() < *plan.write)
      problems
          .Warning(ProblemCode::kRule, at.SpanAt("write"),
                   Cat("`", index, "` takes ", throughput.write->most(), " writes a second at most"))
          .Help("an index that is full holds its table's writes up; that is well if few items are in it");
}

void CheckPlans(const Spec& spec, const specs::Node& node, Problems& problems) {
  if (!spec.capacity) return;
  auto plan = spec.capacity->planned.begin();
  for (const specs::Node& at : node.Find("capacity").Find("planned")) {
    if (plan == spec.capacity->planned.end()) return;
    CheckPlan(spec, *plan++, at, problems);
  }
}

void CheckKeys(const Spec& spec, const specs::Node& node, Problems& problems) {
  std::map<std::string, KeyPart::Type> types;
  const auto add = [&](const Key& key, specs::Span span) {
    for (const KeyPart* part : {&key.partition, key.sort ? &*key.sort : nullptr}) {
      if (part == nullptr || types.try_emplace(part->name, part->type).first->second == part->type) continue;
      problems.Error(ProblemCode::kRule, span, Cat("`", part->name, "` is of two types"))
          .Help("an attribute that is in several keys is of one type");
    }
    if (key.sort && key.sort->name == key.partition.name)
      problems.Error(ProblemCode::kRule, span, Cat("`", key.sort->name, "` is both parts of a key"))
          .Help("leave `sort` out, or name another attribute");
  };
  if (spec.key) add(*spec.key, node.SpanAt("key"));
  for (const auto& [name, index] : spec.indexes)
    if (index.key) add(*index.key, node.Find("indexes").SpanAt(name));
}

}  // namespace

void CheckRange(const Range& range, const specs::Node& node, Problems& problems) {
  if (range.min <= range.max) return;
  problems
      .Error(ProblemCode::kRule, node.SpanAt("min"), Cat("`min` ", range.min, " is above `max` ", range.max))
      .Help("exchange them");
}

void CheckRaise(const Raise& raise, const specs::Node& node, Problems& problems) {
  if (raise.by.RoundedUp(1000) > 0) return;
  problems.Error(ProblemCode::kRule, node.SpanAt("by"), "this raises nothing").Help("such as 50%, or 100");
}

void CheckPlanned(const Planned& plan, const specs::Node& node, Problems& problems) {
  if (plan.from < plan.until) return;
  problems.Error(ProblemCode::kRule, node.SpanAt("until"), "it ends before it begins")
      .Help("exchange `from` and `until`");
}

void CheckSpec(const Spec& spec, const specs::Node& node, Problems& problems) {
  CheckName(spec, node, problems);
  CheckOnDemand(spec, node, problems);
  CheckNarrowIndexes(spec, node, problems);
  CheckPlans(spec, node, problems);
  CheckKeys(spec, node, problems);
}

}  // namespace holdfast::dynamodb
