#include <gmock/gmock.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "tests/integration/lab.h"

namespace holdfast::clients {
namespace {

using Level = ProbeAnswer::Level;

constexpr std::string_view kClassPath = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar";
constexpr int kMembers = 3;
constexpr absl::Duration kElection = absl::Seconds(90);  // three Java machines on two shared cores

// Three members on one loopback address, each with ports of its own.
struct RealZookeeper : testing::Test {
  void SetUp() override {
    if (!HasProgram("java") || !HasProgram("sh") || ReadWhole("/usr/share/java/zookeeper.jar").empty())
      GTEST_SKIP() << "skipped: zookeeper or java is not installed";
    std::string members;
    for (int n = 1; n <= kMembers; ++n) {
      ports.push_back(FreePort());
      Append(members, "server.", n, "=127.0.0.1:", FreePort(), ":", FreePort(), "\n");
    }
    for (int n = 1; n <= kMembers; ++n) {
      lab.Write(Cat(n, "/data/myid"), Cat(n, "\n"));
      lab.Write(Cat(n, "/zoo.cfg"),
                Cat("tickTime=500\ninitLimit=40\nsyncLimit=10\ndataDir=", lab.Path(Cat(n, "/data")),
                    "\nclientPort=", ports[static_cast<size_t>(n - 1)],
                    "\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n", members));
      pids.push_back(lab.Start(
          Cat("zk", n),
          {"java", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", std::string(kClassPath),
           "org.apache.zookeeper.server.quorum.QuorumPeerMain", lab.Path(Cat(n, "/zoo.cfg"))}));
    }
    for (int n = 0; n < kMembers; ++n)
      ASSERT_EQ(rig.AskUntil(ProbeOf(n), Level::kServing, kElection).level, Level::kServing)
          << lab.Log(Cat("zk", n + 1));
  }
  ZookeeperProbe ProbeOf(int n) const { return {.port = ports[static_cast<size_t>(n)]}; }
  pid_t Pid(int n) const { return pids[static_cast<size_t>(n)]; }
  int Leader() {
    for (int n = 0; n < kMembers; ++n)
      if (rig.Ask(ProbeOf(n)).facts["mode"] == "leader") return n;
    return -1;
  }

  Lab lab;
  RealRig rig{lab.directory()};
  std::vector<uint16_t> ports;
  std::vector<pid_t> pids;
};

TEST_F(RealZookeeper, LosesOneFreezesOneAndLosesItsQuorum) {
  const int leader = Leader();
  ASSERT_GE(leader, 0);
  const int first = (leader + 1) % kMembers, second = (leader + 2) % kMembers;
  EXPECT_EQ(rig.Ask(ProbeOf(first)).facts.at("mode"), "follower");

  lab.Stop(Pid(first));
  EXPECT_EQ(rig.AskUntil(ProbeOf(first), Level::kNothingThere).level, Level::kNothingThere);
  EXPECT_EQ(rig.AskUntil(ProbeOf(leader), Level::kServing).level, Level::kServing)
      << "two of three are a quorum";

  kill(Pid(second), SIGSTOP);
  EXPECT_EQ(rig.Ask(ProbeOf(second)).level, Level::kConnects);
  const ProbeAnswer alone = rig.AskUntil(ProbeOf(leader), Level::kStarting, kElection);
  EXPECT_EQ(alone.level, Level::kStarting) << "alive, but one of three serves nobody: " << alone.detail;
  kill(Pid(second), SIGCONT);
  EXPECT_EQ(rig.AskUntil(ProbeOf(leader), Level::kServing, kElection).level, Level::kServing);
}

}  // namespace
}  // namespace holdfast::clients
