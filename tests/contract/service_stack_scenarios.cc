// Stories of a stack: three layers under one supervisord, and an ensemble on hosts of its own.
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "tests/contract/scenario.h"
#include "tests/contract/watchman.h"

namespace holdfast::contract {
namespace {

using sandbox::Program;
using sandbox::Speaks;
using sandbox::Supervisor;
using sim::Harness;

const ResourceKey kSite{"ServiceStack", "site"};
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
bool SettledUp(Harness& h) { return AllServe(h) && h.IsSettled(kSite) && h.PastOf(kSite).open.empty(); }

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

// A story as a person would tell it of a stack.
struct StackStory {
  std::string name;
  Drawn drawn;
  std::function<void(Harness&)> given;
  Scenario::Begins begins = Scenario::Begins::kSettled;
  Scenario::Armed armed = Scenario::Armed::kAfterWhen;
  std::function<void(Harness&, Watchman&)> when = [](Harness&, Watchman&) {};
  std::function<bool(Harness&)> then;
};

Scenario ScenarioFrom(const StackStory& story) {
  const auto tell = [story](Harness& h) {
    story.given(h);
    auto watchman = std::make_shared<Watchman>(h.hosts, story.drawn);
    return Told{.judge = watchman,
                .when = [&h, watchman, when = story.when] { when(h, *watchman); },
                .then = [&h, then = story.then] { return then(h); }};
  };
  return {.name = story.name, .resource = kSite, .tell = tell, .begins = story.begins, .armed = story.armed};
}

std::vector<StackStory> Stories() {
  std::vector<StackStory> all;
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

}  // namespace

std::vector<Scenario> ServiceStackScenarios() {
  std::vector<Scenario> all;
  for (const StackStory& story : Stories()) all.push_back(ScenarioFrom(story));
  return all;
}

}  // namespace holdfast::contract
