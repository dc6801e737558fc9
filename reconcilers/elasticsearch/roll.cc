#include "reconcilers/elasticsearch/roll.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/change.h"
#include "reconcilers/elasticsearch/node_steps.h"
#include "reconcilers/elasticsearch/recovered.h"
#include "reconcilers/elasticsearch/roll_order.h"
#include "reconcilers/elasticsearch/safety.h"

namespace holdfast::elasticsearch {

Verdict AllCopiesAreBack(const Picture& p, absl::Time since) {
  Baseline baseline{.since = since};
  for (const Node& node : p.view.nodes) baseline.expected.push_back(IdentityOf(node));
  return Recovered(p.view, baseline, p.now);
}

Guard CanariesHaveSettled(const Picture& p, const Roll& roll) {
  constexpr std::string_view kName = "the first nodes have settled";
  const Operation& want = roll.operation->want;
  const auto canary = static_cast<size_t>(want.canary);
  if (roll.done.size() < canary) return {kName, Pass(Cat("it is one of the first ", canary), p.at)};
  size_t settled = 0;
  std::string youngest;
  for (const uint32_t n : roll.done) {
    const Node& node = p.view.nodes[n];
    const absl::Duration runs = p.now + node.clock_skew - node.started;
    if (runs >= want.settle)
      ++settled;
    else
      youngest = Cat(node.name, " has run with it for ", Brief(runs), " of ", Brief(want.settle));
  }
  if (settled >= canary) return {kName, Pass(Count(settled, "node"), p.at)};
  return {kName, Hold(std::move(youngest), p.at)};
}

namespace {

constexpr size_t kMostExplainedNodes = 32;

bool IsDone(const Picture& p, const OperationIn<Operation>& operation, const Node& node, absl::Time before) {
  if (IsChange(operation))
    return RunsWith(p, WantedFiles(p, operation.want, Remember(node)), node).is == Verdict::Is::kPass;
  return node.started != absl::InfinitePast() && node.started >= before;
}

std::vector<WantedToken> RiskyTokens(const Picture& p, const std::string& operation) {
  const Selector& risky = p.want.risky_nodes;
  std::vector<WantedToken> out;
  const auto add = [&](std::string key, const std::string& token) {
    if (!token.empty())
      out.push_back({.key = std::move(key),
                     .token = token,
                     .why = Cat("Operation/", operation, " must not leave a shard to risky nodes"),
                     .allow_empty = true,
                     .operation = operation});
  };
  // The filters exclude what fits any of them; only a selector of one key means the same.
  const size_t keys = risky.attributes.size() + (risky.ip.empty() ? 0 : 1) + (risky.name.empty() ? 0 : 1) +
                      (risky.host.empty() ? 0 : 1) + (risky.id.empty() ? 0 : 1);
  if (keys != 1) return out;
  add("_ip", risky.ip);
  add("_name", risky.name);
  add("_host", risky.host);
  add("_id", risky.id);
  for (const auto& [key, value] : risky.attributes) add(key, value);
  return out;
}

// The risky nodes that are to be empty while this goes on. Every coming node is judged, so not without need.
std::vector<WantedToken> Protection(const Picture& p, const Roll& roll) {
  const Disruption::Protect protect = p.want.disruption.protect_from;
  if (protect == Disruption::Protect::kNever) return {};
  // Who is emptied leaves no shard to anyone.
  if (protect == Disruption::Protect::kRisky && IsDrainedFirst(*roll.operation)) return {};
  std::vector<WantedToken> tokens = RiskyTokens(p, roll.operation->name);
  if (protect == Disruption::Protect::kAlways || tokens.empty()) return tokens;
  const auto begun = [&](const WantedToken& token) {
    const Obligation* ours = p.Find(token.Object());
    return ours != nullptr && ours->why == token.why;
  };
  const auto needs_it = [&](uint32_t node) {
    const StopAnswer answer = JudgeStop(p.view, {node}, p.want, p.now);
    return std::any_of(answer.in_the_way.begin(), answer.in_the_way.end(),
                       [](const InTheWay& one) { return one.rule == StopRule::kOtherCopyRisky; });
  };
  const bool wanted = std::any_of(tokens.begin(), tokens.end(), begun) ||
                      std::any_of(roll.coming.begin(), roll.coming.end(), needs_it);
  return wanted ? tokens : std::vector<WantedToken>();
}

absl::Time BegunAt(const Picture& p, const OperationIn<Operation>& operation) {
  const auto found = p.frame.past.operations.find(operation.name);
  return found == p.frame.past.operations.end() ? p.now : found->second.since;
}
absl::Time BeforeOf(const Picture& p, const OperationIn<Operation>& operation) {
  return operation.want.started_before != absl::InfinitePast() ? operation.want.started_before
                                                               : BegunAt(p, operation);
}

WantedToken EmptyFirst(const std::string& node, const std::string& operation) {
  return {.key = "_name",
          .token = node,
          .why = Cat("Operation/", operation, " empties it first"),
          .allow_empty = true,  // while it is away
          .operation = operation};
}

// The node in hand is emptied, and no other one before that is over.
std::vector<WantedToken> DrainOf(const Picture& p, const Roll& roll) {
  if (!IsDrainedFirst(*roll.operation)) return {};
  const std::string& name = roll.operation->name;
  if (const Obligation* away = p.FindKind(kNodeObject)) {
    if (OperationOf(away->why) != name) return {};
    const WantedToken token = EmptyFirst(ParseIdentity(away->before).name, name);
    return p.Find(token.Object()) == nullptr ? std::vector<WantedToken>() : std::vector{token};
  }
  if (roll.coming.empty() || !p.view.nodes[roll.coming.front()].data) return {};
  const WantedToken token = EmptyFirst(p.view.nodes[roll.coming.front()].name, name);
  if (p.Find(token.Object()) != nullptr) return {token};
  const bool other = std::any_of(p.obligations.begin(), p.obligations.end(), [&](const Obligation& open) {
    return open.object.starts_with(kExcludeObject) && open.why == token.why;
  });
  const bool turn = !other && p.Find(kEnableObject) == nullptr &&
                    AllPass({CanariesHaveSettled(p, roll), {"", AllCopiesAreBack(p, roll.begun)}});
  return turn ? std::vector{token} : std::vector<WantedToken>();
}

void AskAboutMembers(const Picture& p, const OperationIn<Operation>& operation,
                     const std::vector<uint32_t>& members, Draft& draft) {
  if (!IsChange(operation) || !p.want.disruption.control) return;
  for (const uint32_t n : members) AskAboutFiles(p, operation.want, Remember(p.view.nodes[n]), draft);
  const Obligation* away = p.FindKind(kNodeObject);
  if (away != nullptr && OperationOf(away->why) == operation.name)
    AskAboutFiles(p, operation.want, ParseIdentity(away->before), draft);
}

// Which node is next and what it lacks; in the differences those of the first so many.
void ExplainComing(const Picture& p, const OperationIn<Operation>& operation,
                   const std::vector<uint32_t>& coming, std::string& message, Draft& draft) {
  Append(message, "; next is ", p.view.nodes[coming.front()].name);
  if (!IsChange(operation)) return;
  for (size_t i = 0; i < coming.size() && i < kMostExplainedNodes; ++i) {
    const NodeIdentity node = Remember(p.view.nodes[coming[i]]);
    const std::vector<WantedFile> files = WantedFiles(p, operation.want, node);
    ExplainChange(node, files, draft);
    if (const std::string text = i == 0 ? ChangeText(files) : ""; !text.empty()) Append(message, ": ", text);
  }
}

}  // namespace

Roll PlanRoll(const Picture& p, Draft& draft) {
  Roll roll;
  for (const OperationIn<Operation>& operation : p.operations) {
    OperationProgress report{.name = operation.name};
    const std::vector<uint32_t> matched = MatchedNodes(p.view, operation.want.nodes);
    const absl::Time before = BeforeOf(p, operation);
    const absl::Time begun_at = std::min(BegunAt(p, operation), before);
    const Obligation* away = p.FindKind(kNodeObject);
    std::vector<uint32_t> coming, done;
    for (const uint32_t n : RollOrder(p.view, matched, p.want))
      (IsDone(p, operation, p.view.nodes[n], before) ? done : coming).push_back(n);
    // Whoever is in hand is finished first.
    if (away != nullptr)
      std::stable_partition(coming.begin(), coming.end(),
                            [&](uint32_t n) { return p.view.nodes[n].id == ParseIdentity(away->before).id; });
    AskAboutMembers(p, operation, matched, draft);
    const std::string rejected = RejectedBy(p, operation, begun_at);
    if (!rejected.empty()) {
      report.phase = OperationProgress::Phase::kFailed;
      report.message = rejected;
    } else if (before > p.now) {
      report.message = "startedBefore lies in the future";
      draft.Due(before);
    } else if (matched.empty() && away == nullptr) {
      report.phase = OperationProgress::Phase::kFailed;
      report.message = Cat("no node fits ", SelectorText(operation.want.nodes));
    } else if (!p.want.disruption.control) {
      report.message = "the spec does not say how nodes are stopped and started: `disruption.control`";
    } else if (roll.operation != nullptr) {
      report.message = Cat("waits for Operation/", roll.operation->name);
    } else {
      const bool busy = away != nullptr || p.Find(kEnableObject) != nullptr;
      report.message = Cat(done.size(), " of ", Count(matched.size(), "node"),
                           IsChange(operation) ? " changed" : " restarted");
      if (!coming.empty()) ExplainComing(p, operation, coming, report.message, draft);
      const Verdict whole = AllCopiesAreBack(p, begun_at);
      const bool over = coming.empty() && !busy && whole.is == Verdict::Is::kPass;
      if (coming.empty() && !over) Append(report.message, "; waits until all copies are back");
      const bool begun = busy || operation.phase != OperationPhase::kPending ||
                         std::any_of(p.obligations.begin(), p.obligations.end(), [&](const Obligation& open) {
                           return OperationOf(open.why) == operation.name;
                         });
      report.phase = over    ? OperationProgress::Phase::kSucceeded
                     : begun ? OperationProgress::Phase::kRunning
                             : OperationProgress::Phase::kPending;
      if (!over) {
        roll = {
            .operation = &operation, .begun = begun_at, .coming = std::move(coming), .done = std::move(done)};
        roll.protect = Protection(p, roll);
        roll.drain = DrainOf(p, roll);
        draft.Due(p.now + kCadence);
      }
    }
    draft.plan().operations.push_back(std::move(report));
  }
  return roll;
}

}  // namespace holdfast::elasticsearch
