// Rules between the fields of a DynamoDBTable.
#pragma once

#include "reconcilers/dynamodb_table/spec.h"
#include "specs/problem.h"

namespace holdfast::dynamodb {

void CheckRange(const Range& range, const specs::Node& node, specs::Problems& problems);
void CheckRaise(const Raise& raise, const specs::Node& node, specs::Problems& problems);
void CheckPlanned(const Planned& plan, const specs::Node& node, specs::Problems& problems);
void CheckSpec(const Spec& spec, const specs::Node& node, specs::Problems& problems);

}  // namespace holdfast::dynamodb
