// What a group is made of, besides its size: launch, health check, cooldown, zones, what it is attached to,
// tags.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/agree.h"
#include "reconcilers/autoscaling_group/decide.h"
#include "reconcilers/autoscaling_group/wanted.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::autoscaling_group {
namespace {

constexpr size_t kMostAttachedAtOnce = 10;  // by AWS

// The members of `want` that the group has otherwise, each as a difference.
json::object Differing(const Picture& p, const json::object& want, Draft& draft) {
  json::object out;
  for (const auto& [name, value] : want) {
    const auto found = FirstDisagreement(json::object{{name, value}}, *p.group().item);
    if (!found) continue;
    draft.plan().diffs.push_back({found->path, found->want, found->seen});
    out[name] = value;
  }
  return out;
}

std::string NamesOf(const json::object& members) {
  std::vector<std::string> names;
  for (const auto& member : members) names.emplace_back(Chars(member.key()));
  return Join(names, ", ");
}

// What new instances are to be made from; empty when it cannot be told or must not be changed.
json::object WantedLaunch(const Picture& p, Draft& draft) {
  if (!p.want.launch_configuration && !p.want.launch_template) return {};
  if (aws::At(*p.group().item, "MixedInstancesPolicy") != nullptr) {
    draft.Wait({.on = Wait::On::kHuman,
                .name = "mixed instances policy",
                .detail = "the group has one, and to take it away may replace instances that run",
                .remedy = "take it away by hand, or leave the launch out of the spec"});
    return {};
  }
  const LaunchName launch = WantedLaunchConfiguration(p.want, p.frame);
  if (!launch.unresolved.empty())
    draft.Wait(
        {.on = Wait::On::kDependency, .name = launch.unresolved, .detail = "it has not told its name yet"});
  return LaunchParameters(p);
}

void SetDiffering(const Picture& p, const json::object& want, std::optional<Guard> guard, Draft& draft) {
  json::object differing = Differing(p, want, draft);
  if (differing.empty()) return;
  const std::string names = NamesOf(differing);
  const std::string values = Compact(json::value(differing));
  Step step = WriteStep(p.want, "UpdateAutoScalingGroup", std::move(differing), "set", names, "",
                        "the spec says otherwise");
  step.key = Cat("set ", names, " to ", values);
  if (guard) step.guards.push_back(*std::move(guard));
  draft.Add(Turn::kSettings, std::move(step), "settings");
}

std::set<std::string> AsSet(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

// Instances in a zone that is left are moved to others: some that run are terminated.
void WantPlaces(const Picture& p, Draft& draft) {
  const json::value& item = *p.group().item;
  json::object want;
  std::string wanted, seen;
  if (!p.want.subnets.empty()) {
    seen = aws::TextAt(item, "VPCZoneIdentifier").value_or("");
    if (AsSet(Split(seen, ',')) == AsSet(p.want.subnets)) return;
    wanted = Join(p.want.subnets, ",");
    want["VPCZoneIdentifier"] = wanted;
  } else if (!p.want.zones.empty()) {
    std::vector<std::string> zones;
    for (const json::value* zone :
         aws::ListAt(item, "AvailabilityZones").value_or(std::vector<const json::value*>()))
      if (auto text = aws::TextAt(*zone, "")) zones.push_back(*std::move(text));
    if (AsSet(zones) == AsSet(p.want.zones)) return;
    seen = Join(zones, ","), wanted = Join(p.want.zones, ",");
    json::array all;
    for (const std::string& zone : p.want.zones) all.emplace_back(zone);
    want["AvailabilityZones"] = std::move(all);
  } else {
    return;
  }
  const std::string field = p.want.subnets.empty() ? "zones" : "subnets";
  draft.plan().diffs.push_back({field, wanted, seen});
  Step step = WriteStep(p.want, "UpdateAutoScalingGroup", std::move(want), "set", field,
                        Cat(wanted, " from ", seen), Cat("the spec says ", wanted));
  step.danger = Danger::kDisruptive;
  step.guards.push_back(NobodyComesOrGoes(p));
  draft.Add(Turn::kShrink, std::move(step), field);
}

void Attach(const Picture& p, const std::vector<std::string>& wanted, std::string_view seen_member,
            std::string_view operation, std::string_view member, std::string_view field, Draft& draft) {
  std::set<std::string> seen;
  for (const json::value* one :
       aws::ListAt(*p.group().item, seen_member).value_or(std::vector<const json::value*>()))
    if (auto text = aws::TextAt(*one, "")) seen.insert(*std::move(text));
  std::vector<std::string> missing;
  for (const std::string& one : wanted)
    if (!seen.contains(one)) missing.push_back(one);
  if (missing.empty()) return;
  draft.plan().diffs.push_back({std::string(field), Join(missing, ","), "not attached"});
  if (missing.size() > kMostAttachedAtOnce) missing.resize(kMostAttachedAtOnce);
  json::array names;
  for (const std::string& one : missing) names.emplace_back(one);
  draft.Add(Turn::kSettings,
            WriteStep(p.want, operation, {{JsonView(member), std::move(names)}}, "attach", std::string(field),
                      Join(missing, ","), Cat("the spec says ", Enumerate(missing))),
            "attach");
}

void WantTags(const Picture& p, Draft& draft) {
  std::map<std::string, const json::value*> seen;
  for (const json::value* tag :
       aws::ListAt(*p.group().item, "Tags").value_or(std::vector<const json::value*>()))
    if (auto key = aws::TextAt(*tag, "Key")) seen[*std::move(key)] = tag;
  json::array differing;
  std::vector<std::string> texts;
  for (const Tag& tag : p.want.tags) {
    const json::object want = WantedTag(tag, p.want.group);
    const auto there = seen.find(tag.key);
    const json::object compared{{"Value", tag.value}, {"PropagateAtLaunch", tag.propagate}};
    const auto found = there == seen.end() ? Disagreement{"", tag.value, "not set"}
                                           : FirstDisagreement(compared, *there->second);
    if (!found) continue;
    draft.plan().diffs.push_back({Cat("tags.", tag.key), found->want, found->seen});
    differing.push_back(want);
    texts.push_back(Cat(tag.key, "=", tag.value));
  }
  if (differing.empty()) return;
  draft.Add(Turn::kSettings,
            WriteStep(p.want, "CreateOrUpdateTags", {{"Tags", std::move(differing)}}, "tag", "tags",
                      Join(texts, ","), Cat("the spec says ", Enumerate(texts))),
            "tags");
}

}  // namespace

void WantSettings(const Picture& p, const std::optional<RolloutNow>& rollout, Draft& draft) {
  SetDiffering(p, WantedSettings(p.want), std::nullopt, draft);
  SetDiffering(p, WantedLaunch(p, draft), MaySwitch(p, rollout), draft);
  WantPlaces(p, draft);
}

void WantAttached(const Picture& p, Draft& draft) {
  Attach(p, p.want.load_balancers, "LoadBalancerNames", "AttachLoadBalancers", "LoadBalancerNames",
         "loadBalancers", draft);
  Attach(p, p.want.target_groups, "TargetGroupARNs", "AttachLoadBalancerTargetGroups", "TargetGroupARNs",
         "targetGroups", draft);
  WantTags(p, draft);
}

}  // namespace holdfast::autoscaling_group
