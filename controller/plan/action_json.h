// Actions and leases as JSON, so that the journal can hold them and a later binary can read them.
#pragma once

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/plan/action.h"
#include "controller/plan/plan.h"

namespace holdfast {

json::value ToJson(const Action& action);
// InvalidArgument when a member is missing, of another type or unknown: a restore that is not understood
// whole must not be performed in part.
Result<Action> ActionFromJson(const json::value& value);

json::value ToJson(const Lease& lease);
Result<Lease> LeaseFromJson(const json::value& value);

}  // namespace holdfast
