// Auto Scaling groups: what they are told to be, and the instances that follow.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "examples/sandbox/aws/machines.h"
#include "examples/sandbox/hosts.h"

namespace holdfast::sandbox::aws {

struct Ground;

struct LaunchConfiguration {
  std::string name, arn, image;
  absl::Time created;
  json::object put;  // as it was created
};

// What instances are launched from.
struct Origin {
  std::string configuration;                                 // a launch configuration's name, or
  std::string template_id, template_name, template_version;  // a launch template
  bool operator==(const Origin&) const = default;
};

struct Member {
  std::string id, zone;
  enum class Is {
    kPending,
    kPendingWait,
    kInService,
    kTerminating,
    kTerminatingWait,
    kEnteringStandby,
    kStandby,
    kDetaching
  } is = Is::kPending;
  bool healthy = true;
  bool is_protected = false;
  Origin origin;
  absl::Time since;                         // in service
  absl::Time due = absl::InfiniteFuture();  // when the next thing happens to it
  std::string activity;
  bool Counts() const { return is == Is::kPending || is == Is::kPendingWait || is == Is::kInService; }
};
std::string_view LifecycleName(Member::Is is);

struct Activity {
  std::string id, group, description, cause, status = "InProgress", message;
  absl::Time begun, ended = absl::InfiniteFuture();
  int progress = 0;
};

struct Policy {
  std::string name, arn, type = "SimpleScaling";
  json::object put;
  std::vector<std::string> own_alarms;  // of target tracking
};

struct Hook {
  std::string name, transition, result = "ABANDON";
  absl::Duration heartbeat = absl::Hours(1);
  json::object put;
};

struct Refresh {
  std::string id, status = "Pending", reason;
  By by = By::kPerson;
  absl::Time asked, begun = absl::InfiniteFuture(), ended = absl::InfiniteFuture();
  absl::Time moved;  // when it last came any further
  int64_t least_percent = 90;
  absl::Duration warmup;
  enum class Apart {
    kTaken,
    kIgnored,
    kWaitedFor
  } protected_ones = Apart::kWaitedFor,
    standby = Apart::kWaitedFor;
  json::object preferences;
  size_t of = 0;               // instances in all
  std::set<std::string> left;  // to be replaced yet
  bool IsUnderWay() const { return status == "Pending" || status == "InProgress"; }
  int Percent() const { return of == 0 ? 100 : static_cast<int>(100 * (of - left.size()) / of); }
};

struct Group {
  std::string name, arn;
  Origin origin;
  int64_t min = 0, max = 0, desired = 0;
  By desired_by = By::kPerson;  // who asked for this size last
  absl::Duration cooldown = absl::Seconds(300), grace = absl::Seconds(0);
  std::vector<std::string> zones, balancers, target_groups, termination_policies = {"Default"};
  std::string health_check = "EC2", subnets;
  bool protects_new = false;
  absl::Time created, scaled_at = absl::InfinitePast(), next_launch = absl::InfinitePast();
  enum class Is { kThere, kDeleting } is = Is::kThere;
  std::vector<Member> members;
  std::map<std::string, std::string> suspended;  // process → reason
  struct Tag {
    std::string value;
    bool propagates = false;
  };
  std::map<std::string, Tag> tags;
  std::map<std::string, Policy> policies;
  std::map<std::string, Hook> hooks;
  std::map<std::string, json::object> scheduled;
  std::vector<Refresh> refreshes;  // the latest last

  bool Runs(const std::string& process) const { return !suspended.contains(process); }
  Member* Find(const std::string& instance);
  const Member* Find(const std::string& instance) const;
  int64_t Counting() const;
};

struct Groups {
  std::map<std::string, Group> all;
  std::map<std::string, LaunchConfiguration> configurations;
  std::map<std::string, Activity> activities;  // by id, which grow
  absl::Duration launch_takes = absl::Seconds(40), terminate_takes = absl::Seconds(20),
                 after_failure = absl::Minutes(1);
  size_t most_configurations = 200;
  // Whether a change of size is refused while an activity goes on.
  enum class WhileScaling { kAccepts, kRefuses } while_scaling = WhileScaling::kAccepts;

  absl::Time NextEvent() const;
};

// What is due, and what follows from what is wanted: launches and terminations are begun.
void SettleGroups(Ground& ground);
// A refresh replaces the next ones, ends, or waits.
void SettleRefresh(Ground& ground, Group& group);
// As the service does when it is told to; it is on its way out from then on.
void BeginTermination(Ground& ground, Group& group, Member& member, std::string cause);
// It serves its users: in service, healthy, answering, and so in every balancer of its group.
bool IsServing(const Ground& ground, const Group& group, const Member& member);
int64_t Serving(const Ground& ground, const Group& group);
// Runs a scaling policy. "" or why nothing was done.
std::string RunPolicy(Ground& ground, Group& group, const Policy& policy);
// By "arn:…:policyName/NAME".
void RunPolicyByArn(Ground& ground, const std::string& arn);
Origin Resolved(const Ground& ground, const Origin& origin);
std::string ImageOf(const Ground& ground, const Origin& origin);

}  // namespace holdfast::sandbox::aws
