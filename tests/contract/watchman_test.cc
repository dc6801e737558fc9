// Who watches the watchman: controllers that break one rule each, and some that break none.
#include "tests/contract/watchman.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "controller/base/text.h"

namespace holdfast::contract {
namespace {

using sandbox::By;
using sandbox::Hosts;
using ::testing::HasSubstr;

constexpr std::string_view kSocket = "/run/supervisor.sock";

// store below two workers below the front.
struct Place {
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  Hosts hosts{now};
  Place() {
    for (const char* name : {"store", "worker_1", "worker_2", "front"})
      hosts.Add({.name = name, .endpoint = std::string(kSocket)});
  }
  void Pass(absl::Duration time) { hosts.Advance(now += time); }
  void AllUp() {
    for (const char* name : {"store", "worker_1", "worker_2", "front"}) (void)hosts.Start(name, By::kPerson);
    Pass(absl::Minutes(1));
  }
  void Start(const std::string& unit) { (void)hosts.Start(unit, By::kController); }
  void Stop(const std::string& unit) { (void)hosts.Stop(unit, By::kController); }
  void Kill(const std::string& unit) { (void)hosts.Signal(unit, SIGKILL, By::kController); }
};
Drawn Stack() { return {{{{{"store"}}}, {{{"worker_1", "worker_2"}, 1}}, {{{"front"}}}}}; }

struct Controller {
  const char* name;
  void (*does)(Place& place, Watchman& watchman);
  const char* complaint;  // "" = it is a good one
};

void PrintTo(const Controller& controller, std::ostream* out) { *out << controller.name; }

const Controller kControllers[] = {
    {"StopsALayerUnderOneThatRuns",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.outage = Watchman::Outage::kDeclared;
       p.Stop("store");
     },
     "was stopped under worker_1, which still runs"},
    {"StopsALayerWhileTheOneAboveIsOnlyOnItsWayOut",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.outage = Watchman::Outage::kDeclared;
       p.Stop("front");
       p.Stop("worker_1");
     },
     "was stopped under front, which still runs"},
    {"RestartsTwoAtOnce",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.restart = Watchman::Restart::kAsked;
       p.Stop("worker_1");
       p.Stop("worker_2");
     },
     "was taken out of service while worker_1 was not back yet"},
    {"RestartsTheNextBeforeTheFirstServes",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.restart = Watchman::Restart::kAsked;
       p.Stop("worker_1");
       p.Pass(absl::Seconds(2));
       p.Start("worker_1");
       p.Stop("worker_2");
     },
     "was taken out of service while worker_1 was not back yet"},
    {"StartsAboveALayerThatIsNotReady",
     [](Place& p, Watchman&) {
       p.Start("store");
       p.Start("worker_1");  // the store is only coming up
     },
     "was started on a layer that is not ready (store)"},
    {"StartsTheFrontOnDeadWorkers",
     [](Place& p, Watchman&) {
       p.Start("store");
       p.Pass(absl::Seconds(30));
       p.Start("front");
     },
     "was started on a layer that is not ready (worker_1)"},
    {"StartsBesideAnOrphan",
     [](Place& p, Watchman&) {
       p.AllUp();
       p.hosts.KillSupervisord(std::string(kSocket));
       p.hosts.StartSupervisord(std::string(kSocket));
       p.Start("store");
     },
     "was started beside a process of it that lives"},
    {"StopsWhatIsWell",
     [](Place& p, Watchman&) {
       p.AllUp();
       p.Stop("worker_1");
     },
     "was stopped although it was well and nobody asked"},
    {"KillsWhatIsNoZombie",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.restart = Watchman::Restart::kAsked;
       p.Kill("worker_1");
     },
     "was killed although it was no zombie"},
    {"TouchesWhatMustNotBe",
     [](Place& p, Watchman& w) {
       p.AllUp();
       p.hosts.Crash("worker_1");
       p.Pass(absl::Seconds(1));
       w.untouchable = {"worker_1"};
       p.Start("worker_1");
     },
     "was touched although nothing may be done to it"},
    {"StartsAgainAndAgain",
     [](Place& p, Watchman&) {
       for (int i = 0; i < 2; ++i) {
         p.Start("store");
         p.Pass(absl::Seconds(10));
         p.hosts.Crash("store");
         p.Pass(absl::Seconds(10));
       }
     },
     "store was started 2 times"},

    {"GoodOneStartsFromTheBottom",
     [](Place& p, Watchman&) {
       for (const char* unit : {"store", "worker_1", "worker_2", "front"}) {
         p.Start(unit);
         p.Pass(absl::Seconds(10));
       }
     },
     ""},
    {"GoodOneStopsFromTheTop",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.outage = Watchman::Outage::kDeclared;
       p.Stop("front");
       p.Pass(absl::Seconds(10));
       p.Stop("worker_1");
       p.Stop("worker_2");
       p.Pass(absl::Seconds(10));
       p.Stop("store");
     },
     ""},
    {"GoodOneKillsAZombieAndBringsItBack",
     [](Place& p, Watchman&) {
       p.AllUp();
       p.hosts.Hang("worker_1");
       p.Kill("worker_1");
       p.Pass(absl::Seconds(5));
       p.Start("worker_1");
       p.Pass(absl::Seconds(10));
     },
     ""},
    {"GoodOneRollsOneByOne",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.restart = Watchman::Restart::kAsked;
       for (const char* unit : {"worker_1", "worker_2"}) {
         p.Stop(unit);
         p.Pass(absl::Seconds(5));
         p.Start(unit);
         p.Pass(absl::Seconds(10));
       }
     },
     ""},
    {"GoodOneLeavesPeopleAlone",
     [](Place& p, Watchman& w) {
       p.AllUp();
       w.untouchable = {"store", "worker_1", "worker_2", "front"};
       (void)p.hosts.Stop("store", By::kPerson);
       p.Pass(absl::Seconds(10));
       (void)p.hosts.Start("store", By::kPerson);
     },
     ""},
};

class Watched : public testing::TestWithParam<Controller> {};

TEST_P(Watched, IsCaughtExactlyWhenItBreaksARule) {
  Place place;
  Watchman watchman(place.hosts, Stack());
  GetParam().does(place, watchman);
  std::string said = Cat(Join(watchman.complaints(), "\n"), watchman.InTheEnd());
  if (*GetParam().complaint == '\0')
    EXPECT_EQ(said, "");
  else
    EXPECT_THAT(said, HasSubstr(GetParam().complaint));
}
INSTANTIATE_TEST_SUITE_P(Controllers, Watched, testing::ValuesIn(kControllers),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace holdfast::contract
