// Random declarations and other people's hands on one account, day and night: what must hold at every moment,
// and that it comes to rest.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "tests/contract/account_watchman.h"
#include "tests/sim/account_seat.h"

namespace holdfast::contract {
namespace {

using sandbox::By;
using sandbox::aws::Account;
using sandbox::aws::AccountEffect;
using sandbox::aws::Ground;
using sandbox::aws::Group;
using sandbox::aws::Table;
using sandbox::aws::Throughput;
using sim::Harness;

// The same cases every time; RC_PARAMS="seed=… max_success=…" plays others, and a failure prints its own.
const bool kConfigured = [] {
  const bool full = std::getenv("HOLDFAST_FULL") != nullptr;
  return setenv("RC_PARAMS",
                full ? "seed=20261121 max_success=400 noshrink=1" : "seed=20261121 max_success=12 noshrink=1",
                0) == 0;
}();

const ResourceKey kGroup{"AutoScalingGroup", "web"}, kTable{"DynamoDBTable", "users"};
constexpr absl::Duration kInterval = absl::Minutes(5);
// Until a day's decreases, a suspension's end and a lease are surely over.
constexpr absl::Duration kUntilAllIsOver = absl::Hours(26);
const absl::Duration kSilentRounds = 50 * kInterval;
// What was decided a moment before another declaration may still be under way.
constexpr absl::Duration kUnderWay = absl::Seconds(10);

std::string SpecText(const ResourceKey& key, std::string_view spec) {
  return Cat("apiVersion: holdfast/v1\nkind: ", key.kind, "\nmetadata: {name: ", key.name,
             "}\npolicy: {mode: act, interval: 5m}\nspec:\n  region: us-east-1\n", spec);
}
int Any(int from, int until) { return *rc::gen::inRange(from, until); }
bool OneIn(int many) { return Any(0, many) == 0; }

// What a table's declaration says, and from when on.
struct Said {
  absl::Time since;
  Throughput least, most;
};

class Day {
 public:
  Day() {
    SetLeastSeverity(Severity::kError);
    account_.AddGroup({.name = "web", .desired = 3, .balancers = {"front"}});
    account_.AddTable("users", {.read = 100, .write = 50});
    watchman_.groups["web"].least_serving = 0;
    watchman_.most_refused = 0;
    const auto judge = account_.on_effect;
    account_.on_effect = [this, judge](const AccountEffect& effect, const Ground& before) {
      judge(effect, before);
      See(effect, before);
    };
    DeclareGroup();
    DeclareTable();
    h_.Start();
  }

  void Goes() {
    const int moves = Any(3, 12);
    for (int i = 0; i < moves; ++i) {
      Move();
      h_.RunFor(absl::Seconds(Any(1, 3000)));
    }
    // Nobody asks for anything any more.
    account_.SetLoad("users", {});
    h_.RunFor(kUntilAllIsOver);
  }

  // "" when every rule held and it came to rest.
  std::string Verdict() {
    if (!complaints_.empty()) return Join(complaints_, "\n");
    if (!watchman_.complaints().empty()) return Join(watchman_.complaints(), "\n");
    if (std::string wrong = watchman_.InTheEnd(); !wrong.empty()) return wrong;
    for (const ResourceKey& key : {kGroup, kTable})
      for (const Lease& lease : h_.PastOf(key).open) return Cat(lease.object, " was never put back");
    const Group& web = account_.ground().groups.all.at("web");
    if (web.min != min_ || web.max != max_) return Cat("the group is ", web.min, " to ", web.max);
    if (desired_ && web.desired != *desired_) return Cat("the group is ", web.desired);
    const Table& users = account_.ground().tables.all.at("users");
    const Said& said = said_.back();
    if (users.throughput.read < said.least.read || users.throughput.write < said.least.write)
      return Cat("the table has ", users.throughput.read, "/", users.throughput.write);
    const int effects = watchman_.effects();
    const int64_t commits = h_.commits();
    h_.RunFor(kSilentRounds);
    if (watchman_.effects() != effects) return "it acts on although all is settled";
    if (h_.commits() != commits) return Cat("silent rounds wrote ", h_.commits() - commits, " commits");
    return {};
  }
  std::string Tell() { return Cat(told_, h_.Tell(kGroup), h_.Tell(kTable), watchman_.Tell()); }

 private:
  void Note(std::string what) {
    Append(told_, "  ", absl::FormatTime("%d %H:%M:%S", h_.clock.Now(), absl::UTCTimeZone()), " ", what,
           "\n");
  }

  void Move() {
    seat_.Now();
    switch (Any(0, 10)) {
      case 0:
      case 1:
      case 2:
        return DeclareGroup();
      case 3:
      case 4:
        return DeclareTable();
      case 5:
        return ResizeByHand();
      case 6:
        return SuspendByHand();
      case 7:
        return CapacityByHand();
      case 8:
        return Throttle();
      default:
        Note("killed and started again");
        h_.Kill(static_cast<uint32_t>(Any(0, 8)));
        return h_.Start();
    }
  }

  void DeclareGroup() {
    min_ = Any(0, 6);
    max_ = min_ + Any(0, 5);
    desired_.reset();
    if (OneIn(3)) desired_ = Any(static_cast<int>(min_), static_cast<int>(max_) + 1);
    std::string spec = Cat("  group: web\n  size: {min: ", min_, ", max: ", max_);
    if (desired_) Append(spec, ", desired: ", *desired_);
    spec += "}\n";
    std::string suspended;
    for (const char* process : {"AZRebalance", "AlarmNotification", "ScheduledActions", "HealthCheck"})
      if (OneIn(4))
        Append(suspended, suspended.empty() ? "" : ", ", "{process: ", process,
               ", reason: test, until: ", Rfc3339(h_.clock.Now() + absl::Minutes(Any(1, 90))), "}");
    if (!suspended.empty()) Append(spec, "  suspended: [", suspended, "]\n");
    if (OneIn(2))
      Append(spec, "  policies: [{name: more, simple: {adjustment: ", Any(1, 4), ", cooldown: ", Any(1, 10),
             "m}}]\n");
    Note(spec);
    h_.SetSpec("web", SpecText(kGroup, spec));
  }

