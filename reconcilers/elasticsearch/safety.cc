#include "reconcilers/elasticsearch/safety.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/filters.h"
#include "reconcilers/elasticsearch/masters.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::array<StopRuleRow, 15> kRows = {{
    {StopRule::kViewTooOld, "", "was seen too long ago", "were seen too long ago"},
    {StopRule::kPrimaryUnassigned, "H20", "has no active primary", "have no active primary"},
    {StopRule::kNotGreen, "H22", "has a copy that is not in its place",
     "have a copy that is not in its place"},
    {StopRule::kOnlyCopy, "H1", "has its only copy on", "have their only copy on"},
    {StopRule::kOtherCopyRisky, "H2", "has its other copies on risky nodes only, one is on",
     "have their other copies on risky nodes only, one each is on"},
    {StopRule::kOtherCopyNotInSync, "H22", "has no other copy in sync, one is on",
     "have no other copy in sync, one each is on"},
    {StopRule::kOtherCopyNotStarted, "H23", "is still being copied from", "are still being copied from"},
    {StopRule::kOtherCopySilent, "", "has its other copies on nodes that do not answer, one is on",
     "have their other copies on nodes that do not answer, one each is on"},
    {StopRule::kWriteQuorum, "H39", "could not be written without", "could not be written without"},
    {StopRule::kMovingOntoIt, "H23", "is being copied to", "are being copied to"},
    {StopRule::kSnapshotReadsIt, "H24", "is being read by a snapshot from",
     "are being read by a snapshot from"},
    {StopRule::kMasterQuorum, "H27", "", ""},
    {StopRule::kVotingExclusionFirst, "H27", "", ""},
    {StopRule::kMinimumMasters, "H28", "", ""},
    {StopRule::kLastOfRole, "H49", "", ""},
}};

constexpr std::string_view kMaster = "master";
constexpr std::string_view kVotingOnly = "voting_only";
constexpr std::string_view kData = "data";

class Judge {
 public:
  Judge(const View& view, const std::vector<uint32_t>& nodes, const Spec& spec, absl::Time now)
      : view_(view),
        nodes_(nodes),
        now_(now),
        stops_(view.nodes.size()),
        risky_(view.nodes.size()),
        answers_(view.nodes.size()) {
    for (uint32_t n : nodes) stops_[n] = 1;
    for (uint32_t n = 0; n < view.nodes.size(); ++n) {
      risky_[n] = Matches(spec.risky_nodes, view.nodes[n]) ? 1 : 0;
      answers_[n] = AnswersNow(view, n, now) ? 1 : 0;
    }
  }

  StopAnswer Answer();

 private:
  Verdict IsFresh() const;
  void LookAtShard(uint32_t number);
  void LookAtOtherCopies(uint32_t number, uint32_t node);
  void LookAtSnapshots();
  StopRule Closest(const Copy& copy) const;
  void LookAtMasters();
  void LookAtRoles();
  Verdict Told(std::initializer_list<StopRule> rules, std::string pass) const;
  std::string FirstOf(const InTheWay& first, size_t more) const;

  const View& view_;
  const std::vector<uint32_t>& nodes_;
  absl::Time now_;
  std::vector<uint8_t> stops_, risky_, answers_;  // by node
  StopAnswer out_;
  Verdict masters_, roles_;
  int64_t safe_ = 0;  // shards on what is stopped that have a safe copy elsewhere
};

Verdict Judge::IsFresh() const {
  const absl::Duration age = now_ - view_.at;
  if (age > kAnsweredWithin) return CannotTell(Cat("the view is ", Brief(age), " old"), view_.at);
  return Pass(Cat("the view is ", Brief(std::max(age, absl::ZeroDuration())), " old"), view_.at);
}

// What is wrong with a copy on a node that stays; kViewTooOld = nothing.
StopRule Judge::Closest(const Copy& copy) const {
  if (!copy.IsActive()) return StopRule::kOtherCopyNotStarted;
  if (view_.has_in_sync_sets && !copy.in_sync) return StopRule::kOtherCopyNotInSync;
  if (risky_[copy.node] != 0) return StopRule::kOtherCopyRisky;
  if (answers_[copy.node] == 0) return StopRule::kOtherCopySilent;
  return StopRule::kViewTooOld;
}

