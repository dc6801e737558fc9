#include "reconcilers/clients/control/orphans.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/unit/clients/fake_supervisord.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(WordsOf, DividesAsSupervisordDoes) {
  EXPECT_THAT(WordsOf("/bin/sleep  10"), ElementsAre("/bin/sleep", "10"));
  EXPECT_THAT(WordsOf(R"(/bin/sh -c "trap '' TERM; sleep 1")"),
              ElementsAre("/bin/sh", "-c", "trap '' TERM; sleep 1"));
  EXPECT_THAT(WordsOf(R"(a 'b "c" \d' "e\"f\g" h\ i)"), ElementsAre("a", R"(b "c" \d)", R"(e"f\g)", "h i"));
  EXPECT_THAT(WordsOf(R"(a "" 'x'y)"), ElementsAre("a", "", "xy"));
  EXPECT_THAT(WordsOf("a 'b"), IsEmpty());
  EXPECT_THAT(WordsOf("  "), IsEmpty());
}

TEST(IsStartedBy, AlsoThroughAnInterpreterAndByItsPath) {
  EXPECT_TRUE(IsStartedBy("/bin/sleep 10", {"/bin/sleep", "10"}));
  EXPECT_FALSE(IsStartedBy("/bin/sleep 100", {"/bin/sleep", "10"}));
  EXPECT_TRUE(IsStartedBy("/usr/bin/python3 -u -E /opt/app run", {"/opt/app", "run"}));
  EXPECT_TRUE(IsStartedBy("/usr/bin/python3 /usr/bin/gunicorn app:app", {"gunicorn", "app:app"}));
  EXPECT_FALSE(IsStartedBy("/usr/bin/python3 /usr/bin/gunicorn app:app", {"/opt/gunicorn", "app:app"}));
  EXPECT_FALSE(IsStartedBy("vi /opt/app.conf", {"/opt/app"}));
}

struct OrphansTest : testing::Test {
  OrphansTest() {
    rig.http.answer = [this](const HttpRequest& request) { return server.Answer(request); };
    rig.files.content["/run/s.sock"] = "";
    rig.files.content["/proc/stat"] = "cpu 1\nbtime 1799990000\n";
    rig.files.content["/proc/sys/kernel/random/boot_id"] = "0a1b2c3d-1111\n";
    Run(1, 0, "/sbin/init");
    server.Add("redis").command = "/usr/bin/redis-server \"/etc/redis.conf\"";
    server.Add("web").command = "/opt/web";
  }
  void Run(int pid, int parent, std::string command_line) {
    rig.files.content[Cat("/proc/", pid, "/stat")] =
        Cat(pid, " (x) S ", parent, " 1 1 0 -1 4194560 1 1 0 0 1 1 0 0 20 0 3 0 1000 1000 256 0 0\n");
    for (char& c : command_line)
      if (c == ' ') c = '\0';
    rig.files.content[Cat("/proc/", pid, "/cmdline")] = std::move(command_line);
  }
  void Forget(int pid) {
    rig.files.content.erase(Cat("/proc/", pid, "/stat"));
    rig.files.content.erase(Cat("/proc/", pid, "/cmdline"));
  }
  // As a look at the stack does it: the supervisord is asked first.
  Observed<std::vector<FoundProcess>> Look(const std::string& program) {
    rig.Wait(rig.clients.supervisors.Look(endpoint, program, rig.clock.Now()));
    return rig.Wait(rig.clients.orphans.Look(endpoint, {}, program));
  }
  Rig rig;
  FakeSupervisord server;
  SupervisordEndpoint endpoint{"/run/s.sock", "", "", {}};
};

TEST_F(OrphansTest, AreWhatProcess1HasTakenOver) {
  Run(10, 1, "/usr/bin/redis-server /etc/redis.conf");
  Run(11, 4242, "/usr/bin/redis-server /etc/redis.conf");
  Run(12, 999, "/usr/bin/redis-server /etc/redis.conf");
  Run(13, 1, "/usr/bin/redis-server /etc/other.conf");
  const auto found = ValueOf(Look("redis"));
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].pid, 10);
  EXPECT_EQ(found[0].incarnation, "0a1b2c3d:1000");
  EXPECT_THAT(ValueOf(Look("web")), IsEmpty());
  EXPECT_THAT(ValueOf(Look("redis:redis")), testing::SizeIs(1)) << "the same program";
}

TEST_F(OrphansTest, AreLookedForOnceForEverySupervisordUnlessThereAreSome) {
  for (int i = 0; i < 3; ++i) Look("redis"), Look("web"), rig.clock.Pass(absl::Minutes(1));
  EXPECT_EQ(server.calls["supervisor.getAllConfigInfo"], 1);
  EXPECT_EQ(rig.clients.supervisors.NewOnes(), 0);

  server.daemon_pid = 5000;
  Run(10, 1, "/opt/web");
  EXPECT_THAT(ValueOf(Look("web")), testing::SizeIs(1));
  EXPECT_EQ(server.calls["supervisor.getAllConfigInfo"], 2);
  Look("web");
  EXPECT_EQ(server.calls["supervisor.getAllConfigInfo"], 2) << "not in every look";
  Forget(10);
  rig.clock.Pass(Orphans::kLookAgain);
  EXPECT_THAT(ValueOf(Look("web")), IsEmpty());
  EXPECT_EQ(rig.clients.supervisors.NewOnes(), 0);
}

TEST_F(OrphansTest, CannotBeToldWhenTheProcessTableCannotBeRead) {
  Forget(1);
  EXPECT_THAT(Says(Look("redis")), StartsWith("unknown"));
  EXPECT_EQ(rig.clients.supervisors.NewOnes(), 1) << "it is looked for again";
}

TEST_F(OrphansTest, AnOldSupervisordDoesNotTellWhatItStarts) {
  server.faults["supervisor.getAllConfigInfo"] = 1;
  EXPECT_THAT(Says(Look("redis")), StartsWith("absent"));
  EXPECT_EQ(rig.clients.supervisors.NewOnes(), 0);
}

TEST_F(OrphansTest, OnAnotherMachineArePsLines) {
  Reach where;
  where.host = "db1";
  rig.commands.answer = [](const CommandLine&) {
    return Exit{0, 0,
                "    1     0 Sat Nov 21 08:00:00 2026 /sbin/init\n  812     1 Sun Nov  1 08:00:10 2026 "
                "/opt/web\n"};
  };
  rig.Wait(rig.clients.supervisors.Look(endpoint, "web", rig.clock.Now()));
  const auto found = ValueOf(rig.Wait(rig.clients.orphans.Look(endpoint, where, "web")));
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].pid, 812);
}

}  // namespace
}  // namespace holdfast::clients
