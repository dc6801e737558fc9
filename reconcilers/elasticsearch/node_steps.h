// The steps that take one node out of service and bring it back, as data; their order is decided elsewhere.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "reconcilers/elasticsearch/picture.h"

namespace holdfast::elasticsearch {

// How soon to look again while a node is on its way.
inline constexpr absl::Duration kCadence = absl::Seconds(1);

// The steps' keys: what was done to this run of the node.
std::string FlushKey(const NodeIdentity& node);
std::string FreezeKey(const NodeIdentity& node);
std::string StopKey(const NodeIdentity& node);
std::string StartKey(const NodeIdentity& node);
std::string NodeObject(const NodeIdentity& node);  // of its lease

// A step about one node; its guards are the common ones.
Step NodeStep(const Picture& p, const NodeIdentity& node, std::string verb, std::string key, Action action,
              std::string why);
Step FlushStep(const Picture& p, const NodeIdentity& node);
// The stopped node is mirrored before it is stopped: by the same request that switches allocation off. So is
// whatever else is going to be put aside `besides`.
Step FreezeStep(const Picture& p, const NodeIdentity& node, const std::string& why,
                const std::vector<Lease>& besides);
Step StopStep(const Picture& p, const NodeIdentity& node, const std::string& why);
Step ThawPrimariesStep(const Picture& p, const NodeIdentity& node);
Step StartStep(const Picture& p, const NodeIdentity& node, const Obligation& obligation);

}  // namespace holdfast::elasticsearch
