#include "reconcilers/clients/control/systemd.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

// As systemd 252 prints them.
constexpr std::string_view kActive = R"(Id=postgresql@15-main.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled-runtime
StateChangeTimestamp=Sat 2026-11-21 08:00:10 UTC
InactiveEnterTimestamp=
ActiveEnterTimestamp=Sat 2026-11-21 08:00:10 UTC
Job=0
InvocationID=8c1ab2c84be34a2f9a1d4ce8a1b2c3d4
MainPID=812
ExecMainCode=0
ExecMainStatus=0
NRestarts=2
Result=success
)";
constexpr std::string_view kStoppedByHand = R"(Id=nginx.service
LoadState=loaded
ActiveState=inactive
SubState=dead
InvocationID=
MainPID=0
Result=success
NRestarts=0
ExecMainCode=1
ExecMainStatus=0
UnitFileState=enabled
StateChangeTimestamp=Sat 2026-11-21 09:00:00 UTC
ActiveEnterTimestamp=Sat 2026-11-21 08:00:00 UTC
InactiveEnterTimestamp=Sat 2026-11-21 09:00:00 UTC
)";
constexpr std::string_view kFailed = R"(Id=redis.service
LoadState=loaded
ActiveState=failed
SubState=failed
InvocationID=aaaabbbbccccddddeeeeffff00001111
MainPID=0
Result=oom-kill
NRestarts=5
ExecMainCode=2
ExecMainStatus=9
InactiveEnterTimestamp=Sat 2026-11-21 09:00:00 UTC
)";
constexpr std::string_view kNotFound =
    "Id=nothere.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n";
constexpr std::string_view kMasked =
    "Id=apache2.service\nLoadState=masked\nActiveState=inactive\nSubState=dead\nResult=success\n";

std::vector<Observed<UnitInfo>> Read(std::vector<std::string_view> blocks, std::vector<std::string> units) {
  std::string output;
  for (const std::string_view block : blocks) Append(output, output.empty() ? "" : "\n", block);
  return ReadUnits(output, units, "db1", absl::UnixEpoch());
}

TEST(SystemdUnits, ReadsWhatAnActiveUnitSays) {
  const UnitInfo info = ValueOf(Read({kActive}, {"postgresql@15-main.service"})[0]);
  EXPECT_EQ(info.active_state, "active");
  EXPECT_EQ(info.invocation_id, "8c1ab2c84be34a2f9a1d4ce8a1b2c3d4");
  EXPECT_EQ(info.main_pid, 812);
  EXPECT_EQ(info.restarts, 2);
  EXPECT_EQ(info.job, "");
  EXPECT_EQ(info.active_since,
            absl::FromCivil(absl::CivilSecond(2026, 11, 21, 8, 0, 10), absl::UTCTimeZone()));
  EXPECT_FALSE(info.StoppedCleanly());
}

TEST(SystemdUnits, ACleanStopIsToldFromAFailure) {
  const auto seen = Read({kStoppedByHand, kFailed}, {"nginx.service", "redis.service"});
  EXPECT_TRUE(ValueOf(seen[0]).StoppedCleanly());
  EXPECT_FALSE(ValueOf(seen[1]).StoppedCleanly());
  EXPECT_EQ(ValueOf(seen[1]).result, "oom-kill");
}

TEST(SystemdUnits, AUnitThatNeverRanWasNotStoppedByAnybody) {
  EXPECT_FALSE(ValueOf(Read({kMasked}, {"apache2.service"})[0]).StoppedCleanly());
}

TEST(SystemdUnits, MaskedIsKnownAndNotFoundIsAbsent) {
  const auto seen = Read({kMasked, kNotFound}, {"apache2.service", "nothere.service"});
  EXPECT_EQ(ValueOf(seen[0]).load_state, "masked");
  EXPECT_THAT(Says(seen[1]), StartsWith("absent: systemd on db1"));
}

TEST(SystemdUnits, FewerBlocksThanUnitsAreAssignedToNone) {
  for (const auto& one : Read({kActive}, {"a.service", "b.service"}))
    EXPECT_THAT(Says(one), StartsWith("unknown"));
  EXPECT_THAT(Says(ReadUnits("garbage\n", {"a.service"}, "db1", absl::UnixEpoch())[0]),
              StartsWith("unknown"));
  EXPECT_THAT(Says(Read({"Id=a.service\n"}, {"a.service"})[0]), StartsWith("unknown"));
}

TEST(SystemdLook, AllUnitsOfAHostTravelInOneCommand) {
  Rig rig;
  rig.commands.answer = [](const CommandLine& line) {
    std::string output;
    bool is_unit = false;
    for (const std::string& word : line.argv) {
      if (is_unit)
        Append(output, output.empty() ? "" : "\n", "Id=", word, "\nLoadState=loaded\nActiveState=active\n");
      is_unit = is_unit || word == "--";
    }
    return Exit{0, 0, output};
  };
  std::vector<std::shared_ptr<std::optional<Observed<UnitInfo>>>> seen;
  for (const char* unit : {"b", "a", "c.timer", "a"})
    seen.push_back(rig.Spawn(rig.clients.units.Look({}, unit, rig.clock.Now())));
  rig.Run();
  ASSERT_EQ(rig.commands.lines.size(), 1);
  EXPECT_EQ(ValueOf(**seen[0]).id, "b.service");
  EXPECT_EQ(ValueOf(**seen[1]).id, "a.service");
  EXPECT_EQ(ValueOf(**seen[2]).id, "c.timer");
  EXPECT_EQ(ValueOf(**seen[3]).id, "a.service");
  EXPECT_THAT(rig.commands.lines[0].argv, Contains("TZ=UTC"));
}

TEST(SystemdLook, AHostWithoutSystemdSaysWhatToUseInstead) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) {
    return Exit{1, 0, "", "System has not been booted with systemd as init system (PID 1). Can't operate.\n"};
  };
  EXPECT_THAT(Says(rig.Wait(rig.clients.units.Look({}, "nginx", rig.clock.Now()))),
              AllOf(StartsWith("unknown"), HasSubstr("control: sysv")));
}

TEST(SystemdLook, ANameThatSystemctlTakesForAPatternIsRefused) {
  Rig rig;
  for (const char* unit : {"*", "-H evil", "a b", ""})
    EXPECT_THAT(Says(rig.Wait(rig.clients.units.Look({}, unit, rig.clock.Now()))),
                StartsWith("unknown: not the name of a unit"))
        << unit;
  EXPECT_TRUE(rig.commands.lines.empty());
}

TEST(SystemdLook, ADeadHostIsUnknownNotStopped) {
  Rig rig;
  rig.commands.answer = [](const CommandLine&) {
    return Exit{255, 0, "", "ssh: connect to host db1 port 22: No route to host\r\n"};
  };
  Reach where;
  where.host = "db1";
  EXPECT_THAT(Says(rig.Wait(rig.clients.units.Look(where, "nginx", rig.clock.Now()))),
              AllOf(StartsWith("unknown"), HasSubstr("nothing is known about what runs there")));
}

}  // namespace
}  // namespace holdfast::clients
