#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "tests/integration/lab.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Where systemd is not PID 1 nothing but the refusal can be seen; what systemctl prints is covered by
// recorded output.
TEST(RealSystemd, AUnitThatIsNowhereIsAbsentAndOneThatIsThereIsKnown) {
  Lab lab;
  RealRig rig(lab.directory());
  const auto look = [&](const std::string& unit) {
    return Says(rig.Wait(rig.clients.units.Look({}, unit, rig.world.clock.Now())));
  };
  if (!std::filesystem::exists("/run/systemd/system")) {
    EXPECT_THAT(look("systemd-journald"), StartsWith("unknown"));
    GTEST_SKIP() << "skipped: systemd does not run here; its answers are covered by recorded ones";
  }
  EXPECT_EQ(look("systemd-journald"), "known");
  EXPECT_THAT(look("no-such-unit-at-all"), StartsWith("absent"));
}

}  // namespace
}  // namespace holdfast::clients
