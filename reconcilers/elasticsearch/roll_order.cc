#include "reconcilers/elasticsearch/roll_order.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/filters.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::array<std::string_view, 4> kTiers = {"data_frozen", "data_cold", "data_warm", "data_hot"};

bool HasRole(const Node& node, std::string_view role) {
  return std::find(node.roles.begin(), node.roles.end(), role) != node.roles.end();
}

size_t TierOf(const Node& node) {
  if (HasRole(node, "data")) return kTiers.size();
  for (size_t t = 0; t < kTiers.size(); ++t)
    if (HasRole(node, kTiers[t])) return t;
  return kTiers.size();
}

enum class Turn : uint8_t { kNoData, kData, kDataAndMaster, kMaster, kCoordinator, kElected };

Turn TurnOf(const View& view, uint32_t node, uint32_t coordinator) {
  const Node& n = view.nodes[node];
  if (node == view.master) return Turn::kElected;
  if (node == coordinator) return Turn::kCoordinator;
  if (n.data) return n.master_eligible ? Turn::kDataAndMaster : Turn::kData;
  return n.master_eligible ? Turn::kMaster : Turn::kNoData;
}

// "es1" of "https://es1:9200/path", "::1" of "http://[::1]:9200".
std::string_view HostOf(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (const size_t login = url.rfind('@'); login != std::string_view::npos) url.remove_prefix(login + 1);
  if (url.starts_with('[')) return url.substr(1, url.find(']') - 1);
  return url.substr(0, url.find(':'));
}

}  // namespace

bool OnOneHost(const Node& a, const Node& b) {
  if (!a.ip.empty() && CanonicalIp(a.ip) == CanonicalIp(b.ip)) return true;
  return !a.host.empty() && a.host != "localhost" && Lower(a.host) == Lower(b.host);
}

std::vector<uint32_t> NodesOnOneHost(const View& view, uint32_t node) {
  std::vector<uint32_t> nodes;
  for (uint32_t n = 0; n < view.nodes.size(); ++n)
    if (n == node || OnOneHost(view.nodes[n], view.nodes[node])) nodes.push_back(n);
  return nodes;
}

uint32_t CoordinatorNode(const View& view, const Spec& spec) {
  if (spec.endpoints.empty()) return kNoNode;
  const std::string host(HostOf(spec.endpoints.front()));
  const std::string ip = CanonicalIp(host);
  for (uint32_t n = 0; n < view.nodes.size(); ++n) {
    const Node& node = view.nodes[n];
    if (CanonicalIp(node.ip) == ip || Lower(node.host) == Lower(host) || node.name == host) return n;
  }
  return kNoNode;
}

std::vector<uint32_t> RollOrder(const View& view, std::vector<uint32_t> nodes, const Spec& spec) {
  const uint32_t coordinator = CoordinatorNode(view, spec);
  std::sort(nodes.begin(), nodes.end(), [&](uint32_t a, uint32_t b) {
    const Node &left = view.nodes[a], &right = view.nodes[b];
    return std::tuple(TurnOf(view, a, coordinator), TierOf(left), std::string_view(left.name), a) <
           std::tuple(TurnOf(view, b, coordinator), TierOf(right), std::string_view(right.name), b);
  });
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

}  // namespace holdfast::elasticsearch
