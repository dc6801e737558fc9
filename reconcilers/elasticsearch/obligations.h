// What is put aside in a cluster for a while, as the journal and the cluster itself remember it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/kind/frame.h"
#include "controller/plan/plan.h"
#include "reconcilers/elasticsearch/recovered.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// An object is named "allocation.enable", "exclude:_ip:127.0.0.13", "node:NAME", "voting:NAME" or
// "file:NAME:/PATH".
inline constexpr std::string_view kEnableObject = "allocation.enable";
inline constexpr std::string_view kExcludeObject = "exclude:";
inline constexpr std::string_view kNodeObject = "node:";
inline constexpr std::string_view kVotingObject = "voting:";
inline constexpr std::string_view kFileObject = "file:";

// One open obligation. The journal's word goes before the cluster's.
struct Obligation {
  std::string object;
  std::string before;  // the value found; of a node its identity, see NodeIdentity
  std::string wrote;
  std::string why;
  std::string mirror_key;  // full key in the cluster's settings, "" = it is not there
  enum class Known : uint8_t { kJournal, kMirrorOnly } known = Known::kJournal;
};

// Every cluster setting under which something of ours is mirrored.
std::string MirrorKeyOf(std::string_view object);
std::string MirrorText(const Lease& lease);

// From the open leases and the mirror in `settings`; sorted by object. A mirror that cannot be read is left
// out and told in `broken` by its key.
std::vector<Obligation> ObligationsOf(const Past& past, const Settings& settings,
                                      std::vector<std::string>* broken);

// Whether the cluster keeps `cluster.metadata.*`.
bool KeepsMirror(const View& view);

// Who a node was when it was taken out of service, so that whoever comes back can be compared with it.
struct NodeIdentity : Identity {
  std::string host, incarnation;
};
NodeIdentity Remember(const Node& node);
std::string IdentityText(const NodeIdentity& identity);  // JSON
NodeIdentity ParseIdentity(std::string_view text);       // empty fields where it cannot be read

// How allocation was before it was limited, and for which run of which node ("" = for none).
struct EnableBefore {
  std::string effective = "all";
  std::string persistent;  // "" = the key was not set
  std::string node_id, node_name, incarnation;
};
std::string EnableBeforeText(const EnableBefore& before);
EnableBefore ParseEnableBefore(std::string_view text);

}  // namespace holdfast::elasticsearch
