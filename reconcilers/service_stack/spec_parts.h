// The parts of a ServiceStack's field table: probes, controls, and the rules between fields.
#pragma once

#include <vector>

#include "reconcilers/service_stack/spec.h"
#include "specs/field_table.h"

namespace holdfast::stack {

std::vector<specs::Alternative> ProbeAlternatives();

// Rules that look at more than one field.
void CheckService(const Service& service, const specs::Node& node, specs::Problems& problems);
void CheckSpec(const Spec& spec, const specs::Node& node, specs::Problems& problems,
               const specs::DecodeContext& context);

}  // namespace holdfast::stack
