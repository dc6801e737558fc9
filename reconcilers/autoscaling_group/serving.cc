#include "reconcilers/autoscaling_group/serving.h"

#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::autoscaling_group {
namespace {

std::vector<std::string> Texts(const Group& group, std::string_view member) {
  std::vector<std::string> texts;
  for (const json::value* one : aws::ListAt(*group.item, member).value_or(std::vector<const json::value*>()))
    if (auto text = aws::TextAt(*one, "")) texts.push_back(*std::move(text));
  return texts;
}

Serving FoundBy(const State& state, const std::string& balancer, const Instance& instance) {
  const auto told = state.goings.balancers.find(balancer);
  if (told == state.goings.balancers.end())
    return {Serving::Is::kCannotTell, Cat(balancer, " was not asked")};
  return told->second.Match(
      [&](const Known<Health>& known) -> Serving {
        if (known.value.Finds(instance.id)) return {Serving::Is::kYes, ""};
        const auto found = known.value.states.find(instance.id);
        return {Serving::Is::kNo, Cat(instance.id, ": ", balancer, " finds it ",
                                      found == known.value.states.end() ? "not registered" : found->second)};
      },
      [&](const Absent& absent) -> Serving { return {Serving::Is::kNo, absent.proof}; },
      [&](const Unknown& unknown) -> Serving { return {Serving::Is::kCannotTell, unknown.reason}; });
}

}  // namespace

std::vector<std::string> ClassicBalancers(const Group& group) { return Texts(group, "LoadBalancerNames"); }
std::vector<std::string> TargetGroups(const Group& group) { return Texts(group, "TargetGroupARNs"); }

Serving ServingOf(const State& state, const Instance& instance) {
  if (!instance.IsInService()) return {Serving::Is::kNo, Cat(instance.id, " is ", instance.lifecycle)};
  if (!instance.IsHealthy()) return {Serving::Is::kNo, Cat(instance.id, " is ", instance.health)};
  Serving worst{Serving::Is::kYes, ""};
  for (const auto& all : {ClassicBalancers(state.group), TargetGroups(state.group)})
    for (const std::string& balancer : all) {
      Serving found = FoundBy(state, balancer, instance);
      if (found.is == Serving::Is::kNo) return found;
      if (found.is == Serving::Is::kCannotTell) worst = std::move(found);
    }
  return worst;
}

}  // namespace holdfast::autoscaling_group
