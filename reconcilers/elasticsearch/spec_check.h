// Rules between fields of an ElasticsearchCluster.
#pragma once

#include "reconcilers/elasticsearch/spec.h"

namespace holdfast::elasticsearch {

void CheckSelector(const Selector& selector, const specs::Node& node, specs::Problems& problems);
void CheckExclusion(const Exclusion& exclusion, const specs::Node& node, specs::Problems& problems);
void CheckLimited(const AllocationLimited& limited, const specs::Node& node, specs::Problems& problems);
void CheckControl(const NodeControl& control, const specs::Node& node, specs::Problems& problems);
void CheckConfigFile(const ConfigFile& file, const specs::Node& node, specs::Problems& problems);
void CheckConfigChange(const ConfigChange& change, const specs::Node& node, specs::Problems& problems);
void CheckSpec(const Spec& spec, const specs::Node& node, specs::Problems& problems);

// What stands in braces in `text` and is none of a node's words; "" when all of it is known.
std::string UnknownPlaceholder(std::string_view text);

}  // namespace holdfast::elasticsearch
