#include "reconcilers/elasticsearch/node_steps.h"

#include <utility>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/actions.h"
#include "reconcilers/elasticsearch/safety.h"

namespace holdfast::elasticsearch {
namespace {

Lease FreezeLease(const Picture& p, const NodeIdentity& node, const std::string& why) {
  const auto own = p.view.settings.persistent.find(std::string(kEnableKey));
  Lease lease{
      .object = std::string(kEnableObject),
      .before = EnableBeforeText({.effective = p.enable,
                                  .persistent = own == p.view.settings.persistent.end() ? "" : own->second,
                                  .node_id = node.id,
                                  .node_name = node.name,
                                  .incarnation = node.incarnation}),
      .wrote = "none",
      .why = why};
  SettingsPut undo(p.view);
  undo.Set(std::string(kEnableKey), p.enable);
  if (KeepsMirror(p.view)) undo.Clear(MirrorKeyOf(lease.object), "");
  lease.restore = undo.Build(p.want);
  return lease;
}

Lease NodeLease(const Picture& p, const NodeIdentity& node, const std::string& why) {
  return {.object = NodeObject(node),
          .before = IdentityText(node),
          .wrote = "stopped",
          .restore = StartNode(*p.want.disruption.control, node),
          .why = why};
}

}  // namespace

std::string StopKey(const NodeIdentity& node) { return Cat("stop ", node.name, "#", node.incarnation); }
std::string StartKey(const NodeIdentity& node) { return Cat("start ", node.name, "#", node.incarnation); }
std::string FlushKey(const NodeIdentity& node) { return Cat("flush ", node.name, "#", node.incarnation); }
std::string FreezeKey(const NodeIdentity& node) {
  return Cat("freeze for ", node.name, "#", node.incarnation);
}
std::string NodeObject(const NodeIdentity& node) { return Cat(kNodeObject, node.name); }

Step NodeStep(const Picture& p, const NodeIdentity& node, std::string verb, std::string key, Action action,
              std::string why) {
  Step step;
  step.key = std::move(key);
  step.verb = std::move(verb);
  step.target = node.name;
  step.action = std::move(action);
  step.guards = {NobodyElseWorksOnIt(p)};
  step.touches = {Cat("cluster:", p.view.cluster_name), Cat("host:", node.ip.empty() ? node.host : node.ip)};
  step.why = std::move(why);
  return step;
}

Step FlushStep(const Picture& p, const NodeIdentity& node) {
  Step step = NodeStep(p, node, "flush", FlushKey(node), CallTo(p.want, p.view, "POST", "/_flush"),
                       "what is in the translogs need not be replayed when the node returns");
  step.danger = Danger::kReversible;
  step.takes = absl::Minutes(1);
  return step;
}

Step FreezeStep(const Picture& p, const NodeIdentity& node, const std::string& why,
                const std::vector<Lease>& besides) {
  Lease lease = FreezeLease(p, node, why);
  SettingsPut put(p.view);
  put.Set(std::string(kEnableKey), "none");
  if (KeepsMirror(p.view)) {
    put.Set(MirrorKeyOf(lease.object), MirrorText(lease));
    put.Set(MirrorKeyOf(NodeObject(node)), MirrorText(NodeLease(p, node, why)));
    for (const Lease& other : besides) put.Set(MirrorKeyOf(other.object), MirrorText(other));
  }
  Step step = PutStep(p, std::move(put), ClaimBy::kTakes, "freeze for", node.name, node.incarnation, why);
  step.danger = Danger::kDisruptive;
  step.guards.push_back(NobodyHoldsIt(p));
  step.guards.push_back(ReadTogether(p));
  step.puts_aside = std::move(lease);
  return step;
}

Step StopStep(const Picture& p, const NodeIdentity& node, const std::string& why) {
  Step step = NodeStep(p, node, "stop", StopKey(node), StopNode(*p.want.disruption.control, node), why);
  step.danger = Danger::kDisruptive;
  step.guards.push_back(NobodyHoldsIt(p));
  step.guards.push_back(ReadTogether(p));
  step.guards.push_back(OurClaimStands(p));
  step.takes = p.want.disruption.stop_timeout;
  step.show_within = p.want.disruption.stop_timeout;
  step.max_age = kAnsweredWithin;
  step.puts_aside = NodeLease(p, node, why);
  step.meter = Meter{Cat("stop ", node.name), 2, absl::Hours(1), absl::ZeroDuration()};
  return step;
}

Step StartStep(const Picture& p, const NodeIdentity& node, const Obligation& obligation) {
  Step step = NodeStep(p, node, "start", StartKey(node), StartNode(*p.want.disruption.control, node),
                       Cat("it was stopped for: ", obligation.why));
  step.danger = Danger::kReversible;
  step.duty = Step::Duty::kMustFinish;
  if (obligation.known == Obligation::Known::kJournal) step.puts_back = obligation.object;
  step.takes = absl::Minutes(5);
  step.show_within = p.want.disruption.return_timeout;
  step.meter = Meter{Cat("start ", node.name), 3, absl::Hours(1), absl::Seconds(30)};
  return step;
}

Step ThawPrimariesStep(const Picture& p, const NodeIdentity& node) {
  SettingsPut put(p.view);
  put.Set(std::string(kEnableKey), "primaries");
  Step step = PutStep(p, std::move(put), ClaimBy::kTakes, "allow primaries without", node.name,
                      node.incarnation, "an index that is created now must not stay without its primary");
  step.duty = Step::Duty::kMustFinish;
  return step;
}

}  // namespace holdfast::elasticsearch
