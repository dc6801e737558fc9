// The calls that change a table, as `aws` takes them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/plan/action.h"
#include "reconcilers/dynamodb_table/picture.h"
#include "reconcilers/dynamodb_table/ruling.h"

namespace holdfast::dynamodb {

// Both dimensions go in one call, the ones that do not change as they are; indexes with their table.
Action SetCapacity(const Picture& p, const std::vector<Ruling>& changes);
Action SetBilling(const Picture& p, Billing billing);
// As the spec says.
Action SetProtection(const Picture& p);
Action SetTags(const Picture& p, const std::map<std::string, std::string>& tags);
Action SetBounds(const Picture& p, const ScalableTarget& target, int64_t min, int64_t max);
Action CreateIndex(const Picture& p, const std::string& name, const Index& index);
Action CreateTable(const Spec& want);
Action DeleteTable(const Spec& want);

}  // namespace holdfast::dynamodb
