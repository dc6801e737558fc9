#include "tests/contract/account_watchman.h"

#include <algorithm>

#include "controller/base/text.h"

namespace holdfast::contract {
namespace {

using namespace sandbox::aws;
using sandbox::By;

const Group* GroupWith(const Ground& ground, const std::string& instance) {
  for (const auto& [name, group] : ground.groups.all)
    if (group.Find(instance) != nullptr) return &group;
  return nullptr;
}

const Refresh* RefreshUnderWay(const Group& group) {
  return group.refreshes.empty() || !group.refreshes.back().IsUnderWay() ? nullptr : &group.refreshes.back();
}

AccountWatchman::Actions ActionsOf(const Alarm& alarm) {
  const json::value put(alarm.put);
  const auto set = [&](const char* member) {
    const std::vector<std::string> list = TextsAt(put, member);
    return std::set<std::string>(list.begin(), list.end());
  };
  return {set("AlarmActions"), set("OKActions"), set("InsufficientDataActions")};
}

// What a table or an index has, or is about to have.
std::map<std::string, Throughput> CapacitiesOf(const Ground& ground) {
  std::map<std::string, Throughput> out;
  for (const auto& [name, table] : ground.tables.all) {
    if (table.billing == Table::Billing::kOnDemand) continue;
    out[name] = table.coming.value_or(table.throughput);
    for (const auto& [index_name, index] : table.indexes)
      out[Cat(name, "/", index_name)] = index.coming.value_or(index.throughput);
  }
  return out;
}

bool IsLess(const Throughput& a, const Throughput& b) { return a.read < b.read || a.write < b.write; }

}  // namespace

AccountWatchman::AccountWatchman(Account& account) : account_(account) {
  account_.on_effect = [this](const Effect& effect, const Ground& before) { See(effect, before); };
}

int AccountWatchman::writes(const std::string& operation) const {
  const auto found = writes_.find(operation);
  return found == writes_.end() ? 0 : found->second;
}

std::string AccountWatchman::Tell() const {
  constexpr size_t kMostTold = 30;
  const auto& all = account_.effects();
  std::string out;
  for (size_t i = all.size() > kMostTold ? all.size() - kMostTold : 0; i < all.size(); ++i)
    Append(out, "  ", absl::FormatTime("%H:%M:%E3S", all[i].at, absl::UTCTimeZone()), " ", all[i].what, " ",
           all[i].whom, all[i].by == By::kController ? "" : " (by others)", "\n");
  return out;
}

void AccountWatchman::Complain(const Effect& effect, std::string_view what) {
  complaints_.push_back(Cat(absl::FormatTime("%H:%M:%E3S", effect.at, absl::UTCTimeZone()), " ", effect.what,
                            " ", effect.whom, ": ", what));
}

void AccountWatchman::See(const Effect& effect, const Ground& before) {
  SeeSizes(effect);
  SeeVersions(effect);
  SeeTermination(effect, before);
  if (effect.by != By::kController) return;
  ++effects_;
  ++writes_[effect.what];
  SeeRefresh(effect, before);
  SeeProcesses(effect, before);
  SeeCapacity(effect, before);
  SeeAlarm(effect, before);
  SeeDeletion(effect);
}

void AccountWatchman::SeeSizes(const Effect& effect) {
  for (const auto& [name, group] : account_.ground().groups.all) {
    if (group.min > group.desired || group.desired > group.max)
      Complain(effect, Cat(name, " is told ", group.min, " <= ", group.desired, " <= ", group.max));
    const auto rule = groups.find(name);
    if (rule == groups.end() || rule->second.most_desired == 0 || group.desired_by != By::kController)
      continue;
    if (group.desired > rule->second.most_desired)
      Complain(effect, Cat(name, " is told to be ", group.desired));
  }
}

void AccountWatchman::SeeVersions(const Effect& effect) {
  for (const auto& [name, rule] : groups) {
    const auto group = account_.ground().groups.all.find(name);
    if (rule.versions == Size::Versions::kTogether || group == account_.ground().groups.all.end()) continue;
    std::set<std::string> serving;
    for (const Member& member : group->second.members)
      if (IsServing(account_.ground(), group->second, member)) serving.insert(member.origin.configuration);
    if (serving.size() > 1) Complain(effect, Cat("two versions of ", name, " serve together"));
  }
}

// Those that the controller names, and those that leave because it made a group smaller.
void AccountWatchman::SeeTermination(const Effect& effect, const Ground& before) {
  const bool is_named = effect.by == By::kController && effect.what == "TerminateInstanceInAutoScalingGroup";
  const Group* was_in = GroupWith(before, effect.whom);
  if (was_in == nullptr || (!is_named && effect.what != "Terminating")) return;
  const auto group = account_.ground().groups.all.find(was_in->name);
  const Refresh* refresh = RefreshUnderWay(*was_in);
  const bool is_refreshed = !is_named && refresh != nullptr && refresh->by == By::kController &&
                            refresh->left.contains(effect.whom);
  const bool is_ours =
      is_named || is_refreshed ||
      (group != account_.ground().groups.all.end() && group->second.desired_by == By::kController);
  if (!is_ours) return;
  const Member& member = *was_in->Find(effect.whom);
  const bool is_chosen = is_named || is_refreshed;
  if (is_chosen && member.is_protected) Complain(effect, "it is protected from scale-in");
  if (is_chosen && (member.is == Member::Is::kStandby || member.is == Member::Is::kEnteringStandby))
    Complain(effect, "it is in standby");
  const auto rule = groups.find(was_in->name);
  const int64_t least = rule == groups.end() ? 1 : rule->second.least_serving;
  const bool served = IsServing(before, *was_in, member);
  const int64_t left =
      group == account_.ground().groups.all.end() ? 0 : Serving(account_.ground(), group->second);
  if (served && left < least) Complain(effect, Cat("only ", left, " are left to serve"));
  if (!is_chosen) return;
  if (rule == groups.end() || ++terminated_[was_in->name] > rule->second.most_terminations)
    Complain(effect, "more are terminated than the declaration asks for");
}

// Nobody's refresh is ended or changed under its hands, and no more are begun than are asked for.
void AccountWatchman::SeeRefresh(const Effect& effect, const Ground& before) {
  const auto was = before.groups.all.find(effect.whom);
  if (was == before.groups.all.end()) return;
  const Refresh* under_way = RefreshUnderWay(was->second);
  if (effect.what == "CancelInstanceRefresh") Complain(effect, "nobody asked for that");
  if (effect.what == "UpdateAutoScalingGroup" && under_way != nullptr &&
      account_.ground().groups.all.at(effect.whom).origin != was->second.origin)
    Complain(effect, "it launches something else while its instances are refreshed");
  if (effect.what != "StartInstanceRefresh") return;
  const auto rule = groups.find(effect.whom);
  if (rule == groups.end() || ++refreshed_[effect.whom] > rule->second.most_refreshes)
    Complain(effect, "more refreshes are begun than the declaration asks for");
}

void AccountWatchman::SeeProcesses(const Effect& effect, const Ground& before) {
  if (effect.what != "SuspendProcesses" && effect.what != "ResumeProcesses") return;
  const auto was = before.groups.all.find(effect.whom);
  if (was == before.groups.all.end()) return;
  const std::vector<std::string> processes = TextsAt(effect.parameters, "ScalingProcesses");
  if (processes.empty()) Complain(effect, "it names no process, which is all of them");
  std::set<std::string>& ours = put_aside_[effect.whom];
  for (const std::string& process : processes) {
    const bool was_suspended = was->second.suspended.contains(process);
    if (effect.what == "SuspendProcesses") {
      if (!was_suspended) ours.insert(process);
    } else if (was_suspended && !ours.contains(process)) {
      Complain(effect, Cat(process, " was suspended by somebody else"));
    } else {
      ours.erase(process);
    }
  }
}

void AccountWatchman::SeeCapacity(const Effect& effect, const Ground& before) {
  const std::map<std::string, Throughput> was = CapacitiesOf(before), is = CapacitiesOf(account_.ground());
  for (const auto& [name, rule] : capacity) {
    const auto from = was.find(name), to = is.find(name);
    if (from == was.end() || to == is.end() || from->second == to->second) continue;
    const auto& [least, most, decreases] = rule;
    const Throughput &old = from->second, &now = to->second;
    const bool is_too_low =
        (now.read < least.read && now.read < old.read) || (now.write < least.write && now.write < old.write);
    const bool is_too_high =
        (now.read > most.read && now.read > old.read) || (now.write > most.write && now.write > old.write);
    if (is_too_low) Complain(effect, Cat(name, " is lowered to ", now.read, "/", now.write));
    if (is_too_high) Complain(effect, Cat(name, " is raised to ", now.read, "/", now.write));
    if (IsLess(now, old) && ++decreases_[name] > decreases)
      Complain(effect, Cat(name, " is lowered once more"));
  }
}

void AccountWatchman::SeeAlarm(const Effect& effect, const Ground& before) {
  const auto rule = alarms.find(effect.whom);
  if (rule == alarms.end()) return;
  const auto was = before.alarms.all.find(effect.whom);
  const auto is = account_.ground().alarms.all.find(effect.whom);
  const bool was_right = was != before.alarms.all.end() && ActionsOf(was->second) == rule->second;
  const bool is_right = is != account_.ground().alarms.all.end() && ActionsOf(is->second) == rule->second;
  if (was_right && !is_right) Complain(effect, "it has not the declared actions any more");
}

void AccountWatchman::SeeDeletion(const Effect& effect) {
  static const std::set<std::string> kDeletions = {
      "DeleteTable",           "DeleteAutoScalingGroup",    "DeleteAlarms", "DeleteTopic",
      "DeregisterImage",       "DeleteLaunchConfiguration", "Unsubscribe",  "DeletePolicy",
      "DeleteScheduledAction", "DeleteLifecycleHook"};
  if (kDeletions.contains(effect.what) && !may_delete.contains(effect.whom))
    Complain(effect, "nobody asked for that");
}

std::string AccountWatchman::InTheEnd() const {
  const Ground& ground = account_.ground();
  for (const auto& [name, ours] : put_aside_) {
    const auto group = ground.groups.all.find(name);
    const auto rule = groups.find(name);
    for (const std::string& process : ours)
      if (group != ground.groups.all.end() && group->second.suspended.contains(process) &&
          (rule == groups.end() || !rule->second.stays_suspended.contains(process)))
        return Cat(process, " of ", name, " was never resumed");
  }
  for (const auto& [name, actions] : alarms) {
    const auto found = ground.alarms.all.find(name);
    if (found == ground.alarms.all.end()) return Cat("the alarm ", name, " is not there");
    if (ActionsOf(found->second) != actions) return Cat("the alarm ", name, " has not the declared actions");
  }
  for (const auto& [arn, subscription] : ground.topics.subscriptions)
    if (subscription.letters > most_letters)
      return Cat(subscription.endpoint, " got ", subscription.letters, " letters");
  if (writes("CreateImage") > most_images) return Cat(writes("CreateImage"), " images were made");
  if (account_.refused() > most_refused) return Cat(account_.refused(), " writes were refused");
  return {};
}

}  // namespace holdfast::contract
