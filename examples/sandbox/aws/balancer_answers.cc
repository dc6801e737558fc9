// Elastic Load Balancing: who is registered, and what is known of his health.
#include <algorithm>
#include <utility>

#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {
namespace {

Fault NoBalancer(const std::string& name) {
  return {"LoadBalancerNotFound", Cat("There is no ACTIVE Load Balancer named '", name, "'")};
}
Fault NoTargetGroup() { return {"TargetGroupNotFound", "One or more target groups not found"}; }

std::vector<std::string> Ids(const Call& call, std::string_view list, std::string_view member) {
  std::vector<std::string> out;
  for (const json::value* one :
       ListAt(call.asked.parameters, list).value_or(std::vector<const json::value*>()))
    if (auto id = TextAt(*one, member)) out.push_back(*std::move(id));
  return out;
}

json::array Members(const Balancer& balancer) {
  json::array out;
  for (const auto& [id, since] : balancer.registered) out.push_back(json::object{{"InstanceId", Word(id)}});
  return out;
}

template <class Map>
auto* Find(Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

json::object StateDocument(const std::string& id, Health health) {
  const bool is_well = health == Health::kHealthy, is_coming = health == Health::kComing;
  return {{"InstanceId", Word(id)},
          {"State", is_well ? "InService" : "OutOfService"},
          {"ReasonCode", is_well ? "N/A" : (is_coming ? "ELB" : "Instance")},
          {"Description", is_well     ? "N/A"
                          : is_coming ? "Instance registration is still in progress."
                                      : "Instance has failed at least the UnhealthyThreshold number of "
                                        "health checks consecutively."}};
}

}  // namespace

Said DescribeBalancers(Call& call) {
  const std::vector<std::string> names = call.Texts("LoadBalancerNames");
  for (const std::string& name : names)
    if (!call.seen.balancers.classic.contains(name)) return NoBalancer(name);
  json::array balancers;
  for (const auto& [name, balancer] : call.seen.balancers.classic)
    if (names.empty() || std::ranges::find(names, name) != names.end())
      balancers.push_back(json::object{{"LoadBalancerName", Word(name)}, {"Instances", Members(balancer)}});
  return json::object{{"LoadBalancerDescriptions", std::move(balancers)}};
}

Said DescribeInstanceHealth(Call& call) {
  const std::string name = call.Text("LoadBalancerName");
  const Balancer* balancer = Find(call.seen.balancers.classic, name);
  if (balancer == nullptr) return NoBalancer(name);
  std::vector<std::string> ids = Ids(call, "Instances", "InstanceId");
  if (ids.empty())
    for (const auto& [id, since] : balancer->registered) ids.push_back(id);
  json::array states;
  for (const std::string& id : ids) {
    const Health health = HealthIn(call.seen.balancers, *balancer, call.seen.machines, id, call.truth.now);
    if (health == Health::kNotRegistered)
      return Fault{"InvalidInstance", Cat("Could not find EC2 instance ", id, ".")};
    states.push_back(StateDocument(id, health));
  }
  return json::object{{"InstanceStates", std::move(states)}};
}

Said RegisterInstances(Call& call) {
  Balancer* balancer = Find(call.truth.balancers.classic, call.Text("LoadBalancerName"));
  if (balancer == nullptr) return NoBalancer(call.Text("LoadBalancerName"));
  for (const std::string& id : Ids(call, "Instances", "InstanceId"))
    balancer->registered.try_emplace(id, call.truth.now);
  return json::object{{"Instances", Members(*balancer)}};
}

Said DeregisterInstances(Call& call) {
  Balancer* balancer = Find(call.truth.balancers.classic, call.Text("LoadBalancerName"));
  if (balancer == nullptr) return NoBalancer(call.Text("LoadBalancerName"));
  for (const std::string& id : Ids(call, "Instances", "InstanceId")) balancer->registered.erase(id);
  return json::object{{"Instances", Members(*balancer)}};
}

Said DescribeNewBalancers(Call&) { return json::object{{"LoadBalancers", json::array()}}; }

Said DescribeTargetGroups(Call& call) {
  const std::vector<std::string> arns = call.Texts("TargetGroupArns"), names = call.Texts("Names");
  json::array groups;
  for (const auto& [arn, balancer] : call.seen.balancers.targets) {
    const bool is_named = names.empty() || std::ranges::find(names, balancer.name) != names.end();
    const bool is_listed = arns.empty() || std::ranges::find(arns, arn) != arns.end();
    if (is_named && is_listed)
      groups.push_back(json::object{{"TargetGroupArn", Word(arn)}, {"TargetGroupName", Word(balancer.name)}});
  }
  if (groups.empty() && !(arns.empty() && names.empty())) return NoTargetGroup();
  return json::object{{"TargetGroups", std::move(groups)}};
}

Said DescribeTargetHealth(Call& call) {
  const Balancer* balancer = Find(call.seen.balancers.targets, call.Text("TargetGroupArn"));
  if (balancer == nullptr) return NoTargetGroup();
  std::vector<std::string> ids = Ids(call, "Targets", "Id");
  if (ids.empty())
    for (const auto& [id, since] : balancer->registered) ids.push_back(id);
  json::array targets;
  for (const std::string& id : ids) {
    json::object health;
    switch (HealthIn(call.seen.balancers, *balancer, call.seen.machines, id, call.truth.now)) {
      case Health::kHealthy:
        health = {{"State", "healthy"}};
        break;
      case Health::kComing:
        health = {{"State", "initial"}, {"Reason", "Elb.RegistrationInProgress"}};
        break;
      case Health::kUnhealthy:
        health = {{"State", "unhealthy"}, {"Reason", "Target.FailedHealthChecks"}};
        break;
      case Health::kNotRegistered:
        health = {{"State", "unused"}, {"Reason", "Target.NotRegistered"}};
    }
    targets.push_back(json::object{{"Target", json::object{{"Id", Word(id)}, {"Port", 80}}},
                                   {"HealthCheckPort", "80"},
                                   {"TargetHealth", std::move(health)}});
  }
  return json::object{{"TargetHealthDescriptions", std::move(targets)}};
}

Said RegisterTargets(Call& call) {
  Balancer* balancer = Find(call.truth.balancers.targets, call.Text("TargetGroupArn"));
  if (balancer == nullptr) return NoTargetGroup();
  for (const std::string& id : Ids(call, "Targets", "Id"))
    balancer->registered.try_emplace(id, call.truth.now);
  return json::object();
}

Said DeregisterTargets(Call& call) {
  Balancer* balancer = Find(call.truth.balancers.targets, call.Text("TargetGroupArn"));
  if (balancer == nullptr) return NoTargetGroup();
  for (const std::string& id : Ids(call, "Targets", "Id")) balancer->registered.erase(id);
  return json::object();
}

}  // namespace holdfast::sandbox::aws
