#include "tests/contract/scenarios.h"

#include <stdexcept>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::contract {
namespace {

using sandbox::Program;
using sandbox::Speaks;
using sandbox::Supervisor;
using sim::Harness;

constexpr std::string_view kSocket = "/run/supervisor.sock";

// Redis, two workers, nginx under one supervisord of this machine.
Drawn SiteDrawn() { return {{{{{"redis"}}}, {{{"worker_1", "worker_2"}, 1}}, {{{"nginx"}}}}}; }

void AddSite(Harness& h) {
  const std::string socket(kSocket);
  h.hosts.Add({.name = "redis", .endpoint = socket, .speaks = Speaks::kRedis, .port = 6379});
  for (int i : {1, 2})
    h.hosts.Add({.name = Cat("worker_", i),
                 .service = "worker",
                 .address = Cat("127.0.0.", 10 + i),
                 .endpoint = socket,
                 .speaks = Speaks::kHttp,
                 .port = 8080,
                 .needs = {"redis"}});
  h.hosts.Add(
      {.name = "nginx", .endpoint = socket, .speaks = Speaks::kHttp, .port = 8000, .needs = {"worker"}});
}

struct SiteSpec {
  std::string state = "state: up";
  std::string mode = "act";
  std::string on_manual_stop = "heal";
  std::string redis_zombie = "act";
};
std::string SiteText(const SiteSpec& spec = {}) {
  return Cat(R"(apiVersion: holdfast/v1
kind: ServiceStack
metadata: {name: site}
policy: {mode: )",
             spec.mode, R"(, interval: 5s}
spec:
  )",
             spec.state, R"(
  layers:
    - name: store
      services:
        - name: redis
          component: redis
          control: {supervisord: {socket: /run/supervisor.sock, program: redis}}
          probe: {redis: {port: 6379, deadline: 2s}}
          settle: 1s
          startTimeout: 20s
          stopTimeout: 20s
          zombieAfter: 5s
          onManualStop: heal
          restartBudget: {limit: 6, per: 1h, gap: 1s}
          zombie: )",
             spec.redis_zombie, R"(
    - name: workers
      services:
        - name: worker
          hosts: "127.0.0.[11-12]"
          control: {supervisord: {socket: /run/supervisor.sock, program: "worker_{index}"}}
          probe: {http: {port: 8080, deadline: 2s}}
          layerReadyWhen: 1
          settle: 1s
          startTimeout: 20s
          stopTimeout: 20s
          zombieAfter: 5s
          zombie: act
          restartBudget: {limit: 6, per: 1h, gap: 1s}
          onManualStop: )",
             spec.on_manual_stop, R"(
    - name: front
      services:
        - name: nginx
          control: {supervisord: {socket: /run/supervisor.sock, program: nginx}}
          probe: {http: {port: 8000, deadline: 2s}}
          settle: 1s
          startTimeout: 20s
          stopTimeout: 20s
          onManualStop: heal
          restartBudget: {limit: 6, per: 1h, gap: 1s}
)");
}

void GivenSiteUp(Harness& h) {
  AddSite(h);
  h.hosts.StartAllAtOnce();
  h.clock.AdvanceTo(h.clock.Steady() + absl::Minutes(10));
  h.hosts.Advance(h.clock.Now());
  h.SetSpec("site", SiteText());
}
void GivenSiteDown(Harness& h) {
  AddSite(h);
  h.SetSpec("site", SiteText());
}

bool AllServe(Harness& h) {
  h.hosts.Advance(h.clock.Now());
  for (const auto& [id, unit] : h.hosts.units())
    if (!h.hosts.Serves(id)) return false;
  return true;
}
bool AllDown(Harness& h) {
  h.hosts.Advance(h.clock.Now());
  return h.hosts.processes().empty();
}
bool SettledUp(Harness& h) { return AllServe(h) && h.IsSettled("site") && h.PastOf("site").open.empty(); }

constexpr std::string_view kDown = "state: down\n  indefinite: true\n  reason: moved";

