#include "reconcilers/clients/control/processes.h"

#include <gmock/gmock.h>

#include <string>

#include "reconcilers/clients/control/proc.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string Stat(int pid, std::string_view name, int parent, int64_t ticks) {
  return Cat(pid, " (", name, ") S ", parent, " 1 1 0 -1 4194560 1 1 0 0 1 1 0 0 20 0 3 0 ", ticks,
             " 1000 256 0 0\n");
}

TEST(ProcStat, ANameMayContainBracketsAndBlanks) {
  const auto stat = ParseProcStat(Stat(12, "a) S 1 (b", 7, 5000));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->pid, 12);
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->start_ticks, 5000);
  EXPECT_EQ(stat->threads, 3);
  EXPECT_FALSE(ParseProcStat("12 (x) S 1"));
  EXPECT_FALSE(ParseProcStat(""));
}

TEST(ProcStat, IncarnationIsBootAndStart) {
  EXPECT_EQ(IncarnationText("0a1b2c3d-1111-2222-3333-444455556666\n", Stat(12, "x", 1, 5000)),
            "0a1b2c3d:5000");
  EXPECT_EQ(IncarnationText("", Stat(12, "x", 1, 5000)), "");
}

struct FindTest : testing::Test {
  FindTest() {
    rig.files.content["/proc/stat"] = "cpu 1\nbtime 1799990000\n";
    rig.files.content["/proc/sys/kernel/random/boot_id"] = "0a1b2c3d-1111\n";
    Add(1, "init", 0, std::string("/sbin/init\0", 11));
  }
  void Add(int pid, std::string_view name, int parent, std::string arguments) {
    rig.files.content[Cat("/proc/", pid, "/stat")] = Stat(pid, name, parent, 1000);
    rig.files.content[Cat("/proc/", pid, "/cmdline")] = std::move(arguments);
  }
  Rig rig;
};

TEST_F(FindTest, FindsOrphansByTheirArguments) {
  Add(10, "sleep", 1, std::string("/bin/sleep\00010000\0", 17));
  Add(11, "sleep", 9, std::string("/bin/sleep\00010000\0", 17));
  Add(12, "sleep", 9, std::string("/bin/sleep\000100001\0", 18));
  Add(13, "run", 1, std::string("/bin/sh\0/bin/sleep\00010000\0", 25));
  const auto found = rig.Wait(rig.clients.processes.Find({}, {"/bin/sleep", "10000"}));
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->size(), 3) << "the one with a longer argument is another program";
  EXPECT_EQ((*found)[0].parent, 1);
  EXPECT_EQ((*found)[0].incarnation, "0a1b2c3d:1000");
  EXPECT_EQ((*found)[0].start, absl::FromUnixSeconds(1'799'990'010));
}

TEST_F(FindTest, AProcThatHidesOthersIsNoCompleteListing) {
  rig.files.content.erase("/proc/1/stat");
  rig.files.content.erase("/proc/1/cmdline");
  Add(10, "x", 9, std::string("x\0", 2));
  EXPECT_THAT(rig.Wait(rig.clients.processes.Find({}, {"x"})).status().message(), HasSubstr("hidepid"));
}

TEST_F(FindTest, AnEmptyPatternWouldBeEverything) {
  EXPECT_FALSE(rig.Wait(rig.clients.processes.Find({}, {})).ok());
}

TEST_F(FindTest, ReadsPsOfAnotherHost) {
  rig.commands.answer = [](const CommandLine&) {
    return Exit{0, 0,
                "    1     0 Sat Nov 21 08:00:00 2026 /sbin/init\n  812     1 Sun Nov  1 08:00:10 2026 "
                "/bin/sleep 100\n"};
  };
  Reach where;
  where.host = "db1";
  const auto found = rig.Wait(rig.clients.processes.Find(where, {"/bin/sleep", "100"}));
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->size(), 1);
  EXPECT_EQ((*found)[0].pid, 812);
  EXPECT_EQ((*found)[0].start,
            absl::FromCivil(absl::CivilSecond(2026, 11, 1, 8, 0, 10), absl::UTCTimeZone()));
}

TEST_F(FindTest, HalfAListingIsAnError) {
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, "    1     0 Sat Nov 21 08:0"}; };
  Reach where;
  where.host = "db1";
  EXPECT_FALSE(rig.Wait(rig.clients.processes.Find(where, {"x"})).ok());
}

constexpr std::string_view kDiagnosis = R"(== /proc/sys/kernel/random/boot_id
0a1b2c3d-1111
== /proc/12/stat
12 (redis-server) T 1 1 1 0 -1 4194560 1 1 0 0 1 1 0 0 20 0 3 0 5000 1000 256 0 0
== /proc/12/limits
Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 4096                 files
== /proc/loadavg
0.42 0.40 0.38 1/200 999
== descriptors
12
== disk
Filesystem     1024-blocks    Used Available Capacity Mounted on
/dev/vda1         10000000 9700000    300000      97% /var
== end
)";

TEST(Diagnosis, ReadsWhatAPersonWouldLookAt) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) { return Exit{0, 0, std::string(kDiagnosis)}; };
  const ProcessFacts facts = ValueOf(rig.Wait(rig.clients.processes.Look({}, 12, "/var")));
  EXPECT_EQ(facts.Text(),
            "pid 12: state T (stopped by a signal), 12 of 1024 descriptors, 1 MiB, load 0.42 0.40 0.38, /var "
            "3 % free");
  EXPECT_EQ(facts.incarnation, "0a1b2c3d:5000");
  EXPECT_EQ(facts.disk_free_kb, 300000);
}

TEST(Diagnosis, AProcessThatIsGoneIsAbsentAndATruncatedAnswerUnknown) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) {
    return Exit{0, 0, "== /proc/sys/kernel/random/boot_id\n0a1b-1\n== /proc/12/stat\n== end\n"};
  };
  EXPECT_THAT(Says(rig.Wait(rig.clients.processes.Look({}, 12, ""))), StartsWith("absent"));
  rig.commands.answer = [](const CommandLine&) {
    return Exit{0, 0, "== /proc/sys/kernel/random/boot_id\n0a1b-1\n"};
  };
  EXPECT_THAT(Says(rig.Wait(rig.clients.processes.Look({}, 12, ""))), StartsWith("unknown"));
}

}  // namespace
}  // namespace holdfast::clients