// Of several reasons the one that is nearest to its end is told.
int Distance(StopRule rule) {
  switch (rule) {
    case StopRule::kOtherCopySilent:
      return 0;
    case StopRule::kOtherCopyRisky:
      return 1;
    case StopRule::kOtherCopyNotInSync:
      return 2;
    case StopRule::kOtherCopyNotStarted:
      return 3;
    default:
      return 4;
  }
}

void Judge::LookAtOtherCopies(uint32_t number, uint32_t node) {
  const Shard& shard = view_.shards[number];
  const Index& index = view_.indices[shard.index];
  if (index.LivesElsewhere()) return;
  StopRule why = StopRule::kOnlyCopy;
  int active = 0;
  bool safe = false;
  for (const Copy& copy : view_.CopiesOf(shard)) {
    // The target of a relocation is no copy yet: its source is.
    if (copy.node == kNoNode || stops_[copy.node] != 0) continue;
    if (copy.IsActive()) ++active;
    const StopRule wrong = Closest(copy);
    if (wrong == StopRule::kViewTooOld)
      safe = true;
    else if (Distance(wrong) < Distance(why))
      why = wrong;
  }
  if (!safe)
    out_.in_the_way.push_back({why, number, node});
  else
    ++safe_;
  // Before 5.0 a write needs most of the copies, of more than two.
  if (!view_.has_in_sync_sets && index.replicas >= 2 && active < (index.replicas + 1) / 2 + 1)
    out_.in_the_way.push_back({StopRule::kWriteQuorum, number, node});
}

void Judge::LookAtShard(uint32_t number) {
  const Shard& shard = view_.shards[number];
  uint32_t here = kNoNode, arriving = kNoNode;
  bool inactive = false;
  for (const Copy& copy : view_.CopiesOf(shard)) {
    if (!copy.IsActive()) {
      inactive = true;
      if (copy.primary)
        out_.in_the_way.push_back({StopRule::kPrimaryUnassigned, number, view_.NodeIndex(copy.last_node)});
    }
    if (copy.relocating_to != kNoNode && stops_[copy.relocating_to] != 0) arriving = copy.relocating_to;
    if (copy.node == kNoNode || stops_[copy.node] == 0) continue;
    if (copy.state == CopyState::kInitializing)
      arriving = copy.node;
    else if (here == kNoNode)
      here = copy.node;
  }
  if (inactive && !view_.has_in_sync_sets) out_.in_the_way.push_back({StopRule::kNotGreen, number, here});
  if (arriving != kNoNode) out_.in_the_way.push_back({StopRule::kMovingOntoIt, number, arriving});
  if (here != kNoNode) LookAtOtherCopies(number, here);
}

void Judge::LookAtSnapshots() {
  for (uint32_t number : view_.snapshot_shards)
    for (const Copy& copy : view_.CopiesOf(view_.shards[number]))
      if (copy.primary && copy.node != kNoNode && stops_[copy.node] != 0)
        out_.in_the_way.push_back({StopRule::kSnapshotReadsIt, number, copy.node});
}

void Judge::LookAtMasters() {
  MasterAnswer answer = MastersStay(view_, nodes_, now_);
  masters_ = std::move(answer.verdict);
  if (masters_.is != Verdict::Is::kPass) out_.in_the_way.push_back({answer.rule, kNoShard, nodes_.front()});
}

bool Covers(const Node& node, std::string_view role) {
  return std::any_of(node.roles.begin(), node.roles.end(), [&](const std::string& has) {
    return has == role ||
           (role.starts_with(kData) && (has == kData || (role == kData && has.starts_with(kData))));
  });
}