// Three ZooKeepers on hosts of their own, under systemd, reached by ssh.
void AddEnsemble(Harness& h) {
  for (int i : {1, 2, 3})
    h.hosts.Add({.name = "zookeeper.service",
                 .service = "zookeeper",
                 .host = Cat("zk", i),
                 .by = Supervisor::kSystemd,
                 .speaks = Speaks::kZookeeper,
                 .port = 2181,
                 .comes_up = absl::Seconds(3)});
}
Drawn EnsembleDrawn() {
  return {{{{{"zookeeper.service@zk1", "zookeeper.service@zk2", "zookeeper.service@zk3"}, 2}}}};
}
std::string EnsembleText() {
  return R"(apiVersion: holdfast/v1
kind: ServiceStack
metadata: {name: site}
policy: {mode: act, interval: 5s}
spec:
  via: {ssh: {user: ops}}
  layers:
    - name: coordination
      services:
        - name: zookeeper
          component: zookeeper
          hosts: [zk1, zk2, zk3]
          control: {systemd: {unit: zookeeper}}
          probe: {zookeeper: {port: 2181, deadline: 2s}}
          layerReadyWhen: majority
          settle: 1s
          recoveryTime: 10s
          restartBudget: {limit: 6, per: 1h, gap: 1s}
)";
}
void GivenEnsembleUp(Harness& h) {
  AddEnsemble(h);
  h.hosts.StartAllAtOnce();
  h.clock.AdvanceTo(h.clock.Steady() + absl::Minutes(10));
  h.hosts.Advance(h.clock.Now());
  h.SetSpec("site", EnsembleText());
}

std::string RestartText(const Harness& h) {
  return Cat(R"(apiVersion: holdfast/v1
kind: Operation
metadata: {name: bounce}
spec:
  target: ServiceStack/site
  restart: {services: [worker], startedBefore: )",
             Rfc3339(h.clock.Now() - absl::Seconds(1)), "}\n");
}

std::vector<Scenario> Make() {
  std::vector<Scenario> all;
  all.push_back({.name = "StartUpOfThreeLayers",
                 .drawn = SiteDrawn(),
                 .given = GivenSiteDown,
                 .begins = Scenario::Begins::kCold,
                 .then = SettledUp});
  all.push_back({.name = "ShutdownOfThreeLayers",
                 .drawn = SiteDrawn(),
                 .given = GivenSiteUp,
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.outage = Watchman::Outage::kDeclared;
                       h.SetSpec("site", SiteText({.state = std::string(kDown)}));
                     },
                 .then = AllDown});
  all.push_back({.name = "ReversalMidwayDown",
                 .drawn = SiteDrawn(),
                 .given = GivenSiteUp,
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.outage = Watchman::Outage::kDeclared;
                       h.SetSpec("site", SiteText({.state = std::string(kDown)}));
                       (void)h.RunUntil([&] { return !h.hosts.IsAlive("worker_1"); });
                       watchman.outage = Watchman::Outage::kNone;
                       watchman.restart =
                           Watchman::Restart::kAsked;  // what was sent before the edit may still arrive
                       h.SetSpec("site", SiteText());
                     },
                 .then = SettledUp});
  all.push_back({.name = "WorkerCrashes",
                 .drawn = SiteDrawn(),
                 .given = GivenSiteUp,
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.untouchable = {"redis", "nginx", "worker_2"};
                       h.hosts.Crash("worker_1");
                     },
                 .then = SettledUp});
  all.push_back({.name = "RedundantWorkerIsAZombie",
                 .drawn = SiteDrawn(),
                 .given = GivenSiteUp,
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.untouchable = {"redis", "nginx", "worker_2"};
                       h.hosts.Hang("worker_1");
                     },
                 .then = SettledUp});
  all.push_back({.name = "SoleStoreIsAZombie",
                 .drawn = SiteDrawn(),
                 .given = GivenSiteUp,
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.untouchable = {"nginx", "worker_1", "worker_2"};
                       h.hosts.Hang("redis");
                     },
                 .then = SettledUp});
  all.push_back(
      {.name = "RollingRestart",
       .drawn = SiteDrawn(),
       .given = GivenSiteUp,
       .when =
           [](Harness& h, Watchman& watchman) {
             watchman.restart = Watchman::Restart::kAsked;
             watchman.untouchable = {"redis", "nginx"};
             h.SetSpec("bounce", RestartText(h));
           },
       .then =
           [](Harness& h) {
             const Row* row = h.running() ? h.engine().board().Find({"Operation", "bounce"}) : nullptr;
             return SettledUp(h) && row != nullptr && (*row)[ConditionType::kReady].reason == "Succeeded";
           }});
  all.push_back({.name = "StoppedByHandIsHeldAndThenReleased",
                 .drawn = SiteDrawn(),
                 .given =
                     [](Harness& h) {
                       GivenSiteUp(h);
                       h.SetSpec("site", SiteText({.on_manual_stop = "{hold: 5m}"}));
                     },
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.untouchable = {"redis", "nginx", "worker_2", "worker_1"};
                       (void)h.hosts.Stop("worker_1", sandbox::By::kPerson);
                       h.RunFor(absl::Minutes(4));
                       watchman.untouchable.erase("worker_1");
                     },
                 .then = SettledUp});
  all.push_back({.name = "HostOfAMemberIsUnreachableAndComesBack",
                 .drawn = EnsembleDrawn(),
                 .given = GivenEnsembleUp,
                 .armed = Scenario::Armed::kBeforeWhen,
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.untouchable = {"zookeeper.service@zk1", "zookeeper.service@zk2",
                                               "zookeeper.service@zk3"};
                       h.hosts.HostDown("zk3");
                       h.RunFor(absl::Minutes(2));
                       h.hosts.HostUp("zk3");
                     },
                 .then = SettledUp});
  all.push_back({.name = "MemberOfAnEnsembleCrashes",
                 .drawn = EnsembleDrawn(),
                 .given = GivenEnsembleUp,
                 .when =
                     [](Harness& h, Watchman& watchman) {
                       watchman.untouchable = {"zookeeper.service@zk1", "zookeeper.service@zk3"};
                       h.hosts.Crash("zookeeper.service@zk2");
                     },
                 .then = SettledUp});
  return all;
}