  void DeclareTable() {
    Said said{.since = h_.clock.Now(), .least = {}, .most = {}};
    const auto units = [](int64_t& least, int64_t& most) {
      least = most = Any(1, 40) * 10;
      if (OneIn(3)) return Cat(least);
      most = least * Any(1, 5);
      std::string range = Cat("{min: ", least, ", max: ", most);
      if (OneIn(2)) range += ", raise: {onThrottle: {window: 5m}, by: 50%, cooldown: 10m}";
      if (OneIn(2)) range += ", lower: {below: 30%, for: 1h}";
      if (OneIn(2)) range += ", aboveMax: lower";
      return range + "}";
    };
    const std::string read = units(said.least.read, said.most.read);
    const std::string write = units(said.least.write, said.most.write);
    const std::string spec =
        Cat("  table: users\n  capacity:\n    read: ", read, "\n    write: ", write, "\n");
    Note(spec);
    said_.push_back(said);
    h_.SetSpec("users", SpecText(kTable, spec));
  }

  void ByHand(std::string service, std::string operation, json::object parameters) {
    Note(Cat("by hand: ", operation, " ", Compact(json::value(parameters))));
    // What is refused is refused to people as well.
    (void)account_.Ask({std::move(service), std::move(operation), std::move(parameters)}, By::kPerson);
  }
  void ResizeByHand() {
    const int min = Any(0, 6), max = min + Any(0, 5);
    json::object sizes{{"AutoScalingGroupName", "web"}, {"MinSize", min}, {"MaxSize", max}};
    if (OneIn(2)) sizes["DesiredCapacity"] = Any(min, max + 1);
    ByHand("autoscaling", "UpdateAutoScalingGroup", std::move(sizes));
  }
  void SuspendByHand() {
    constexpr std::array kProcesses = {"AZRebalance", "AlarmNotification", "ScheduledActions", "HealthCheck"};
    ByHand("autoscaling", OneIn(2) ? "SuspendProcesses" : "ResumeProcesses",
           {{"AutoScalingGroupName", "web"},
            {"ScalingProcesses", json::array{kProcesses[static_cast<size_t>(Any(0, 4))]}}});
  }
  void CapacityByHand() {
    ByHand("dynamodb", "UpdateTable",
           {{"TableName", "users"},
            {"ProvisionedThroughput",
             json::object{{"ReadCapacityUnits", Any(1, 60) * 10}, {"WriteCapacityUnits", Any(1, 60) * 10}}}});
  }
  void Throttle() {
    const double read = Any(0, 60) * 10, write = Any(0, 60) * 10;
    Note(Cat("load of ", read, "/", write));
    account_.SetLoad("users", {.read = read, .write = write});
  }

  void Complain(const AccountEffect& effect, std::string_view what) {
    complaints_.push_back(Cat(Rfc3339(effect.at), " ", effect.what, " ", effect.whom, ": ", what));
  }
  void See(const AccountEffect& effect, const Ground& before) {
    if (effect.by != By::kController || effect.what != "UpdateTable") return;
    const Table &was = before.tables.all.at("users"), &is = account_.ground().tables.all.at("users");
    const Throughput now = is.coming.value_or(is.throughput), old = was.coming.value_or(was.throughput);
    if (now == old) return;
    bool allowed = false;
    for (auto said = said_.rbegin(); said != said_.rend() && !allowed; ++said) {
      allowed = (now.read >= std::min(said->least.read, old.read)) &&
                (now.write >= std::min(said->least.write, old.write)) &&
                (now.read <= std::max(said->most.read, old.read)) &&
                (now.write <= std::max(said->most.write, old.write));
      if (said->since + kUnderWay < effect.at) break;
    }
    if (!allowed) Complain(effect, Cat("capacity becomes ", now.read, "/", now.write));
    constexpr int kReservedUntil = 20, kReserve = 4;  // the day's fourth decrease, by the hour
    const int hour = absl::ToCivilHour(effect.at, absl::UTCTimeZone()).hour();
    const bool is_less = now.read < old.read || now.write < old.write;
    if (is_less && hour < kReservedUntil && is.decreases.Today(effect.at) == kReserve)
      Complain(effect, "the last free decrease of the day is used");
  }

  Harness h_;
  sim::AccountSeat& seat_ = h_.Add<sim::AccountSeat>(h_);
  Account& account_ = seat_.account;
  AccountWatchman watchman_{account_};
  int64_t min_ = 0, max_ = 0;
  std::optional<int64_t> desired_;
  std::deque<Said> said_;
  std::vector<std::string> complaints_;
  std::string told_;
};

TEST(AccountProperty, WhateverIsDeclaredAndWhoeverInterferesSizesHoldBudgetsHoldAndItComesToRest) {
  ASSERT_TRUE(kConfigured);
  EXPECT_TRUE(rc::check([] {
    Day day;
    day.Goes();
    if (const std::string wrong = day.Verdict(); !wrong.empty()) RC_FAIL(Cat(wrong, "\n", day.Tell()));
  }));
}

}  // namespace
}  // namespace holdfast::contract
