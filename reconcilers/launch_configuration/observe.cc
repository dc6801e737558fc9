#include <absl/strings/escaping.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/system.h"
#include "reconcilers/launch_configuration/kind.h"

namespace holdfast {
namespace {

using namespace launch;

constexpr absl::Duration kDeadline = absl::Seconds(50);

aws::Wanted WantedOf(const aws::Target& target, const std::string& name) {
  return {
      .listing = {target, "autoscaling", "DescribeLaunchConfigurations", json::object{{"MaxRecords", 100}}},
      .name_member = "LaunchConfigurationName",
      .name = name,
      .one = {target, "autoscaling", "DescribeLaunchConfigurations",
              json::object{{"LaunchConfigurationNames", json::array{JsonView(name)}}}},
      .items = "LaunchConfigurations"};
}

// Compared here, so that neither text gets any further.
Observed<bool> SameUserData(clients::Secrets& secrets, const Spec& spec, const json::value& item,
                            absl::Time at) {
  const Result<std::string> want = secrets.Resolve(SecretRef{specs::SecretName(*spec.user_data)});
  if (!want.ok()) return Unknown{want.status().message()};
  return {absl::Base64Escape(*want) == aws::TextAt(item, "UserData").value_or(""), at};
}

Task<Observed<Image>> ImageOf(aws::Client& client, aws::Target target, std::string name) {
  const aws::Listing found = co_await client.ReadAll(
      {std::move(target), "ec2", "DescribeImages",
       json::object{{"Owners", json::array{"self"}},
                    {"Filters",
                     json::array{json::object{{"Name", "name"}, {"Values", json::array{JsonView(name)}}}}}}},
      kDeadline);
  if (!found.ok()) co_return Unknown{found.failure ? found.failure->status.message() : "no page came"};
  if (found.items.empty()) co_return Absent{Cat("no image of ours is called ", name), found.asked_at};
  std::optional<Image> image = ReadImage(found.items.front());
  if (!image || found.items.size() > 1) co_return Unknown{Cat("what is called ", name, " is not one image")};
  co_return Observed<Image>(*std::move(image), found.asked_at);
}

Task<Observed<Quota>> QuotaOf(aws::Client& client, aws::Target target) {
  const aws::Reply reply = co_await client.Read(
      {std::move(target), "autoscaling", "DescribeAccountLimits", json::object{}}, kDeadline);
  if (!reply.ok()) co_return Unknown{reply.status().message()};
  const auto most = aws::WholeAt(reply.body, "MaxNumberOfLaunchConfigurations"),
             used = aws::WholeAt(reply.body, "NumberOfLaunchConfigurations");
  if (!most || !used) co_return Unknown{"the answer does not tell them"};
  co_return Observed<Quota>(Quota{*used, *most}, reply.asked_at);
}

Task<Observed<std::vector<std::string>>> UsersOf(aws::Client& client, aws::Target target, std::string name) {
  const aws::Listing groups = co_await client.ReadAll(
      {std::move(target), "autoscaling", "DescribeAutoScalingGroups", json::object{{"MaxRecords", 100}}},
      kDeadline);
  if (!groups.ok()) co_return Unknown{groups.failure ? groups.failure->status.message() : "no page came"};
  std::vector<std::string> users;
  for (const json::value& group : groups.items) {
    if (aws::TextAt(group, "LaunchConfigurationName") == name)
      users.push_back(Cat("group ", aws::TextAt(group, "AutoScalingGroupName").value_or("?")));
    for (const json::value* instance :
         aws::ListAt(group, "Instances").value_or(std::vector<const json::value*>()))
      if (aws::TextAt(*instance, "LaunchConfigurationName") == name)
        users.push_back(Cat("instance ", aws::TextAt(*instance, "InstanceId").value_or("?")));
  }
  co_return Observed<std::vector<std::string>>(std::move(users), groups.asked_at);
}

}  // namespace

Task<Observed<launch::State>> LaunchConfiguration::Observe(Systems& systems, std::shared_ptr<const Spec> want,
                                                           Look look) {
  aws::System& system = systems.Use<aws::System>();
  const aws::Target target = aws::TargetOf(want->location);
  const absl::Time fresh_since = look.not_older_than;
  const bool asks_users = look.Asks(kAskUsers);
  const Observed<aws::Item> item = co_await systems.Use<aws::Inventory>().See(
      system.client, WantedOf(target, want->name), std::move(look), kDeadline);
  State state;
  std::string trouble;
  absl::Time at;
  item.Match(
      [&](const Known<aws::Item>& known) {
        at = known.at;
        std::optional<Config> read = ReadConfig(*known.value);
        if (!read) trouble = "what DescribeLaunchConfigurations told is none";
        if (read) state.config = Known<Config>{*std::move(read), at};
        if (at >= fresh_since) state.read = State::Read::kTargeted;
        if (want->user_data) state.same_user_data = SameUserData(system.secrets, *want, *known.value, at);
      },
      [&](const Absent& absent) {
        at = absent.at;
        state.config = absent;
        state.read = State::Read::kTargeted;
      },
      [&](const Unknown& unknown) { trouble = unknown.reason; });
  if (!trouble.empty()) co_return Unknown{trouble};
  if (std::holds_alternative<Absent>(state.config)) {
    if (InstanceOf(*want) != nullptr) state.image = co_await ImageOf(system.client, target, ImageName(*want));
    state.quota = co_await QuotaOf(system.client, target);
  }
  if (asks_users) state.users = co_await UsersOf(system.client, target, want->name);
  co_return Observed<State>(std::move(state), at);
}

}  // namespace holdfast