std::string Judge(const Scenario& scenario, Harness& h, Watchman& watchman, Rest rest) {
  const auto whole = [&](std::string_view what) { return Cat(what, "\n", h.Tell("site")); };
  if (!h.running() || h.loop.halted()) return whole("it died once more");
  if (!watchman.complaints().empty()) return whole(Join(watchman.complaints(), "\n"));
  if (!scenario.then(h)) return whole("it did not come to where it should");
  if (!h.PastOf("site").open.empty()) return whole("something that was put aside was not put back");
  for (const auto& [id, unit] : h.hosts.units())
    if (scenario.most_starts >= 0 && watchman.starts_of(id) > scenario.most_starts)
      return whole(Cat(id, " was started ", watchman.starts_of(id), " times"));
  // After the last expectation has run out nothing stirs any more.
  h.RunFor(absl::Seconds(75));
  const int64_t commits = h.commits(), syncs = h.disk.syncs();
  const int effects = watchman.effects();
  h.RunFor(absl::Seconds(5) * (rest == Rest::kFiftyRounds ? 55 : 11));
  if (watchman.effects() != effects) return whole("it acts on although all is settled");
  if (h.commits() != commits) return whole(Cat("silent rounds wrote ", h.commits() - commits, " commits"));
  if (h.disk.syncs() != syncs) return whole("silent rounds synced the disk");
  if (!scenario.then(h)) return whole("it did not stay where it should");
  return watchman.complaints().empty() ? "" : whole(Join(watchman.complaints(), "\n"));
}

}  // namespace

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> all = Make();
  return all;
}

const Scenario& ScenarioOf(const std::string& name) {
  for (const Scenario& scenario : Scenarios())
    if (scenario.name == name) return scenario;
  throw std::runtime_error(Cat("no scenario ", name));
}

Story Play(const Scenario& scenario, const Disturb& disturb, Rest rest, uint32_t seed) {
  Harness h;
  scenario.given(h);
  Watchman watchman(h.hosts, scenario.drawn);
  Story story;
  h.Start();
  if (scenario.begins == Scenario::Begins::kSettled) {
    if (!h.RunUntil([&] { return SettledUp(h); }, absl::Minutes(10)))
      return {.trouble = Cat("never settled at first\n", h.Tell("site"))};
    if (watchman.effects() > 0) return {.trouble = Cat("acted on what was well\n", h.Tell("site"))};
    h.RunFor(absl::Seconds(10));
  }
  if (scenario.armed == Scenario::Armed::kAfterWhen) scenario.when(h, watchman);
  const int calls = h.faults.calls();
  std::map<sim::Point, int> passed;
  constexpr sim::Point kPoints[] = {sim::Point::kBeforeIntent, sim::Point::kAfterIntent,
                                    sim::Point::kAfterCall, sim::Point::kBeforeOutcome};
  for (sim::Point point : kPoints) passed[point] = h.faults.passed(point);
  disturb(h.faults);
  if (scenario.armed == Scenario::Armed::kBeforeWhen) scenario.when(h, watchman);
  (void)h.RunUntil([&] { return scenario.then(h); }, scenario.longest);
  story.calls = h.faults.calls() - calls;
  for (sim::Point point : kPoints) story.passed[point] = h.faults.passed(point) - passed[point];
  if (h.loop.halted()) {
    h.Kill(seed);
    h.faults.Heal();
    h.RunFor(absl::Seconds(2));  // the world goes on without us
    h.Start();
    (void)h.RunUntil([&] { return scenario.then(h); }, scenario.longest);
  }
  story.trouble = Judge(scenario, h, watchman, rest);
  return story;
}

}  // namespace holdfast::contract
