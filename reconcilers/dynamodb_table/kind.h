// The kind DynamoDBTable: capacity that follows what is refused, within bounds and budgets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "controller/kind/permission.h"
#include "reconcilers/dynamodb_table/observe.h"
#include "reconcilers/dynamodb_table/spec.h"
#include "reconcilers/dynamodb_table/state.h"

namespace holdfast {

struct DynamoDBTable {
  using Spec = dynamodb::Spec;
  using State = dynamodb::State;
  // Nothing is proven by repetition: what was used, and for how long, is told by CloudWatch, and when it was
  // raised by the table and the journal. All of it counts only from the table's creation on.
  using Trail = NoTrail;
  using Operation = NoOperation;

  static constexpr std::string_view kName = "DynamoDBTable";
  static constexpr std::string_view kSummary =
      "Keeps a table's capacity within bounds, raises it when requests are refused, and lowers it within the "
      "day's budget.";

  static const specs::FieldTable<Spec>& Fields() { return dynamodb::SpecFields(); }
  static std::vector<specs::OperationVerb> OperationFields() { return {}; }
  static std::vector<std::string> Claims(const Spec& spec);
  static std::vector<Permission> Permissions(const Spec& spec);
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look look) {
    return dynamodb::LookAtTable(systems, std::move(want), std::move(look));
  }
  static Trail Fold(Trail trail, const Fact<State>&) { return trail; }
  static Plan Decide(const View<DynamoDBTable>& view);
};

}  // namespace holdfast
