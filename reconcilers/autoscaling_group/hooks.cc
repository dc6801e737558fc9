#include "reconcilers/autoscaling_group/hooks.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::autoscaling_group {

Task<Observed<aws::Item>> Hooks::See(aws::Client& client, aws::Target target, std::string group, Look look,
                                     absl::Duration deadline) {
  const std::string key =
      Cat(target.account, " ", target.profile, " ", target.region, " ", target.endpoint, " ", group);
  absl::Time need = std::max(look.demanded, clock_.Now() - kInterval);
  if (!look.touched.empty()) need = std::max(need, look.touched_not_older_than);
  if (look.Asks(aws::Inventory::kFresh)) need = std::max(need, look.not_older_than);
  if (const auto before = told_.find(key); before != told_.end() && before->second.asked_at >= need)
    co_return Known<aws::Item>{before->second.hooks, before->second.asked_at};

  const aws::Reply reply = co_await client.Read({std::move(target), "autoscaling", "DescribeLifecycleHooks",
                                                 json::object{{"AutoScalingGroupName", group}}},
                                                deadline);
  if (!reply.ok()) co_return Unknown{reply.status().message()};
  const auto hooks = aws::ListAt(reply.body, "LifecycleHooks");
  if (!hooks) co_return Unknown{"DescribeLifecycleHooks: the answer has no LifecycleHooks"};
  json::array list;
  for (const json::value* hook : *hooks) list.push_back(*hook);
  const Told told{std::make_shared<const json::value>(std::move(list)), reply.asked_at};
  told_[key] = told;
  co_return Known<aws::Item>{told.hooks, told.asked_at};
}

}  // namespace holdfast::autoscaling_group
