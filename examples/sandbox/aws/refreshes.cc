// Instance refreshes: a group's instances are replaced by others, so many at a time that enough serve.
#include <algorithm>
#include <utility>

#include "controller/base/time_text.h"
#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"
#include "examples/sandbox/aws/group_document.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr absl::Duration kPending = absl::Seconds(10);
// One that does not come any further for so long has failed.
constexpr absl::Duration kStandsStill = absl::Hours(1);

bool IsStandby(const Member& member) {
  return member.is == Member::Is::kStandby || member.is == Member::Is::kEnteringStandby;
}

Refresh::Apart WhatBecomesOf(const Refresh& refresh, const Member& member) {
  if (IsStandby(member)) return refresh.standby;
  return member.is_protected ? refresh.protected_ones : Refresh::Apart::kTaken;
}

void End(Ground& ground, Group& group, Refresh& refresh, std::string_view status, std::string reason) {
  refresh.status = status;
  refresh.reason = std::move(reason);
  refresh.ended = ground.now;
  ground.Happened(Cat("Refresh", status), group.name);
}

// Serves, and if it is new for so long that it counts.
bool IsReady(const Ground& ground, const Group& group, const Refresh& refresh, const Member& member) {
  const bool is_new = member.since >= refresh.begun;
  return IsServing(ground, group, member) && (!is_new || member.since + refresh.warmup <= ground.now);
}

void TakeNext(Ground& ground, Group& group, Refresh& refresh) {
  const int64_t ready = std::ranges::count_if(
      group.members, [&](const Member& member) { return IsReady(ground, group, refresh, member); });
  const int64_t least = (group.desired * refresh.least_percent + 99) / 100;
  // One at a time goes always, or a small group would never be through.
  const int64_t most_missing = std::max<int64_t>(1, group.desired - least);
  int64_t may_go = most_missing - std::max<int64_t>(0, group.desired - ready);
  bool waits = false;
  for (Member& member : group.members) {
    if (!refresh.left.contains(member.id)) continue;
    const Refresh::Apart apart = WhatBecomesOf(refresh, member);
    waits = waits || apart == Refresh::Apart::kWaitedFor;
    const bool is_there = member.Counts() || IsStandby(member);
    if (!is_there || apart != Refresh::Apart::kTaken || may_go <= 0) continue;
    --may_go;
    refresh.moved = ground.now;
    BeginTermination(ground, group, member, "an instance refresh replaces it");
  }
  refresh.reason = waits         ? "Waiting for instances that are protected or in standby."
                   : may_go <= 0 ? "Waiting for remaining instances to be available."
                                 : "";
}

}  // namespace

void SettleRefresh(Ground& ground, Group& group) {
  if (group.refreshes.empty() || !group.Runs("InstanceRefresh")) return;
  Refresh& refresh = group.refreshes.back();
  if (refresh.status == "Pending" && refresh.asked + kPending <= ground.now) {
    refresh.status = "InProgress";
    refresh.begun = refresh.moved = ground.now;
  }
  if (refresh.status != "InProgress") return;
  std::erase_if(refresh.left, [&](const std::string& id) { return group.Find(id) == nullptr; });
  const bool all_are_ready =
      group.Counting() >= group.desired && std::ranges::all_of(group.members, [&](const Member& member) {
        return IsStandby(member) || IsReady(ground, group, refresh, member);
      });
  const bool is_through = std::ranges::all_of(refresh.left, [&](const std::string& id) {
    return WhatBecomesOf(refresh, *group.Find(id)) == Refresh::Apart::kIgnored;
  });
  if (is_through && all_are_ready) {
    refresh.left.clear();
    return End(ground, group, refresh, "Successful", "");
  }
  if (ground.now - refresh.moved >= kStandsStill)
    return End(ground, group, refresh, "Failed", "It did not come any further for an hour.");
  TakeNext(ground, group, refresh);
}

