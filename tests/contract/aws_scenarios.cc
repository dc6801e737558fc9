// Stories of an AWS account: capacity follows need, groups keep their size, alarms keep their actions.
#include <memory>
#include <set>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "tests/contract/aws_story.h"

namespace holdfast::contract {
namespace {

using sandbox::aws::Account;
using sandbox::aws::Group;
using sandbox::aws::Member;
using sandbox::aws::Subscription;
using sandbox::aws::Table;
using sandbox::aws::Throughput;
using sim::Harness;

const ResourceKey kTable{"DynamoDBTable", "users"}, kGroup{"AutoScalingGroup", "web"},
    kAlarm{"CloudWatchAlarm", "cpu-high"}, kTopic{"SnsTopic", "ops"},
    kConfiguration{"LaunchConfiguration", "web-2"};

// ── tables ──

constexpr std::string_view kRange = R"(  table: users
  capacity:
    read: {min: 100, max: 400, raise: {onThrottle: {window: 5m}, by: 50%, cooldown: 10m}}
    write: {min: 50, max: 200, raise: {onThrottle: {window: 5m}, by: 50%, cooldown: 10m}}
    raiseTogether: true
)";

void AddUsers(Account& account) {
  account.AddTable("users", {.read = 100, .write = 50});
  account.AddIndex("users", "by-mail", {.read = 20, .write = 20});
}
const Table& Users(const Account& account) { return account.ground().tables.all.at("users"); }
bool Has(const Account& account, Throughput wanted) {
  return Users(account).is == Table::Is::kActive && Users(account).throughput == wanted;
}
void WithinRange(AccountWatchman& watchman) {
  watchman.capacity["users"] = {.least = {100, 50}, .most = {400, 200}};
  watchman.capacity["users/by-mail"] = {.least = {20, 20}, .most = {20, 20}};
}

// More than the range allows for a quarter of an hour, and then what was there before it.
AccountStory PlannedStory() {
  struct Seen {
    absl::Time until;
    bool lifted = false;
  };
  const auto seen = std::make_shared<Seen>();
  return {.name = "PlannedCapacityIsThereAndGivenBack",
          .resource = kTable,
          .specs = {{"users", AwsSpecText(kTable, kRange)}},
          .scene = AddUsers,
          .rules =
              [](AccountWatchman& watchman) {
                watchman.capacity["users"] = {.least = {100, 50}, .most = {800, 300}, .decreases = 1};
                watchman.capacity["users/by-mail"] = {.least = {20, 20}, .most = {20, 20}};
              },
          .when =
              [seen](Harness& h, Account&) {
                const absl::Time from = h.clock.Now() + absl::Minutes(5);
                *seen = {.until = from + absl::Minutes(15)};
                h.SetSpec(
                    "users",
                    AwsSpecText(kTable, Cat(kRange, "    planned: [{from: \"", Rfc3339(from), "\", until: \"",
                                            Rfc3339(seen->until),
                                            "\", ahead: 3m, read: 800, write: 300, reason: debate}]\n")));
              },
          .then =
              [seen](Harness& h, Account& account) {
                seen->lifted = seen->lifted || Has(account, {800, 300});
                return seen->lifted && h.clock.Now() > seen->until && Has(account, {100, 50}) &&
                       h.IsSettled(kTable) && h.PastOf(kTable).open.empty();
              },
          .longest = absl::Hours(1)};
}

std::vector<AccountStory> TableStories() {
  std::vector<AccountStory> all;
  all.push_back({.name = "ThrottledTableIsRaisedOnce",
                 .resource = kTable,
                 .specs = {{"users", AwsSpecText(kTable, kRange)}},
                 .scene = AddUsers,
                 .rules = WithinRange,
                 .when = [](Harness&, Account& account) { account.SetLoad("users", {.read = 130}); },
                 .then = [](Harness&, Account& account) { return Has(account, {150, 75}); }});
  all.push_back(
      {.name = "CapacityIsSetAsDeclaredWithOneDecrease",
       .resource = kTable,
       .specs = {{"users", AwsSpecText(kTable, "  table: users\n  capacity: {read: 100, write: 50}\n")}},
       .scene = AddUsers,
       .rules =
           [](AccountWatchman& watchman) {
             watchman.capacity["users"] = {.least = {60, 50}, .most = {100, 80}, .decreases = 1};
           },
       .when =
           [](Harness& h, Account&) {
             h.SetSpec("users", AwsSpecText(kTable, "  table: users\n  capacity: {read: 60, write: 80}\n"));
           },
       .then = [](Harness&, Account& account) { return Has(account, {60, 80}); }});
  all.push_back({.name = "ForeignHandIsBroughtBackIntoTheRange",
                 .resource = kTable,
                 .specs = {{"users", AwsSpecText(kTable, kRange)}},
                 .scene = AddUsers,
                 .rules = WithinRange,
                 .when =
                     [](Harness&, Account& account) {
                       account.Edit(
                           "dynamodb", "UpdateTable",
                           json::object{{"TableName", "users"},
                                        {"ProvisionedThroughput", json::object{{"ReadCapacityUnits", 10},
                                                                               {"WriteCapacityUnits", 60}}}});
                     },
                 .then = [](Harness&, Account& account) { return Has(account, {100, 60}); }});
  all.push_back(PlannedStory());
  return all;
}

// ── alarms, topics, launch configurations ──

const std::string kTopicArn = "arn:aws:sns:us-east-1:123456789012:ops";
constexpr std::string_view kTopicSpec =
    "  name: ops\n  subscriptions: [{protocol: sqs, endpoint: "
    "\"arn:aws:sqs:us-east-1:123456789012:alarms\"}]\n";

std::string AlarmSpec(int threshold) {
  return AwsSpecText(kAlarm, Cat(R"(  name: cpu-high
  namespace: AWS/EC2
  metric: CPUUtilization
  dimensions: {AutoScalingGroupName: web}
  statistic: Average
  period: 5m
  evaluationPeriods: 1
  threshold: )",
                                 threshold, R"(
  comparison: GreaterThanOrEqualToThreshold
  actions: {alarm: [{topic: {ref: SnsTopic/ops}}], insufficientData: [{topic: {ref: SnsTopic/ops}}]}
)"));
}
void WithActions(AccountWatchman& watchman) {
  watchman.alarms["cpu-high"] = {.alarm = {kTopicArn}, .ok = {}, .insufficient = {kTopicArn}};
}
bool AlarmsAt(const Account& account, int64_t threshold) {
  const auto found = account.ground().alarms.all.find("cpu-high");
  return found != account.ground().alarms.all.end() &&
         sandbox::aws::WholeAt(json::value(found->second.put), "Threshold") == threshold;
}
void Nothing(Account&) {}
void Nobody(Harness&, Account&) {}

std::vector<AccountStory> AlarmStories() {
  std::vector<AccountStory> all;
  all.push_back(
      {.name = "IsMadeWithItsTopic",
       .resource = kAlarm,
       .specs = {{"alarm", AlarmSpec(40)}, {"topic", AwsSpecText(kTopic, kTopicSpec)}},
       .scene = Nothing,
       .rules = WithActions,
       .when = Nobody,
       .then = [](Harness& h, Account& account) { return AlarmsAt(account, 40) && h.IsSettled(kAlarm); },
       .begins = Scenario::Begins::kCold});
  return all;
}

std::vector<AccountStory> TopicStories() {
  std::vector<AccountStory> all;
  all.push_back({.name = "IsMadeAndWaitsForItsReader",
                 .resource = kTopic,
                 .specs = {{"topic", AwsSpecText(kTopic,
                                                 "  name: ops\n  subscriptions: [{protocol: email, endpoint: "
                                                 "ops@example.org}]\n")}},
                 .scene = Nothing,
                 .when = Nobody,
                 .then =
                     [](Harness& h, Account& account) {
                       const auto& subscriptions = account.ground().topics.subscriptions;
                       if (subscriptions.size() != 1) return false;
                       const Subscription& only = subscriptions.begin()->second;
                       if (h.clock.Now() - only.asked_at > absl::Minutes(3))
                         account.Confirm("ops@example.org");
                       return only.is == Subscription::Is::kConfirmed && h.IsSettled(kTopic);
                     },
                 .begins = Scenario::Begins::kCold,
                 // A letter that may have been sent is not sent again within an hour.
                 .longest = absl::Hours(2)});
  return all;
}

std::vector<AccountStory> ConfigurationStories() {
  std::vector<AccountStory> all;
  all.push_back({.name = "IsMadeOfAnImage",
                 .resource = kConfiguration,
                 .specs = {{"configuration",
                            AwsSpecText(kConfiguration,
                                        "  name: web-2\n  image: ami-0123456789abcdef0\n  instanceType: "
                                        "t3.micro\n")}},
                 .scene =
                     [](Account& account) {
                       account.scene().machines.images["ami-0123456789abcdef0"] = {
                           .id = "ami-0123456789abcdef0", .name = "steady"};
                     },
                 .when = Nobody,
                 .then =
                     [](Harness& h, Account& account) {
                       return account.ground().groups.configurations.contains("web-2") &&
                              h.IsSettled(kConfiguration);
                     },
                 .begins = Scenario::Begins::kCold});
  all.push_back(
      {.name = "IsMadeOfARunningInstance",
       .resource = kConfiguration,
       .specs = {{"configuration",
                  AwsSpecText(kConfiguration,
                              "  name: web-2\n  image: {fromInstance: {id: i-0123456789abcdef0, noReboot: "
                              "true, name: web-2}}\n  instanceType: t3.micro\n")}},
       .scene =
           [](Account& account) {
             account.scene().machines.all["i-0123456789abcdef0"] = {
                 .id = "i-0123456789abcdef0", .is = sandbox::aws::Machine::Is::kRunning};
           },
       .rules = [](AccountWatchman& watchman) { watchman.most_images = 1; },
       .when = Nobody,
       .then =
           [](Harness& h, Account& account) {
             return account.ground().groups.configurations.contains("web-2") && h.IsSettled(kConfiguration);
           },
       .begins = Scenario::Begins::kCold});
  return all;
}

// ── groups ──

std::string GroupSpec(std::string_view more) { return AwsSpecText(kGroup, Cat("  group: web\n", more)); }
void AddWeb(Account& account) { account.AddGroup({.name = "web", .balancers = {"front"}}); }
const Group& Web(const Account& account) { return account.ground().groups.all.at("web"); }
bool NothingIsOpen(Harness& h) { return h.PastOf(kGroup).open.empty(); }

// A new configuration lies ready beside the one that the group's three instances were launched from.
void AddWebWithNews(Account& account) {
  account.AddGroup({.name = "web", .desired = 3, .balancers = {"front"}});
  account.scene().machines.images["ami-new"] = {.id = "ami-new", .name = "new"};
  auto& configurations = account.scene().groups.configurations;
  configurations["web-2"] = configurations.at("web-1");
  configurations["web-2"].name = "web-2";
  configurations["web-2"].image = "ami-new";
  configurations["web-2"].arn += "-2";
  configurations["web-2"].put["LaunchConfigurationName"] = "web-2";
  configurations["web-2"].put["ImageId"] = "ami-new";
}
std::string RolloutSpec(std::string_view configuration, std::string_view rollout) {
  return GroupSpec(Cat("  size: {min: 1, max: 4}\n  launchConfiguration: {name: ", configuration,
                       "}\n  rollout: ", rollout, "\n"));
}
// Everything that may go runs the new configuration, and nothing of the way there is left.
bool IsRolledOut(Harness& h, Account& account) {
  const Group& web = Web(account);
  if (web.min != 1 || web.max != 4 || web.desired != 3 || !web.suspended.empty() || !NothingIsOpen(h))
    return false;
  int64_t serving = 0;
  for (const Member& member : web.members) {
    if (!member.is_protected && member.origin.configuration != "web-2") return false;
    serving += sandbox::aws::IsServing(account.ground(), web, member) ? 1 : 0;
  }
  return serving == 3;
}

AccountStory RolloutStory(std::string name, std::string rollout) {
  return {.name = std::move(name),
          .resource = kGroup,
          .specs = {{"web", RolloutSpec("web-1", rollout)}},
          .scene = AddWebWithNews,
          .when = [rollout](Harness& h, Account&) { h.SetSpec("web", RolloutSpec("web-2", rollout)); },
          .then = IsRolledOut,
          .longest = absl::Hours(2)};
}

std::vector<AccountStory> GroupStories() {
  std::vector<AccountStory> all;
  all.push_back(
      {.name = "BoundsChangeAndTheSizeIsItsOwn",
       .resource = kGroup,
       .specs = {{"web", GroupSpec("  size: {min: 1, max: 4}\n")}},
       .scene = AddWeb,
       .rules = [](AccountWatchman& watchman) { watchman.groups["web"].least_serving = 2; },
       .when = [](Harness& h, Account&) { h.SetSpec("web", GroupSpec("  size: {min: 2, max: 6}\n")); },
       .then =
           [](Harness&, Account& account) {
             const Group& web = Web(account);
             return web.min == 2 && web.max == 6 && web.desired == 2;
           }});
  all.push_back(
      {.name = "GrowsToItsSize",
       .resource = kGroup,
       .specs = {{"web", GroupSpec("  size: {min: 1, max: 4, desired: 2}\n")}},
       .scene = AddWeb,
       .rules =
           [](AccountWatchman& watchman) {
             watchman.groups["web"].least_serving = 2;
             watchman.groups["web"].most_desired = 5;
           },
       .when = [](Harness& h,
                  Account&) { h.SetSpec("web", GroupSpec("  size: {min: 3, max: 8, desired: 5}\n")); },
       .then =
           [](Harness&, Account& account) {
             return Web(account).max == 8 && Web(account).min == 3 &&
                    Serving(account.ground(), Web(account)) == 5;
           }});
  all.push_back({.name = "ProcessIsPutAsideForAWhileAndAForeignOneStays",
                 .resource = kGroup,
                 .specs = {{"web", GroupSpec("  size: {min: 1, max: 4}\n")}},
                 .scene =
                     [](Account& account) {
                       AddWeb(account);
                       account.scene().groups.all.at("web").suspended["ScheduledActions"] = "User suspended";
                     },
                 .when =
                     [](Harness& h, Account&) {
                       const std::string until = Rfc3339(h.clock.Now() + absl::Minutes(5));
                       h.SetSpec("web", GroupSpec(Cat("  size: {min: 1, max: 4}\n  suspended: [{process: "
                                                      "AZRebalance, reason: test, until: ",
                                                      until, "}]\n")));
                     },
                 .then =
                     [](Harness& h, Account& account) {
                       const bool was_done = account.asked().contains("autoscaling:ResumeProcesses");
                       return was_done && NothingIsOpen(h) &&
                              !Web(account).suspended.contains("AZRebalance") &&
                              Web(account).suspended.contains("ScheduledActions");
                     }});
  all.push_back({.name = "PoliciesAreMade",
                 .resource = kGroup,
                 .specs = {{"web", GroupSpec("  size: {min: 1, max: 4}\n")}},
                 .scene = AddWeb,
                 .when =
                     [](Harness& h, Account&) {
                       h.SetSpec("web", GroupSpec(R"(  size: {min: 1, max: 4}
  policies:
    - {name: Increase Group Size, simple: {adjustment: 2, type: ChangeInCapacity, cooldown: 5m}}
    - {name: Decrease Group Size, simple: {adjustment: -2, type: ChangeInCapacity, cooldown: 5m}}
)"));
                     },
                 .then = [](Harness&, Account& account) { return Web(account).policies.size() == 2; }});
  const std::string serial = "{strategy: serial, compatible: true, settle: 30s}";
  all.push_back(RolloutStory("SerialRolloutReplacesOneAfterTheOther", serial));
  all.back().rules = [](AccountWatchman& watchman) {
    watchman.groups["web"].least_serving = 2;
    watchman.groups["web"].most_terminations = 3;
  };
  all.push_back(RolloutStory("SerialRolloutSparesWhatIsProtected", serial));
  all.back().scene = [](Account& account) {
    AddWebWithNews(account);
    account.scene().groups.all.at("web").members[1].is_protected = true;
  };
  all.back().rules = [](AccountWatchman& watchman) {
    watchman.groups["web"].least_serving = 2;
    watchman.groups["web"].most_terminations = 2;
  };
  const std::string refresh =
      "{strategy: instanceRefresh, compatible: true, settle: 30s, minHealthy: 60%, warmup: 30s}";
  all.push_back(RolloutStory("InstanceRefreshIsBegunOnceAndWatched", refresh));
  all.back().scene = [](Account& account) {
    AddWebWithNews(account);
    account.scene().groups.all.at("web").members[1].is_protected = true;
  };
  all.back().rules = [](AccountWatchman& watchman) {
    watchman.groups["web"] = {.least_serving = 2, .most_terminations = 2, .most_refreshes = 1};
  };
  all.push_back(RolloutStory("InstanceRefreshFollowsTheOneOfSomebodyElse", refresh));
  all.back().when = [refresh](Harness& h, Account& account) {
    account.Edit("autoscaling", "StartInstanceRefresh",
                 json::object{{"AutoScalingGroupName", "web"},
                              {"Preferences", json::object{{"MinHealthyPercentage", 60}}}});
    h.SetSpec("web", RolloutSpec("web-2", refresh));
  };
  all.back().rules = [](AccountWatchman& watchman) {
    watchman.groups["web"] = {.least_serving = 2, .most_terminations = 3, .most_refreshes = 1};
  };
  all.push_back(RolloutStory("FullRolloutLetsOldAndNewNeverServeTogether", "{strategy: full, settle: 30s}"));
  all.back().rules = [](AccountWatchman& watchman) {
    watchman.groups["web"] = {.least_serving = 0,
                              .most_terminations = 3,
                              .versions = AccountWatchman::Size::Versions::kNeverTogether};
  };
  return all;
}

std::vector<Scenario> ScenariosOf(const std::vector<AccountStory>& stories) {
  std::vector<Scenario> scenarios;
  scenarios.reserve(stories.size());
  for (const AccountStory& story : stories) scenarios.push_back(ScenarioFrom(story));
  return scenarios;
}

}  // namespace

std::vector<Scenario> AutoScalingGroupScenarios() { return ScenariosOf(GroupStories()); }
std::vector<Scenario> CloudWatchAlarmScenarios() { return ScenariosOf(AlarmStories()); }
std::vector<Scenario> DynamoDBTableScenarios() { return ScenariosOf(TableStories()); }
std::vector<Scenario> LaunchConfigurationScenarios() { return ScenariosOf(ConfigurationStories()); }
std::vector<Scenario> SnsTopicScenarios() { return ScenariosOf(TopicStories()); }

}  // namespace holdfast::contract
