#include "reconcilers/autoscaling_group/observe.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/autoscaling_group/hooks.h"
#include "reconcilers/autoscaling_group/rollout.h"
#include "reconcilers/autoscaling_group/serving.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/system.h"

namespace holdfast::autoscaling_group {
namespace {

using aws::Item;

aws::Wanted WantedItem(const Spec& want) {
  const aws::Target target = aws::TargetOf(want.location);
  const auto describe = [&](json::object parameters) {
    return aws::Call{target, "autoscaling", "DescribeAutoScalingGroups", std::move(parameters)};
  };
  return {.listing = describe({{"MaxRecords", 100}}),
          .name_member = "AutoScalingGroupName",
          .name = want.group,
          .one = describe({{"AutoScalingGroupNames", json::array{json::value(want.group)}}}),
          .items = "AutoScalingGroups"};
}

std::string GroupOf(const json::value& item) {
  return aws::TextAt(item, "AutoScalingGroupName").value_or("");
}

// What groups have, listed for all of them and read for one.
aws::Wanted WantedList(const Spec& want, std::string_view operation, std::string_view items) {
  const aws::Target target = aws::TargetOf(want.location);
  const auto describe = [&](json::object parameters) {
    return aws::Call{target, "autoscaling", std::string(operation), std::move(parameters)};
  };
  return {.listing = describe({{"MaxRecords", 100}}),
          .name = want.group,
          .one = describe({{"AutoScalingGroupName", want.group}, {"MaxRecords", 100}}),
          .items = std::string(items),
          .group_of = GroupOf};
}

// The list by names; `oldest` becomes when it was asked for, if that is earlier.
Observed<Parts> ByName(const Observed<Item>& list, std::string_view name_member, absl::Time& oldest) {
  return list.Match(
      [&](const Known<Item>& known) -> Observed<Parts> {
        Result<Parts> parts = ReadParts(*known.value, name_member);
        if (!parts.ok()) return Unknown{parts.status().message()};
        oldest = std::min(oldest, known.at);
        return Known<Parts>{*std::move(parts), known.at};
      },
      [](const Absent& absent) -> Observed<Parts> { return absent; },
      [](const Unknown& unknown) -> Observed<Parts> { return unknown; });
}

template <class T>
Observed<T> As(const aws::Reply& reply, Result<T> (*read)(const json::value&)) {
  if (!reply.ok()) return Unknown{reply.status().message()};
  Result<T> value = read(reply.body);
  if (!value.ok()) return Unknown{value.status().message()};
  return Known<T>{*std::move(value), reply.asked_at};
}

Task<Goings> LookAtGoings(aws::Client& client, aws::Target target, Group group) {
  const auto call = [&](std::string_view service, std::string_view operation, json::object parameters) {
    return aws::Call{target, std::string(service), std::string(operation), std::move(parameters)};
  };
  Goings goings;
  // The newest page is enough: what is under way is on it.
  goings.activities =
      As(co_await client.Read(call("autoscaling", "DescribeScalingActivities",
                                   {{"AutoScalingGroupName", group.name}, {"MaxRecords", 100}}),
                              kLookDeadline),
         ReadActivities);
  goings.refreshes =
      As(co_await client.Read(call("autoscaling", "DescribeInstanceRefreshes",
                                   {{"AutoScalingGroupName", group.name}, {"MaxRecords", 100}}),
                              kLookDeadline),
         ReadRefreshes);
  for (const std::string& name : ClassicBalancers(group))
    goings.balancers[name] =
        As(co_await client.Read(call("elb", "DescribeInstanceHealth", {{"LoadBalancerName", name}}),
                                kLookDeadline),
           ReadInstanceHealth);
  for (const std::string& arn : TargetGroups(group))
    goings.balancers[arn] = As(
        co_await client.Read(call("elbv2", "DescribeTargetHealth", {{"TargetGroupArn", arn}}), kLookDeadline),
        ReadTargetHealth);
  co_return goings;
}

}  // namespace

Task<Observed<State>> LookAtGroup(Systems& systems, std::shared_ptr<const Spec> want, Look look) {
  aws::Client& client = systems.Use<aws::System>().client;
  const Observed<Item> seen =
      co_await systems.Use<aws::Inventory>().See(client, WantedItem(*want), look, kLookDeadline);
  State state{.read = State::Read::kTargeted};
  absl::Time at;
  std::optional<Observed<State>> early;
  seen.Match(
      [&](const Known<Item>& known) {
        Result<autoscaling_group::Group> group = ReadGroup(known.value);
        if (group.ok())
          state.group = *std::move(group), at = known.at;
        else
          early = Observed<State>(Unknown{group.status().message()});
      },
      [&](const Absent& absent) { early = Observed<State>(absent); },
      [&](const Unknown& unknown) { early = Observed<State>(unknown); });
  if (early) co_return std::move(*early);

  aws::Inventory& inventory = systems.Use<aws::Inventory>();
  if (!want->policies.empty())
    state.policies =
        ByName(co_await inventory.See(client, WantedList(*want, "DescribePolicies", "ScalingPolicies"), look,
                                      kLookDeadline),
               "PolicyName", at);
  if (!want->scheduled_actions.empty())
    state.scheduled_actions =
        ByName(co_await inventory.See(
                   client, WantedList(*want, "DescribeScheduledActions", "ScheduledUpdateGroupActions"), look,
                   kLookDeadline),
               "ScheduledActionName", at);
  if (!want->lifecycle_hooks.empty()) {
    absl::Time hooks_at = at;
    state.hooks = ByName(co_await systems.Use<Hooks>().See(client, aws::TargetOf(want->location), want->group,
                                                           look, kLookDeadline),
                         "LifecycleHookName", hooks_at);
    // Hooks that are minutes old must not make the group look so; what is written rests on fresh ones.
    if (hooks_at < look.not_older_than)
      state.read = State::Read::kSwept;
    else
      at = std::min(at, hooks_at);
  }
  if (look.Asks(kAskGoings))
    state.goings = co_await LookAtGoings(client, aws::TargetOf(want->location), state.group);
  if (at < look.not_older_than) state.read = State::Read::kSwept;
  co_return Known<State>{std::move(state), at};
}

}  // namespace holdfast::autoscaling_group
