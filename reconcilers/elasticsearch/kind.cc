#include "reconcilers/elasticsearch/kind.h"

#include <string>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/observe.h"

namespace holdfast {
namespace {

// Tells this process from others that may work on the same cluster.
struct HolderName {
  HolderName(World& world, Waker&)
      : name(Cat("holdfast-", static_cast<uint64_t>(world.random.Uniform() * 1e15), "-",
                 absl::ToUnixMillis(world.clock.Now()))) {}
  std::string name;
};

}  // namespace

std::vector<specs::OperationVerb> ElasticsearchCluster::OperationFields() {
  return {{"rollingRestart", &elasticsearch::RollingRestartFields().Erase(),
           "Restarts nodes one by one; no shard is left without a safe copy for it."},
          {"configChange", &elasticsearch::ConfigChangeFields().Erase(),
           "Changes files of nodes one by one; a node that does not come back gets its old files."}};
}

std::vector<std::string> ElasticsearchCluster::Claims(const Spec& spec) {
  std::vector<std::string> claims;
  for (std::string endpoint : spec.endpoints) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    claims.push_back(Cat("elasticsearch:", Lower(endpoint)));
  }
  return claims;
}

Task<Observed<elasticsearch::View>> ElasticsearchCluster::Observe(Systems& systems,
                                                                  std::shared_ptr<const Spec> want,
                                                                  Look look) {
  Observed<elasticsearch::View> seen =
      co_await elasticsearch::LookAtCluster(systems, std::move(want), std::move(look));
  Observed<elasticsearch::View> out;
  std::move(seen).Consume(
      [&](Known<elasticsearch::View>&& known) {
        known.value.holder_candidate = systems.Use<HolderName>().name;
        out = std::move(known);
      },
      [&](Absent&& absent) { out = std::move(absent); },
      [&](Unknown&& unknown) { out = std::move(unknown); });
  co_return out;
}

std::vector<std::string> ElasticsearchCluster::TextsOf(const Operation& operation) {
  std::vector<std::string> paths;
  // With a digest the document itself says which text it is about.
  for (const elasticsearch::ConfigFile& file : operation.files)
    if (file.sha256.empty()) paths.push_back(file.from.path);
  return paths;
}

std::string ElasticsearchCluster::Recovery(const RecoveryFrom& from) {
  // What a lost spec excluded is not for us to release.
  std::string spec = Cat("  endpoints: [\"", from.from, "\"]\n  adoptForeignExclusions: true\n");
  if (!from.auth.empty()) Append(spec, "  auth: ", from.auth, "\n");
  if (!from.ca.empty()) Append(spec, "  ca: ", from.ca, "\n");
  if (!from.control.empty()) Append(spec, "  disruption: {control: ", from.control, "}\n");
  return spec;
}

}  // namespace holdfast