// A single node of a role may be the only one by intent, or the only one that is left: nothing here can tell,
// so it holds in both cases.
void Judge::LookAtRoles() {
  roles_ = Pass("other nodes have its roles", view_.at);
  for (uint32_t n : nodes_) {
    for (const std::string& role : view_.nodes[n].roles) {
      if (role == kMaster || role == kVotingOnly) continue;
      bool present = false, alive = false;
      for (uint32_t other = 0; other < view_.nodes.size(); ++other) {
        if (stops_[other] != 0 || !Covers(view_.nodes[other], role)) continue;
        present = true;
        alive = alive || answers_[other] != 0;
      }
      if (alive) continue;
      out_.in_the_way.push_back({StopRule::kLastOfRole, kNoShard, n});
      if (roles_.is == Verdict::Is::kHold) continue;
      roles_ = present
                   ? CannotTell(Cat("the other nodes with the role ", role, " did not answer"), view_.at)
                   : Hold(Cat("no other node has the role ", role, " of ", view_.nodes[n].name), view_.at);
    }
  }
}

std::string Judge::FirstOf(const InTheWay& first, size_t more) const {
  std::string text = Cat(ShardText(view_, first.shard), " ", RowOf(first.rule).has);
  if (first.rule == StopRule::kPrimaryUnassigned) {
    if (first.node != kNoNode) Append(text, "; it was last on ", view_.nodes[first.node].name);
  } else if (first.rule != StopRule::kNotGreen && first.node != kNoNode) {
    Append(text, " ", view_.nodes[first.node].name);
  }
  if (more > 0) Append(text, ", and ", Count(more, "more shard", "more shards"), " likewise");
  return text;
}

Verdict Judge::Told(std::initializer_list<StopRule> rules, std::string pass) const {
  const InTheWay* first = nullptr;
  size_t more = 0;
  for (const InTheWay& way : out_.in_the_way) {
    if (std::find(rules.begin(), rules.end(), way.rule) == rules.end()) continue;
    if (first != nullptr) ++more;
    // Silence may end by itself; everything else is a fact.
    if (first == nullptr || (first->rule == StopRule::kOtherCopySilent && way.rule != first->rule))
      first = &way;
  }
  if (first == nullptr) return Pass(std::move(pass), view_.at);
  std::string evidence = FirstOf(*first, more);
  return first->rule == StopRule::kOtherCopySilent ? CannotTell(std::move(evidence), view_.at)
                                                   : Hold(std::move(evidence), view_.at);
}

StopAnswer Judge::Answer() {
  for (uint32_t s = 0; s < view_.shards.size(); ++s) LookAtShard(s);
  LookAtSnapshots();
  LookAtMasters();
  LookAtRoles();
  auto& guards = out_.guards;
  guards.push_back({"the view is fresh", IsFresh()});
  guards.push_back(
      {"every primary is active", Told({StopRule::kPrimaryUnassigned}, "every primary is active")});
  if (!view_.has_in_sync_sets) {
    guards.push_back(
        {"every copy is in its place", Told({StopRule::kNotGreen}, "every copy is in its place")});
    guards.push_back(
        {"writes keep their quorum", Told({StopRule::kWriteQuorum}, "writes keep their quorum")});
  }
  guards.push_back(
      {"another copy of each shard is safe",
       Told({StopRule::kOnlyCopy, StopRule::kOtherCopyRisky, StopRule::kOtherCopyNotInSync,
             StopRule::kOtherCopyNotStarted, StopRule::kOtherCopySilent},
            Cat(Count(static_cast<size_t>(safe_), "shard"), " on it, each with a safe copy elsewhere"))});
  guards.push_back(
      {"nothing is being copied to it", Told({StopRule::kMovingOntoIt}, "nothing is being copied to it")});
  guards.push_back(
      {"no snapshot reads from it", Told({StopRule::kSnapshotReadsIt}, "no snapshot reads from it")});
  guards.push_back({kEnoughMasters, masters_});
  guards.push_back({"other nodes have its roles", roles_});
  return std::move(out_);
}

}  // namespace

const StopRuleRow& RowOf(StopRule rule) { return kRows[static_cast<size_t>(rule)]; }

