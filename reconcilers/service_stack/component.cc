#include "reconcilers/service_stack/component.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"

namespace holdfast::stack {
namespace {

using Words = std::vector<std::vector<std::string_view>>;

// Holds for every component: these destroy whatever they are pointed at.
const Words& NeverForAny() {
  static const Words words = {{"rm"}, {"mkfs"}, {"dd"}, {"shred"}, {"wipefs"}};
  return words;
}

HttpProbe Http(int port, std::string path) {
  HttpProbe probe;
  probe.port = port;
  probe.path = std::move(path);
  return probe;
}
HttpProbe Json(int port, std::string path, std::string pointer, std::string equals) {
  HttpProbe probe = Http(port, std::move(path));
  probe.pointer = std::move(pointer);
  probe.equals = std::move(equals);
  return probe;
}
AccumuloProbe AccumuloServerOf(AccumuloServer server, int port) {
  AccumuloProbe probe;
  probe.server = server;
  probe.port = port;
  return probe;
}

const Words kHdfsNever = {{"format"},
                          {"recover"},
                          {"importCheckpoint"},
                          {"rollback"},
                          {"finalizeUpgrade"},
                          {"finalize"},
                          {"transitionToActive"},
                          {"transitionToStandby"},
                          {"safemode", "leave"},
                          {"safemode", "forceExit"},
                          {"fsck"},
                          {"initializeSharedEdits"},
                          {"bootstrapStandby"}};
const Words kZookeeperNever = {
    {"zkServer-initialize.sh"}, {"initialize"},           {"deleteall"},         {"rmr"}, {"reconfig"},
    {"zkCleanup.sh"},           {"zkSnapShotToolkit.sh"}, {"zkTxnLogToolkit.sh"}};
const Words kPostgresqlNever = {{"promote"},          {"pg_promote"},     {"pg_resetwal"},
                                {"pg_resetxlog"},     {"initdb"},         {"pg_dropcluster"},
                                {"pg_createcluster"}, {"m", "immediate"}, {"mode=immediate"},
                                {"mimmediate"},       {"pg_rewind"}};
const Words kAccumuloNever = {{"org.apache.accumulo.server.util.ZooZap"},
                              {"ZooZap"},
                              {"zoo-zap"},
                              {"stop", "f"},
                              {"deleteZooInstance"},
                              {"delete-zoo-instance"},
                              {"restoreZoo"},
                              {"restore-zoo"},
                              {"init"},
                              {"fate", "fail"},
                              {"fate", "delete"},
                              {"checkTablets", "fixFiles"},
                              {"checkTablets", "fix-files"},
                              {"stopAll", "f"}};
const Words kYarnNever = {{"format-state-store"}, {"remove-application-from-state-store"}};
const Words kRedisNever = {{"flushall"},          {"flushdb"},   {"debug"},
                           {"cluster", "reset"},  {"replicaof"}, {"slaveof"},
                           {"shutdown", "nosave"}};

std::vector<Component> Storage() {
  using D = absl::Duration;
  const D s30 = absl::Seconds(30), m1 = absl::Minutes(1), m2 = absl::Minutes(2), m5 = absl::Minutes(5);
  return {
      {.name = ComponentName::kZookeeper,
       .text = "zookeeper",
       .doc = "A member of a ZooKeeper ensemble.",
       .keeps = Keeps::kState,
       .loss_of_all = LossOfAll::kPossibleDataLoss,
       .loss_of_one = LossOfOne::kRecoversAlone,
       .stop_of_others = StopOfOthers::kWritesThroughIt,
       .quorum = Quorum::kMajority,
       .needs_human_when_unavailable = 2,
       .recovery_time = absl::Seconds(40),
       .start_timeout = m1,
       .stop_timeout = m1,
       .zombie_after = m1,
       .probe = ZookeeperProbe{},
       .never = kZookeeperNever},
      // Its safe mode ends 30 s after the last block that is needed was reported; 19 minutes is what others
      // wait.
      {.name = ComponentName::kHdfsNamenode,
       .text = "hdfs-namenode",
       .doc = "The NameNode of HDFS.",
       .keeps = Keeps::kState,
       .loss_of_all = LossOfAll::kPossibleDataLoss,
       .stop_of_others = StopOfOthers::kWritesThroughIt,
       .recovery_time = m2,
       .start_timeout = absl::Minutes(20),
       .stop_timeout = m5,
       .zombie_after = m5,
       .probe = HdfsNamenodeProbe{},
       .never = kHdfsNever},
      // More than two in a short time can take all copies of a block; one is missed only after 10.5 minutes.
      {.name = ComponentName::kHdfsDatanode,
       .text = "hdfs-datanode",
       .doc = "A DataNode of HDFS.",
       .keeps = Keeps::kState,
       .loss_of_one = LossOfOne::kRecoversAlone,
       .stop_of_others = StopOfOthers::kWritesThroughIt,
       .needs_human_when_unavailable = 3,
       .recovery_time = m1,
       .start_timeout = m5,
       .stop_timeout = m2,
       .zombie_after = m2,
       .probe = HdfsDatanodeProbe{},
       .never = kHdfsNever},
      // Replaying its log may take any time: it says "starting up" and is left alone.
      {.name = ComponentName::kPostgresql,
       .text = "postgresql",
       .doc = "A PostgreSQL server.",
       .keeps = Keeps::kState,
       .loss_of_all = LossOfAll::kPossibleDataLoss,
       .stop_of_others = StopOfOthers::kWritesThroughIt,
       .recovery_time = s30,
       .start_timeout = m5,
       .stop_timeout = m2,
       .zombie_after = m1,
       .probe = PostgresqlProbe{},
       .never = kPostgresqlNever},
  };
}

std::vector<Component> Yarn() {
  using D = absl::Duration;
  const D m1 = absl::Minutes(1), m2 = absl::Minutes(2);
  return {
      {.name = ComponentName::kYarnResourcemanager,
       .text = "yarn-resourcemanager",
       .doc = "The ResourceManager of YARN.",
       .keeps = Keeps::kState,
       .recovery_time = m1,
       .start_timeout = m2,
       .stop_timeout = m1,
       .zombie_after = m2,
       .probe = Json(8088, "/ws/v1/cluster/info", "/clusterInfo/state", "STARTED"),
       .never = kYarnNever},
      // An unhealthy node (a full disk) is not cured by a restart: it answers, so it is degraded and never a
      // zombie.
      {.name = ComponentName::kYarnNodemanager,
       .text = "yarn-nodemanager",
       .doc = "A NodeManager of YARN.",
       .recovery_time = m1,
       .start_timeout = m2,
       .stop_timeout = m1,
       .zombie_after = m2,
       .probe = Json(8042, "/ws/v1/node/info", "/nodeInfo/nodeHealthy", "true"),
       .never = kYarnNever},
  };
}

std::vector<Component> Accumulo() {
  using D = absl::Duration;
  const D s30 = absl::Seconds(30), m1 = absl::Minutes(1), m2 = absl::Minutes(2), m5 = absl::Minutes(5);
  return {
      {.name = ComponentName::kAccumuloMaster,
       .text = "accumulo-master",
       .doc = "The master (manager) of Accumulo.",
       .keeps = Keeps::kState,
       .stop_of_others = StopOfOthers::kWritesThroughIt,
       .recovery_time = m1,
       .start_timeout = m2,
       .stop_timeout = m2,
       .zombie_after = m2,
       .probe = AccumuloServerOf(AccumuloServer::kMaster, 9999),
       .never = kAccumuloNever},
      // Session 30 s + recovery delay 10 s + lease 5 s + sorting of logs; the master halts a frozen one by
      // itself.
      {.name = ComponentName::kAccumuloTserver,
       .text = "accumulo-tserver",
       .doc = "A tablet server of Accumulo.",
       .keeps = Keeps::kState,
       .loss_of_all = LossOfAll::kPossibleDataLoss,
       .loss_of_one = LossOfOne::kRecoversAlone,
       .stop_of_others = StopOfOthers::kWritesThroughIt,
       .recovery_time = absl::Seconds(90),
       .start_timeout = m2,
       .stop_timeout = m2,
       .zombie_after = m5,
       .probe = AccumuloServerOf(AccumuloServer::kTserver, 9997),
       .never = kAccumuloNever},
      {.name = ComponentName::kAccumuloGc,
       .text = "accumulo-gc",
       .doc = "The garbage collector of Accumulo.",
       .loss_of_one = LossOfOne::kRecoversAlone,
       .role = Role::kLooksOn,
       .recovery_time = s30,
       .start_timeout = m1,
       .stop_timeout = m1,
       .zombie_after = m2,
       .probe = AccumuloServerOf(AccumuloServer::kGc, 9998),
       .never = kAccumuloNever},
      {.name = ComponentName::kAccumuloMonitor,
       .text = "accumulo-monitor",
       .doc = "The monitor of Accumulo.",
       .loss_of_one = LossOfOne::kRecoversAlone,
       .role = Role::kLooksOn,
       .recovery_time = s30,
       .start_timeout = m1,
       .stop_timeout = m1,
       .zombie_after = m2,
       .probe = Http(9995, "/"),
       .never = kAccumuloNever},
  };
}

std::vector<Component> Others() {
  using D = absl::Duration;
  const D s0 = absl::ZeroDuration(), s5 = absl::Seconds(5), s10 = absl::Seconds(10), m1 = absl::Minutes(1);
  return {
      {.name = ComponentName::kGeneric,
       .text = "generic",
       .doc = "A program that nothing is known of.",
       .recovery_time = s0,
       .start_timeout = m1,
       .stop_timeout = m1,
       .zombie_after = s10,
       .probe = NoProbe{}},
      {.name = ComponentName::kRedis,
       .text = "redis",
       .doc = "A Redis server.",
       .keeps = Keeps::kState,
       .recovery_time = s0,
       .start_timeout = m1,
       .stop_timeout = m1,
       .zombie_after = s5,
       .probe = RedisProbe{},
       .never = kRedisNever},
      // A dead backend gives 502 from a living nginx: any answer shows that nginx itself works.
      {.name = ComponentName::kNginx,
       .text = "nginx",
       .doc = "An nginx web server.",
       .recovery_time = s0,
       .start_timeout = absl::Seconds(30),
       .stop_timeout = m1,
       .zombie_after = s10,
       .probe = Http(80, "/")},
  };
}

std::vector<Component> All() {
  std::vector<Component> all = Others();
  for (Component& component : Storage()) all.push_back(std::move(component));
  for (Component& component : Yarn()) all.push_back(std::move(component));
  for (Component& component : Accumulo()) all.push_back(std::move(component));
  std::sort(all.begin(), all.end(), [](const Component& a, const Component& b) { return a.name < b.name; });
  return all;
}

std::string_view Bare(std::string_view word) {
  if (const size_t slash = word.rfind('/'); slash != word.npos) word.remove_prefix(slash + 1);
  while (!word.empty() && word.front() == '-') word.remove_prefix(1);
  return word;
}

std::string Breaks(const Words& never, const std::vector<std::string>& argv) {
  for (const auto& words : never) {
    const auto same = [](const std::string& have, std::string_view banned) {
      return Lower(Bare(have)) == Lower(banned);
    };
    if (std::search(argv.begin(), argv.end(), words.begin(), words.end(), same) == argv.end()) continue;
    std::string text;
    for (std::string_view word : words) Append(text, text.empty() ? "" : " ", word);
    return text;
  }
  return {};
}

}  // namespace

std::span<const Component> Components() {
  static const std::vector<Component> all = All();
  return all;
}

const Component& ComponentOf(ComponentName name) { return Components()[static_cast<size_t>(name)]; }

std::string NeverSays(const Component& component, const std::vector<std::string>& argv) {
  std::string broken = Breaks(component.never, argv);
  return broken.empty() ? Breaks(NeverForAny(), argv) : broken;
}

std::string NeverSays(const Component& component, const Action& action) {
  const auto* command = std::get_if<Command>(&action);
  if (command == nullptr) return {};
  std::vector<std::string> argv;
  for (const Text& word : command->argv) argv.push_back(Printed(word));
  return NeverSays(component, argv);
}

}  // namespace holdfast::stack