namespace {

std::optional<Fault> Lay(const Call& call, const Group& group, Refresh& refresh) {
  const auto apart = [&](std::string_view member, std::string_view taken) {
    const std::string text = call.Text(Cat("Preferences.", member));
    return text == taken      ? Refresh::Apart::kTaken
           : text == "Ignore" ? Refresh::Apart::kIgnored
                              : Refresh::Apart::kWaitedFor;
  };
  refresh.protected_ones = apart("ScaleInProtectedInstances", "Refresh");
  refresh.standby = apart("StandbyInstances", "Terminate");
  refresh.least_percent = call.Whole("Preferences.MinHealthyPercentage", refresh.least_percent);
  refresh.warmup = absl::Seconds(call.Whole("Preferences.InstanceWarmup", absl::ToInt64Seconds(group.grace)));
  if (refresh.least_percent < 0 || refresh.least_percent > 100)
    return Fault{"ValidationError", "MinHealthyPercentage must be between 0 and 100"};
  const bool skips = call.IsSet("Preferences.SkipMatching");
  if (skips && !group.origin.configuration.empty())
    return Fault{"ValidationError", "Skip matching cannot be used with a launch configuration"};
  const Origin wanted = Resolved(call.truth, group.origin);
  for (const Member& member : group.members)
    if (!skips || member.origin != wanted) refresh.left.insert(member.id);
  refresh.of = refresh.left.size();
  if (const json::value* preferences = At(call.asked.parameters, "Preferences"))
    if (const json::object* object = preferences->if_object()) refresh.preferences = *object;
  return std::nullopt;
}

}  // namespace

Said StartInstanceRefresh(Call& call) {
  Ground& ground = call.truth;
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  if (!group->refreshes.empty() && group->refreshes.back().IsUnderWay())
    return Fault{
        "InstanceRefreshInProgress",
        "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."};
  Refresh refresh;
  if (auto fault = Lay(call, *group, refresh)) return *fault;
  refresh.id = ground.NewUuid();
  refresh.asked = refresh.moved = ground.now;
  refresh.by = call.by;
  group->refreshes.push_back(refresh);
  return json::object{{"InstanceRefreshId", Word(refresh.id)}};
}

Said CancelInstanceRefresh(Call& call) {
  Group* group = GroupOf(call);
  if (group == nullptr) return NoGroup(call.Text("AutoScalingGroupName"));
  if (group->refreshes.empty() || !group->refreshes.back().IsUnderWay())
    return Fault{"ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found"};
  Refresh& refresh = group->refreshes.back();
  refresh.status = "Cancelled";
  refresh.reason = "Cancelled due to user request.";
  refresh.ended = call.truth.now;
  return json::object{{"InstanceRefreshId", Word(refresh.id)}};
}

Said DescribeInstanceRefreshes(Call& call) {
  const auto found = call.seen.groups.all.find(call.Text("AutoScalingGroupName"));
  if (found == call.seen.groups.all.end()) return NoGroup(call.Text("AutoScalingGroupName"));
  json::array refreshes;
  for (auto one = found->second.refreshes.rbegin(); one != found->second.refreshes.rend(); ++one) {
    json::object document = {
        {"InstanceRefreshId", Word(one->id)},    {"AutoScalingGroupName", Word(found->first)},
        {"Status", Word(one->status)},           {"PercentageComplete", one->Percent()},
        {"InstancesToUpdate", one->left.size()}, {"Preferences", one->preferences}};
    if (!one->reason.empty()) document["StatusReason"] = Word(one->reason);
    if (one->begun != absl::InfiniteFuture()) document["StartTime"] = Word(Rfc3339(one->begun));
    if (one->ended != absl::InfiniteFuture()) document["EndTime"] = Word(Rfc3339(one->ended));
    refreshes.push_back(std::move(document));
  }
  return json::object{{"InstanceRefreshes", std::move(refreshes)}};
}

}  // namespace holdfast::sandbox::aws
