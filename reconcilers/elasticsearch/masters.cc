#include "reconcilers/elasticsearch/masters.h"

#include <algorithm>
#include <charconv>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/roll_order.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kMinimumMasters = "discovery.zen.minimum_master_nodes";
constexpr Version kVotes{7, 0, 0};

bool Votes(const View& view) {
  if (!view.voting_config.empty() || view.flavor == Flavor::kOpenSearch) return true;
  return view.master != kNoNode && view.nodes[view.master].version >= kVotes;
}

bool Has(const std::vector<uint32_t>& nodes, uint32_t node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

size_t MasterEligible(const View& view) {
  return static_cast<size_t>(std::count_if(view.nodes.begin(), view.nodes.end(),
                                           [](const Node& node) { return node.master_eligible; }));
}

// Who would be left: present, and of them those that answer.
struct Left {
  size_t present = 0, alive = 0;
};

MasterAnswer Judge(const View& view, const Left& left, size_t needed, std::string evidence) {
  if (left.alive >= needed) return {Pass(std::move(evidence), view.at)};
  if (left.present >= needed) return {CannotTell(Cat(evidence, ", others did not answer"), view.at)};
  return {Hold(std::move(evidence), view.at)};
}

MasterAnswer ByVotes(const View& view, const std::vector<uint32_t>& masters,
                     const std::vector<uint32_t>& nodes, absl::Time now) {
  if (view.voting_config.empty()) return {CannotTell("the voting configuration is not told", view.at)};
  Left left;
  for (const std::string& id : view.voting_config) {
    const uint32_t n = view.NodeIndex(id);
    if (n == kNoNode || Has(nodes, n)) continue;
    ++left.present;
    left.alive += AnswersNow(view, n, now) ? 1 : 0;
  }
  const size_t needed = view.voting_config.size() / 2 + 1;
  MasterAnswer answer = Judge(view, left, needed,
                              Cat(left.alive, " of ", Count(view.voting_config.size(), "voter"),
                                  " would be alive, ", needed, " must be"));
  if (answer.verdict.is == Verdict::Is::kPass) return answer;
  for (uint32_t n : masters) {
    if (!NeedsVotingExclusion(view, n)) continue;
    return {
        Hold(Cat("a voting exclusion first: ", view.nodes[n].name, " is one of two nodes that may be master"),
             view.at),
        StopRule::kVotingExclusionFirst};
  }
  return answer;
}

MasterAnswer ByMinimum(const View& view, const std::vector<uint32_t>& nodes, absl::Time now) {
  const std::string* text = view.settings.Effective(std::string(kMinimumMasters));
  size_t minimum = 0;
  if (text == nullptr ||
      std::from_chars(text->data(), text->data() + text->size(), minimum).ec != std::errc())
    return {Hold(Cat(kMinimumMasters, " is not told: put it as a setting of the cluster"), view.at),
            StopRule::kMinimumMasters};
  const size_t eligible = MasterEligible(view);
  if (minimum < eligible / 2 + 1)
    return {
        Hold(Cat(kMinimumMasters, " is ", minimum, ", the majority of ", eligible, " is ", eligible / 2 + 1),
             view.at),
        StopRule::kMinimumMasters};
  Left left;
  for (uint32_t n = 0; n < view.nodes.size(); ++n) {
    if (!view.nodes[n].master_eligible || Has(nodes, n)) continue;
    ++left.present;
    left.alive += AnswersNow(view, n, now) ? 1 : 0;
  }
  return Judge(view, left, minimum,
               Cat(left.alive, " of ", eligible, " that may be master would be alive, ", kMinimumMasters,
                   " is ", minimum));
}

}  // namespace

bool NeedsVotingExclusion(const View& view, uint32_t node) {
  const auto& voters = view.voting_config;
  return view.nodes[node].master_eligible && MasterEligible(view) == 2 &&
         std::find(voters.begin(), voters.end(), view.nodes[node].id) != voters.end();
}

MasterAnswer MastersStay(const View& view, const std::vector<uint32_t>& nodes, absl::Time now) {
  std::vector<uint32_t> masters;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(masters),
               [&](uint32_t n) { return view.nodes[n].master_eligible; });
  if (masters.empty()) return {Pass("it is not master-eligible", view.at)};
  for (uint32_t n : masters)
    if (!OnOneHost(view.nodes[n], view.nodes[masters.front()]))
      return {Hold(Cat(view.nodes[masters.front()].name, " and ", view.nodes[n].name,
                       " may both be master: one at a time"),
                   view.at)};
  return Votes(view) ? ByVotes(view, masters, nodes, now) : ByMinimum(view, nodes, now);
}

}  // namespace holdfast::elasticsearch
