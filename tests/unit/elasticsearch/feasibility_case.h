// Whether nodes can be emptied, asked and told in a few words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/feasibility.h"
#include "tests/unit/elasticsearch/scene.h"

namespace holdfast::elasticsearch {

using Weight = Obstacle::Weight;

inline constexpr int64_t kGb = int64_t{1} << 30;
inline constexpr char kLow[] = "cluster.routing.allocation.disk.watermark.low";
inline constexpr char kAwareness[] = "cluster.routing.allocation.awareness.attributes";

inline Spec Anything() {
  Spec spec;
  spec.max_excluded = {100};
  return spec;
}
inline Feasibility Empty(const Scene& scene, std::string_view names, const Spec& spec = Anything()) {
  const View view = scene.view();
  return CanEmpty(view, spec, In(view, names));
}
// "H5 blocks", in the order told; what is about sizes is left out unless sizes were given.
inline std::vector<std::string> Told(const Feasibility& answer) {
  std::vector<std::string> told;
  for (const Obstacle& o : answer.obstacles) {
    if (o.hazard == Hazard::kH6_Disk && o.weight == Weight::kUnknown && !answer.ask.empty()) continue;
    told.push_back(Cat(RowOf(o.hazard).code, o.weight == Weight::kBlocks    ? " blocks"
                                             : o.weight == Weight::kUnknown ? " unknown"
                                                                            : " warns"));
  }
  return told;
}
inline Obstacle The(const Feasibility& answer, Hazard hazard) {
  for (const Obstacle& o : answer.obstacles)
    if (o.hazard == hazard) return o;
  return {};
}
inline Exclusion ByZone(std::string zone) {
  Exclusion exclusion;
  exclusion.attributes["zone"] = std::move(zone);
  return exclusion;
}

}  // namespace holdfast::elasticsearch
