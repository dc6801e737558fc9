// Application Auto Scaling: who else owns a table's capacity.
#include <algorithm>
#include <utility>

#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kMostTargets = 50;

std::string KeyOf(const Call& call) {
  return Cat(call.Text("ResourceId"), " ", call.Text("ScalableDimension"));
}

Fault NoTarget(const Call& call) {
  return {"ObjectNotFoundException",
          Cat("No scalable target found for service namespace: ", call.Text("ServiceNamespace"),
              ", resource ID: ", call.Text("ResourceId"),
              ", scalable dimension: ", call.Text("ScalableDimension"))};
}

bool IsAsked(const Call& call, const ScalableTarget& target) {
  std::vector<std::string> ids = call.Texts("ResourceIds");
  if (call.Has("ResourceId")) ids.push_back(call.Text("ResourceId"));
  const bool is_listed = ids.empty() || std::ranges::find(ids, target.resource) != ids.end();
  const std::string dimension = call.Text("ScalableDimension");
  return is_listed && target.service == call.Text("ServiceNamespace") &&
         (dimension.empty() || dimension == target.dimension);
}

template <class Add>
std::string Page(Call& call, const Add& add) {
  const int64_t limit = std::clamp<int64_t>(call.Whole("MaxResults", kMostTargets), 1, kMostTargets);
  return PageOf(
      call.seen.scalable, call.Text("NextToken"), limit,
      [&](const ScalableTarget& target) { return IsAsked(call, target); }, add);
}

}  // namespace

Said DescribeScalableTargets(Call& call) {
  json::array targets;
  const std::string token = Page(call, [&](const ScalableTarget& target) {
    targets.push_back(json::object{{"ServiceNamespace", Word(target.service)},
                                   {"ResourceId", Word(target.resource)},
                                   {"ScalableDimension", Word(target.dimension)},
                                   {"MinCapacity", target.min},
                                   {"MaxCapacity", target.max},
                                   {"RoleARN", Word(target.role)},
                                   {"CreationTime", Epoch(target.created)},
                                   {"SuspendedState", json::object{{"DynamicScalingInSuspended", false},
                                                                   {"DynamicScalingOutSuspended", false},
                                                                   {"ScheduledScalingSuspended", false}}}});
  });
  json::object out = {{"ScalableTargets", std::move(targets)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Said DescribeTargetPolicies(Call& call) {
  json::array policies;
  const std::string token = Page(call, [&](const ScalableTarget& target) {
    for (const json::object& policy : target.policies) policies.push_back(policy);
  });
  json::object out = {{"ScalingPolicies", std::move(policies)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Said RegisterScalableTarget(Call& call) {
  Ground& ground = call.truth;
  const bool is_new = !ground.scalable.contains(KeyOf(call));
  if (is_new && (!call.Has("MinCapacity") || !call.Has("MaxCapacity")))
    return Fault{"ValidationException", "MinCapacity and MaxCapacity are required for a new scalable target"};
  ScalableTarget target = ground.scalable[KeyOf(call)];
  if (is_new) target.created = ground.now;
  target.service = call.Text("ServiceNamespace");
  target.resource = call.Text("ResourceId");
  target.dimension = call.Text("ScalableDimension");
  target.min = call.Whole("MinCapacity", target.min);
  target.max = call.Whole("MaxCapacity", target.max);
  target.role = Cat("arn:aws:iam::", ground.account,
                    ":role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/AWSServiceRole");
  if (target.min > target.max) {
    if (is_new) ground.scalable.erase(KeyOf(call));
    return Fault{"ValidationException", "Maximum capacity cannot be less than minimum capacity"};
  }
  ground.scalable[KeyOf(call)] = target;
  return json::object{{"ScalableTargetARN", Word(ground.Arn("application-autoscaling",
                                                            Cat("scalable-target/", target.resource)))}};
}

Said DeregisterScalableTarget(Call& call) {
  if (call.truth.scalable.erase(KeyOf(call)) == 0) return NoTarget(call);
  return json::object();
}

void KeepScalableTargets(Ground& ground) {
  for (const auto& [key, target] : ground.scalable) {
    constexpr std::string_view kTable = "table/";
    if (target.policies.empty() || !target.resource.starts_with(kTable)) continue;
    const auto table = ground.tables.all.find(target.resource.substr(kTable.size()));
    if (table == ground.tables.all.end() || table->second.is != Table::Is::kActive) continue;
    Table& of = table->second;
    Throughput wanted = of.throughput;
    int64_t& units = target.dimension.ends_with("ReadCapacityUnits") ? wanted.read : wanted.write;
    units = std::clamp(units, target.min, target.max);
    if (wanted == of.throughput || of.billing == Table::Billing::kOnDemand) continue;
    of.decreases.Note(of.throughput, wanted, ground.now);
    of.coming = wanted;
    of.is = Table::Is::kUpdating;
    of.due = ground.now + ground.tables.throughput_takes;
    ground.Happened("ScaledByTarget", of.name);
  }
}

}  // namespace holdfast::sandbox::aws
