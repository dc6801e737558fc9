// The calls that stop and start the process of a node, as data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/action.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "reconcilers/elasticsearch/spec.h"

namespace holdfast::elasticsearch {

// Both return when it is done: a start may follow a stop at once. The node need not be in the cluster.
Action StopNode(const NodeControl& control, const NodeIdentity& node);
Action StartNode(const NodeControl& control, const NodeIdentity& node);

// Any other command on the host of the node, reached as the control says.
Command OnHost(const NodeControl& control, const NodeIdentity& node, std::vector<std::string> argv);
std::vector<std::string> Spoken(const NodeControl& control,
                                std::vector<std::string> argv);  // as whom it says

// `{name}`, `{ip}`, `{host}` and `{id}` replaced by the node's own.
std::string Expanded(std::string_view text, const NodeIdentity& node);

}  // namespace holdfast::elasticsearch
