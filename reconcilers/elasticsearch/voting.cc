#include "reconcilers/elasticsearch/voting.h"

#include <algorithm>
#include <utility>

#include "controller/base/percent.h"
#include "controller/base/text.h"
#include "reconcilers/elasticsearch/node_steps.h"
#include "reconcilers/elasticsearch/safety.h"
#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kPath = "/_cluster/voting_config_exclusions";
constexpr Version kNamesInQuery{7, 8, 0};

bool IsExcluded(const View& view, std::string_view name, std::string_view id) {
  const auto& excluded = view.voting_exclusions;
  return std::find(excluded.begin(), excluded.end(), name) != excluded.end() ||
         (!id.empty() && std::find(excluded.begin(), excluded.end(), id) != excluded.end());
}

Action ClearExclusions(const Picture& p) {
  return CallTo(p.want, p.view, "DELETE", Cat(kPath, "?wait_for_removal=false"));
}

// The name in "voting:NAME".
std::string NameIn(const Obligation& obligation) { return obligation.object.substr(kVotingObject.size()); }

// Names of others than `name` that have no vote.
std::vector<std::string> Others(const View& view, const NodeIdentity& node) {
  std::vector<std::string> out;
  for (const std::string& one : view.voting_exclusions)
    if (one != node.name && one != node.id) out.push_back(one);
  return out;
}

}  // namespace

Verdict TheOtherCanVote(const Picture& p, uint32_t node) {
  const View& view = p.view;
  if (!view.voting_exclusions.empty())
    return Hold(Cat(Enumerate(view.voting_exclusions), " is excluded from voting already"), p.at);
  if (view.nodes[node].name.find(',') != std::string::npos)
    return Hold(Cat(view.nodes[node].name, " cannot be named in a voting exclusion"), p.at);
  for (uint32_t n = 0; n < view.nodes.size(); ++n) {
    if (n == node || !view.nodes[n].master_eligible) continue;
    if (!AnswersNow(view, n, p.now)) return CannotTell(Cat(view.nodes[n].name, " does not answer"), p.at);
    return Pass(Cat(view.nodes[n].name, " will be the only voter meanwhile"), p.at);
  }
  return Hold("no other node may be master", p.at);
}

Lease VoteLease(const Picture& p, const NodeIdentity& node, const std::string& why) {
  return {.object = Cat(kVotingObject, node.name),
          .before = IdentityText(node),
          .wrote = "excluded from voting",
          .restore = ClearExclusions(p),
          .why = why};
}

Step GiveVoteAway(const Picture& p, const NodeIdentity& node, const std::string& why) {
  const std::string name = PercentEncoded(node.name);
  const std::string path = BehavesSince(p.view, kNamesInQuery)
                               ? Cat(kPath, "?node_names=", name, "&timeout=30s")
                               : Cat(kPath, "/", name, "?timeout=30s");
  Step step = NodeStep(p, node, "give away the vote of",
                       Cat("give away the vote of ", node.name, "#", node.incarnation),
                       CallTo(p.want, p.view, "POST", path), why);
  step.danger = Danger::kDisruptive;
  step.guards.push_back(NobodyHoldsIt(p));
  step.guards.push_back(OurClaimStands(p));
  step.max_age = kAnsweredWithin;
  step.takes = absl::Seconds(35);
  step.show_within = absl::Seconds(35);
  step.puts_aside = VoteLease(p, node, why);
  return step;
}

bool HasItsVote(const Picture& p, const Obligation& vote) {
  const NodeIdentity node = ParseIdentity(vote.before);
  return !IsExcluded(p.view, NameIn(vote), node.id);
}

void KeepVotesAway(const Picture& p, Draft& draft) {
  for (const Obligation& obligation : p.obligations)
    if (obligation.object.starts_with(kVotingObject))
      draft.Wait({.on = Wait::On::kProgress,
                  .name = RestoreName(obligation.object),
                  .detail = Cat("given away for: ", obligation.why)});
}

void BringVotesBack(const Picture& p, Draft& draft) {
  for (const Obligation& obligation : p.obligations) {
    if (!obligation.object.starts_with(kVotingObject)) continue;
    NodeIdentity node = ParseIdentity(obligation.before);
    if (node.name.empty()) node.name = NameIn(obligation);
    if (HasItsVote(p, obligation)) {
      if (obligation.known == Obligation::Known::kJournal)
        draft.plan().restored.emplace_back(obligation.object, "has its vote");
      continue;
    }
    const Obligation* away = p.FindKind(kNodeObject);
    // Given back to a node that leaves, a vote would leave the other one without a majority.
    if (away != nullptr && SettledNode(p) == nullptr) {
      draft.Wait({.on = Wait::On::kProgress,
                  .name = RestoreName(obligation.object),
                  .detail = Cat(away->object, " is not back yet")});
      continue;
    }
    if (const std::vector<std::string> others = Others(p.view, node); !others.empty()) {
      draft.Wait({.on = Wait::On::kHuman,
                  .name = RestoreName(obligation.object),
                  .detail = Cat("someone excluded ", Enumerate(others),
                                " from voting too, and exclusions go only all at once"),
                  .remedy = Cat("when nobody needs them: DELETE ", kPath, "?wait_for_removal=false")});
      continue;
    }
    Step step = NodeStep(p, node, "give back the vote of",
                         Cat("give back the vote of ", node.name, "#", node.incarnation), ClearExclusions(p),
                         Cat("was given away for: ", obligation.why));
    step.danger = Danger::kReversible;
    step.duty = Step::Duty::kMustFinish;
    if (obligation.known == Obligation::Known::kJournal) step.puts_back = obligation.object;
    step.takes = absl::Seconds(35);
    step.show_within = absl::Seconds(35);
    draft.Add(std::move(step), "give back votes");
  }
}

}  // namespace holdfast::elasticsearch
