#include "examples/sandbox/hosts.h"

#include <gmock/gmock.h>

#include <string>

#include "examples/sandbox/supervisord.h"

namespace holdfast::sandbox {
namespace {

using testing::HasSubstr;

const absl::Time kBegin = absl::FromUnixSeconds(1'800'000'000);

struct HostsTest : testing::Test {
  void Add(Program program) {
    program.name = "p";
    program.endpoint = "/s";
    hosts.Add(std::move(program));
  }
  void Pass(absl::Duration time) { hosts.Advance(hosts.now() + time); }
  UnitState State() const { return hosts.Find("p")->state; }
  bool Hangs() const { return hosts.processes().begin()->second.is == Process::Is::kHangs; }

  Hosts hosts{kBegin, 100};
};

TEST_F(HostsTest, AProgramThatFreezesDoesSoInEachOfItsLives) {
  Add({.freezes_after = absl::Seconds(5)});
  ASSERT_EQ(hosts.Start("p", By::kController), Hosts::Answer::kDone);
  EXPECT_EQ(hosts.Find("p")->pid, 101) << "the supervisord has the first number";
  Pass(absl::Seconds(4));
  EXPECT_FALSE(Hangs());
  EXPECT_TRUE(hosts.Serves("p"));
  Pass(absl::Seconds(2));
  EXPECT_TRUE(Hangs());
  EXPECT_EQ(State(), UnitState::kRunning) << "its supervisord sees nothing of that";
  hosts.Continue("p");
  Pass(absl::Hours(1));
  EXPECT_TRUE(hosts.Serves("p")) << "once a life";
  hosts.Crash("p");
  ASSERT_EQ(hosts.Start("p", By::kController), Hosts::Answer::kDone);
  Pass(absl::Seconds(6));
  EXPECT_TRUE(Hangs());
}

TEST_F(HostsTest, WhatIsMissingIsRefusedByNameAndFatalWhenItsSupervisordStarts) {
  Add({.file = Program::File::kMissing, .startretries = 2, .autostart = Program::AutoStart::kYes});
  EXPECT_EQ(hosts.Start("p", By::kController), Hosts::Answer::kNoFile);
  EXPECT_EQ(State(), UnitState::kStopped);
  hosts.StartSupervisord("/s");
  EXPECT_EQ(State(), UnitState::kBackoff);
  EXPECT_THAT(hosts.Find("p")->spawn_error, HasSubstr("can't find command"));
  Pass(absl::Seconds(4));
  EXPECT_EQ(State(), UnitState::kFatal);
  EXPECT_TRUE(hosts.processes().empty());
}

TEST_F(HostsTest, SignalsByNameAndNumberArriveAndUnknownOnesAreRefused) {
  Add({.comes_up = absl::ZeroDuration()});
  hosts.Start("p", By::kController);
  Pass(absl::Seconds(2));
  const auto signal = [&](const std::string& which) {
    return AnswerRpc(
        hosts, "/s",
        "<methodCall><methodName>supervisor.signalProcess</methodName><params><param><value>p</value>"
        "</param><param><value><string>" +
            which + "</string></value></param></params></methodCall>");
  };
  EXPECT_THAT(signal("STOP"), HasSubstr("<boolean>1"));
  EXPECT_TRUE(Hangs());
  EXPECT_THAT(signal("18"), HasSubstr("<boolean>1"));
  EXPECT_FALSE(Hangs());
  EXPECT_THAT(signal("NONSENSE"), HasSubstr("BAD_SIGNAL"));
  EXPECT_THAT(signal("SIGKILL"), HasSubstr("<boolean>1"));
  EXPECT_EQ(State(), UnitState::kExited);
}

}  // namespace
}  // namespace holdfast::sandbox
