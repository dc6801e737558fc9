// The kind ElasticsearchCluster: exclusions, allocation, settings and restarts that never cost a shard its
// last copy.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/any_kind.h"
#include "controller/kind/kind.h"
#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/trail.h"
#include "reconcilers/elasticsearch/view.h"
#include "specs/kind_table.h"

namespace holdfast {

struct ElasticsearchCluster {
  using Spec = elasticsearch::Spec;
  using State = elasticsearch::View;
  using Trail = elasticsearch::Trail;
  using Operation = elasticsearch::Operation;

  static constexpr std::string_view kName = "ElasticsearchCluster";
  static constexpr std::string_view kSummary =
      "Keeps a cluster's exclusions, allocation and settings as declared, and restarts its nodes without "
      "giving up "
      "a copy.";

  static const specs::FieldTable<Spec>& Fields() { return elasticsearch::SpecFields(); }
  static std::vector<specs::OperationVerb> OperationFields();
  static std::vector<std::string> Claims(const Spec& spec);
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look look);
  static Trail Fold(Trail trail, const Fact<State>& seen) {
    return elasticsearch::Fold(std::move(trail), seen);
  }
  static Plan Decide(const View<ElasticsearchCluster>& view);
  static std::vector<std::string> TextsOf(const Operation& operation);
  static std::string Recovery(const RecoveryFrom& from);
};

}  // namespace holdfast
