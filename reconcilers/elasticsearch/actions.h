// The calls that stop and start the process of a node, as data.
#pragma once

#include <string>

#include "controller/plan/action.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "reconcilers/elasticsearch/spec.h"

namespace holdfast::elasticsearch {

// Both return when it is done: a start may follow a stop at once. The node need not be in the cluster.
Action StopNode(const NodeControl& control, const NodeIdentity& node);
Action StartNode(const NodeControl& control, const NodeIdentity& node);

// `{name}`, `{ip}`, `{host}` and `{id}` replaced by the node's own.
std::string Expanded(std::string_view text, const NodeIdentity& node);

}  // namespace holdfast::elasticsearch