bool AnswersNow(const View& view, uint32_t node, absl::Time now) {
  const absl::Time answered = view.nodes[node].answered_at;
  return answered >= now - kAnsweredWithin && answered >= view.at - kAnsweredWithin;
}

std::string ShardText(const View& view, uint32_t shard) {
  const Shard& s = view.shards[shard];
  return Cat(view.indices[s.index].name, "[", s.number, "]");
}

StopAnswer JudgeStop(const View& view, const std::vector<uint32_t>& nodes, const Spec& spec, absl::Time now) {
  if (nodes.empty()) return {{{"the view is fresh", CannotTell("no node is named", view.at)}}, {}};
  return Judge(view, nodes, spec, now).Answer();
}

Verdict SafeToStop(const View& view, const std::vector<uint32_t>& nodes, const Spec& spec, absl::Time now) {
  const StopAnswer answer = JudgeStop(view, nodes, spec, now);
  const Guard* worst = nullptr;
  for (const Guard& guard : answer.guards) {
    if (guard.verdict.is == Verdict::Is::kPass) continue;
    if (worst == nullptr ||
        (worst->verdict.is != Verdict::Is::kHold && guard.verdict.is == Verdict::Is::kHold))
      worst = &guard;
  }
  if (worst != nullptr) return worst->verdict;
  std::vector<std::string> facts;
  for (const Guard& guard : answer.guards)
    if (guard.name == "another copy of each shard is safe" || guard.name == kEnoughMasters)
      facts.push_back(guard.verdict.evidence);
  return Pass(Join(facts, "; "), view.at);
}

std::vector<std::string> Grouped(const View& view, std::span<const InTheWay> in_the_way, size_t most) {
  struct Group {
    size_t shards = 0;
    uint32_t first = 0;
    std::set<std::string> nodes;
  };
  std::map<std::pair<uint32_t, StopRule>, Group> groups;
  for (const InTheWay& way : in_the_way) {
    if (way.shard == kNoShard) continue;
    Group& group = groups[{view.shards[way.shard].index, way.rule}];
    if (group.shards++ == 0) group.first = way.shard;
    if (way.node != kNoNode) group.nodes.insert(view.nodes[way.node].name);
  }
  std::vector<std::pair<std::pair<uint32_t, StopRule>, const Group*>> order;
  for (const auto& [key, group] : groups) order.emplace_back(key, &group);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second->shards != b.second->shards ? a.second->shards > b.second->shards : a.first < b.first;
  });
  std::vector<std::string> lines;
  for (const auto& [key, group] : order) {
    if (lines.size() == most) {
      lines.push_back(Cat("and ", order.size() - most, " more"));
      break;
    }
    const StopRuleRow& row = RowOf(key.second);
    std::string line = Cat(view.indices[key.first].name, ": ", Count(group->shards, "shard"), " ",
                           group->shards == 1 ? row.has : row.have);
    const std::vector<std::string> nodes(group->nodes.begin(), group->nodes.end());
    if (key.second != StopRule::kPrimaryUnassigned && key.second != StopRule::kNotGreen)
      Append(line, " ", Enumerate(nodes));
    lines.push_back(std::move(line));
  }
  return lines;
}

Verdict NoSharedShard(const View& view, const std::vector<uint32_t>& nodes) {
  std::vector<uint8_t> chosen(view.nodes.size());
  for (uint32_t n : nodes) chosen[n] = 1;
  for (uint32_t s = 0; s < view.shards.size(); ++s) {
    uint32_t first = kNoNode;
    for (uint32_t c = view.shards[s].first; c < view.shards[s].first + view.shards[s].count; ++c) {
      for (uint32_t at : {view.copies[c].node, view.copies[c].relocating_to}) {
        if (at == kNoNode || chosen[at] == 0) continue;
        if (first != kNoNode && first != at)
          return Hold(
              Cat(ShardText(view, s), " is on ", view.nodes[first].name, " and on ", view.nodes[at].name),
              view.at);
        first = at;
      }
    }
  }
  return Pass("they share no shard", view.at);
}

}  // namespace holdfast::elasticsearch
