#include "reconcilers/elasticsearch/read_nodes.h"

#include <algorithm>
#include <utility>

#include "reconcilers/elasticsearch/read_words.h"

namespace holdfast::elasticsearch {

enum NodesReader::Place : int {
  kDocument = kRoot,
  kCounts,
  kFailed,
  kFailures,
  kFailure,
  kFailureReason,
  kNodes,
  kNode,
  kHost,
  kIp,
  kTransportAddress,
  kVersion,
  kRole,
  kTimestamp,
  kJvm,
  kUptime,
  kStarted,
  kFs,
  kFsTotal,
  kDiskTotal,
  kDiskAvailable,
  kTransport,
  kTransportPublish,
  kSettings,
};

namespace {

bool IsFalse(const std::map<std::string, std::string>& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found != settings.end() && found->second == "false";
}
bool IsTrue(const std::map<std::string, std::string>& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found != settings.end() && found->second == "true";
}

// Up to 2.x a node is everything that its file does not deny.
std::vector<std::string> RolesOfSettings(const std::map<std::string, std::string>& settings) {
  if (IsTrue(settings, "node.client")) return {};
  std::vector<std::string> roles;
  if (!IsFalse(settings, "node.data")) roles.emplace_back("data");
  if (!IsFalse(settings, "node.master")) roles.emplace_back("master");
  return roles;
}

}  // namespace

void NodesReader::Begin() { *this = NodesReader(); }

int NodesReader::NodeKey(std::string_view key) {
  if (key == "host") return kHost;
  if (key == "ip") return kIp;
  if (key == "transport_address") return kTransportAddress;
  if (key == "version") return kVersion;
  if (key == "roles") return kRole;
  if (key == "timestamp") return kTimestamp;
  if (key == "jvm") return kJvm;
  if (key == "fs") return kFs;
  if (key == "transport") return kTransport;
  if (key != "settings") return kSkip;
  flat_.Clear();
  return kSettings;
}

int NodesReader::Key(int place, std::string_view key) {
  switch (place) {
    case kDocument:
      if (key == "_nodes") return kCounts;
      return key == "nodes" ? kNodes : kSkip;
    case kCounts:
      if (key == "failures") return kFailures;
      return key == "failed" ? kFailed : kSkip;
    case kFailure:
      return key == "reason" ? kFailureReason : kSkip;
    case kNodes:
      nodes.emplace_back();
      nodes.back().id = key;
      return kNode;
    case kNode:
      return NodeKey(key);
    case kJvm:
      if (key == "start_time_in_millis") return kStarted;
      return key == "uptime_in_millis" ? kUptime : kSkip;
    case kFs:
      return key == "total" ? kFsTotal : kSkip;
    case kFsTotal:
      if (key == "total_in_bytes") return kDiskTotal;
      return key == "available_in_bytes" ? kDiskAvailable : kSkip;
    case kTransport:
      return key == "publish_address" ? kTransportPublish : kSkip;
    case kSettings:
      flat_.Key(key);
      return flat_.in_list() ? kSkip : kSettings;
    default:
      return kSkip;
  }
}

int NodesReader::Element(int place) {
  if (place == kSettings) flat_.OpenList();
  if (place == kSettings || place == kRole) return place;
  return place == kFailures ? static_cast<int>(kFailure) : kSkip;
}

void NodesReader::Open(int place) {
  if (place == kSettings) flat_.Open();
}

void NodesReader::Close(int place) {
  if (place == kSettings && flat_.Close()) nodes.back().settings[flat_.key()] = flat_.list();
}

void NodesReader::NodeValue(int place, const Scalar& value) {
  NodeTold& node = nodes.back();
  switch (place) {
    case kHost:
      node.host = value.text;
      break;
    case kIp:
      node.ip = AddressIp(value.text);
      break;
    case kTransportAddress:
    case kTransportPublish:
      node.publish_ip = AddressIp(value.text);
      break;
    case kVersion:
      node.version = ReadVersion(value.text);
      break;
    case kRole:
      node.says_cluster_manager |= value.text == "cluster_manager";
      node.roles.emplace_back(RoleWord(value.text));
      break;
    case kTimestamp:
      node.at_ms = value.Integer().value_or(-1);
      break;
    case kUptime:
      node.uptime_ms = value.Integer().value_or(-1);
      break;
    case kStarted:
      node.started_ms = value.Integer().value_or(-1);
      break;
    case kDiskTotal:
      node.disk_total = value.Integer().value_or(-1);
      break;
    case kDiskAvailable:
      node.disk_available = value.Integer().value_or(-1);
      break;
    default:
      break;
  }
}

void NodesReader::Value(int place, const Scalar& value) {
  if (place == kFailed)
    failed = value.Integer().value_or(1);
  else if (place == kFailureReason && failure.empty())
    failure = value.text;
  else if (place == kSettings && flat_.in_list())
    flat_.Item(value);
  else if (place == kSettings && !value.IsNull())
    nodes.back().settings[flat_.key()] = value.text;
  else if (place > kNode)
    NodeValue(place, value);
}

void AddInfo(const NodeTold& told, Node& node) {
  if (told.version != Version()) node.version = told.version;
  if (!told.host.empty()) node.host = told.host;
  if (!told.ip.empty()) node.ip = told.ip;
  if (!told.publish_ip.empty()) node.publish_ip = told.publish_ip;
  if (told.started_ms >= 0) node.started = absl::FromUnixMillis(told.started_ms);
  // Never merged: a role that was taken away is gone.
  if (!told.roles.empty())
    node.roles = told.roles;
  else if (told.version != Version() && told.version.major < 5 && node.ephemeral_id.empty())
    node.roles = RolesOfSettings(told.settings);
  SettleRoles(node);
}

void AddStats(const NodeTold& told, absl::Time sent, absl::Time received, Node& node) {
  node.answered_at = sent;
  if (!told.host.empty()) node.host = told.host;
  if (!told.ip.empty()) node.ip = told.ip;
  if (!told.roles.empty()) {
    node.roles = told.roles;
    SettleRoles(node);
  }
  node.disk_total = told.disk_total;
  node.disk_available = told.disk_available;
  if (told.at_ms < 0) return;
  const absl::Time at = absl::FromUnixMillis(told.at_ms);
  node.clock_skew = at - (sent + (received - sent) / 2);
  if (node.started == absl::InfinitePast() && told.uptime_ms >= 0)
    node.started = at - absl::Milliseconds(told.uptime_ms);
}

}  // namespace holdfast::elasticsearch
