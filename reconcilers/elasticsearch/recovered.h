// What must be true after a node was emptied, or is back: empty, the same as before, recovered.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <utility>
#include <vector>

#include "controller/plan/plan.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// No copy is on `nodes` nor on its way there, no primary is unassigned anywhere (the last copy may be on
// their disks), every unassigned copy has a started one outside, and before 7.2 no index is closed. One look
// proves nothing: the caller wants it of two. A view that could not be read is never empty, because there is
// none.
Verdict EmptyOf(const View& view, const std::vector<uint32_t>& nodes);
inline Verdict EmptyOf(const View& view, uint32_t node) { return EmptyOf(view, std::vector<uint32_t>{node}); }

// Who a node was before it was taken down.
struct Identity {
  std::string id, name, ip;
  std::vector<std::pair<std::string, std::string>> attributes;
  Version version;  // or the one that it should have afterwards
  bool operator==(const Identity&) const = default;
};
Identity IdentityOf(const Node& node);

// The node that it is now: by its id, else by its name (before 5.0 a node has another id after each start;
// later another id means that its data directory is another). kNoNode = it is not there.
uint32_t FindAgain(const View& view, const Identity& before);
// Whether it came back as it was (H30, H31, H33). The evidence names what differs.
Verdict SameNode(const View& view, const Identity& before, const Node& node);

struct Baseline {
  std::vector<Identity> expected;  // everyone who was there
  absl::Time since;                // copies unassigned before that are none of ours
};
// Everyone is back and answers, and whatever was lost since then has its copies again, or cannot have them:
// for a replica that no node may hold nobody waits.
Verdict Recovered(const View& view, const Baseline& baseline, absl::Time now);

}  // namespace holdfast::elasticsearch
