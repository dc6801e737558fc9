#include "controller/world/commands.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "controller/base/text.h"
#include "controller/world/real/real_commands.h"
#include "controller/world/real/within.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

class RealCommandsTest : public testing::Test {
 protected:
  ~RealCommandsTest() override {
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left behind";
  }

  Result<Exit> Run(CommandLine command, Limits limits = {}) {
    return RunTask(io, commands.Run(command, limits));
  }
  Result<Exit> Shell(std::string script, Limits limits = {}) { return Run({{"sh", "-c", script}}, limits); }

  // The process whose number is in `path`, once it is there.
  pid_t PidIn(const std::string& path) {
    for (int i = 0; i < 2000; ++i) {
      pid_t pid = 0;
      if (std::ifstream(path) >> pid) return pid;
      io.restart();
      io.run_for(std::chrono::milliseconds(1));
    }
    return -1;
  }
  static bool Gone(pid_t pid) {
    for (int i = 0; i < 1000; ++i) {
      if (::kill(pid, 0) != 0) return true;
      std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
      std::string number, name, state;
      if (stat >> number >> name >> state && state == "Z") return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  Scratch dir;
  boost::asio::io_context io;
  RealCommands commands{io.get_executor(), "/nonexistent"};
};

TEST_F(RealCommandsTest, GivesCodeOutputAndErrors) {
  const auto exit = Shell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(exit.ok()) << exit.status().message();
  EXPECT_EQ(exit->code, 3);
  EXPECT_EQ(exit->signal, 0);
  EXPECT_EQ(exit->output, "out\n");
  EXPECT_EQ(exit->errors, "err\n");
  EXPECT_FALSE(exit->truncated);
}

TEST_F(RealCommandsTest, GivesTheSignalThatEndedIt) { EXPECT_EQ(Shell("kill -SEGV $$")->signal, SIGSEGV); }

TEST_F(RealCommandsTest, ArgumentsArriveAsTheyAre) {
  const std::vector<std::string> argv = {"printf", "[%s]", "", "a b", "'\"$(id)`;\n", "ä", "-n", "*"};
  EXPECT_EQ(Run({argv})->output, "[][a b]['\"$(id)`;\n][ä][-n][*]");
}

TEST_F(RealCommandsTest, InputOfAnySizeIsWritten) {
  const std::string input(3'000'000, 'x');
  EXPECT_EQ(Run({{"cat"}, input})->output, input);
  EXPECT_EQ(Run({{"wc", "-c"}, input})->output, "3000000\n");
}

TEST_F(RealCommandsTest, AProgramThatDoesNotReadItsInputIsNoError) {
  EXPECT_EQ(Run({{"true"}, std::string(3'000'000, 'x')})->code, 0);
}

TEST_F(RealCommandsTest, TheEnvironmentIsSmallAndFixed) {
  ::setenv("HOLDFAST_TEST_SECRET", "do not inherit", 1);
  const auto exit = Run({{"env"}, "", {{"EXTRA", "1"}, {"LANG", "de"}}});
  ::unsetenv("HOLDFAST_TEST_SECRET");
  EXPECT_EQ(exit->output, Cat("HOME=/nonexistent\nEXTRA=1\nLANG=de\nPATH=", RealCommands::kPath, "\n"));
}

TEST_F(RealCommandsTest, InheritsNoDescriptorSignalMaskOrDirectory) {
  const int leak = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as a library may do
  ::dup2(leak, 77);
  const auto exit =
      Shell("ls /proc/self/fd; pwd; grep SigIgn /proc/self/status; ps -o pgid= -p $$ | tr -d ' '; echo $$");
  ::close(leak);
  ::close(77);
  EXPECT_THAT(exit->output, testing::StartsWith("0\n1\n2\n3\n/\n"));  // 3 is ls's own
  const std::string field = "SigIgn:\t";
  const size_t at = exit->output.find(field);
  ASSERT_NE(at, std::string::npos);
  const unsigned long long ignored = std::stoull(exit->output.substr(at + field.size(), 16), nullptr, 16);
  EXPECT_EQ(ignored & 0x7FFFFFFF, 0u);  // 32 and 33 are the C library's own
  const std::vector<std::string> lines = Split(Trim(exit->output), '\n');
  EXPECT_EQ(lines[lines.size() - 2], lines.back()) << "it must lead its own process group";
}

TEST_F(RealCommandsTest, SaysWhyAProgramDidNotStart) {
  EXPECT_EQ(Run({{"nosuchprogram"}}).status().code(), Code::kNotFound);
  EXPECT_EQ(Run({{"/nosuch/program"}}).status().code(), Code::kNotFound);
  EXPECT_EQ(Run({{}}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Run({{""}}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Run({{"true", std::string("a\0b", 3)}}).status().code(), Code::kInvalidArgument);
  Put(dir / "notexecutable", "#!/bin/sh\n");
  EXPECT_EQ(Run({{dir / "notexecutable"}}).status().code(), Code::kPermissionDenied);
  EXPECT_EQ(Run({{"notexecutable"}, "", {{"PATH", dir.path()}}}).status().code(), Code::kPermissionDenied);
}

TEST_F(RealCommandsTest, OutputBeyondTheLimitIsReadAndThrownAway) {
  const auto exit = Shell("yes | head -c 5000000; head -c 100000 /dev/zero >&2; exit 4", {.max_bytes = 1000});
  EXPECT_EQ(exit->code, 4);
  EXPECT_EQ(exit->output.size(), 1000u);
  EXPECT_TRUE(exit->truncated);
  EXPECT_EQ(exit->errors.size(), RealCommands::kMostErrors);
}

TEST_F(RealCommandsTest, ADeadlineEndsTheWholeGroup) {
  const auto before = std::chrono::steady_clock::now();
  const auto exit = Shell(Cat("sleep 1000 & echo $! > ", dir / "pid", "; echo half >&2; wait"),
                          {.deadline = absl::Milliseconds(200)});
  EXPECT_EQ(exit.status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(exit.status().message(), "sh: not finished within 200ms; it was ended; it said: half");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  EXPECT_TRUE(Gone(PidIn(dir / "pid")));
}

TEST_F(RealCommandsTest, WhoIgnoresSigtermIsKilled) {
  const auto exit = Shell(Cat("trap '' TERM; echo $$ > ", dir / "pid", "; while :; do sleep 1; done"),
                          {.deadline = absl::Milliseconds(100)});
  EXPECT_EQ(exit.status().message(), "sh: not finished within 100ms; it was killed");
  EXPECT_TRUE(Gone(PidIn(dir / "pid")));
}

TEST_F(RealCommandsTest, ADaemonThatKeepsTheOutputOpenDoesNotHoldUpItsStarter) {
  const auto before = std::chrono::steady_clock::now();
  const auto exit = Shell(Cat("setsid sleep 1000 & echo $! > ", dir / "pid", "; echo started"));
  EXPECT_EQ(exit->output, "started\n");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  const pid_t daemon = PidIn(dir / "pid");
  EXPECT_EQ(::kill(daemon, 0), 0) << "the daemon must live on";
  ::kill(daemon, SIGKILL);
}

TEST_F(RealCommandsTest, CancellationEndsTheGroup) {
  boost::asio::cancellation_signal signal;
  std::exception_ptr failure;
  CommandLine command{{"sh", "-c", Cat("sleep 1000 & echo $! > ", dir / "pid", "; wait")}};
  boost::asio::co_spawn(
      io, commands.Run(command, {}),
      boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, auto) { failure = e; }));
  const pid_t pid = PidIn(dir / "pid");
  ASSERT_GT(pid, 0);
  signal.emit(boost::asio::cancellation_type::terminal);
  io.restart();
  io.run();
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
  EXPECT_TRUE(Gone(pid));
}

TEST_F(RealCommandsTest, CancellationKillsWhoIgnoresSigterm) {
  const auto gone = RunTask(
      io, Within(commands.Run({{"sh", "-c",
                                Cat("trap '' TERM; echo $$ > ", dir / "pid", "; while :; do sleep 1; done")}},
                              {}),
                 absl::Milliseconds(100)));
  EXPECT_FALSE(gone.has_value());
  io.restart();
  io.run();
  EXPECT_TRUE(Gone(PidIn(dir / "pid")));
}

TEST_F(RealCommandsTest, NothingSurvivesTheEndOfTheLoop) {
  pid_t pid = -1;
  {
    boost::asio::io_context inner;
    RealCommands mine(inner.get_executor(), "/");
    boost::asio::co_spawn(inner,
                          mine.Run({{"sh", "-c", Cat("echo $$ > ", dir / "pid", "; exec sleep 1000")}}, {}),
                          [](std::exception_ptr, auto) {});
    inner.run_for(std::chrono::milliseconds(50));
    pid = PidIn(dir / "pid");
    ASSERT_GT(pid, 0);
  }
  EXPECT_TRUE(Gone(pid));
}

TEST_F(RealCommandsTest, WithoutDescriptorsItIsOurOwnFault) {
  ASSERT_TRUE(Run({{"true"}}).ok());
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit tight{3, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  const auto exit = Run({{"true"}});
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(exit.status().code(), Code::kLocal) << exit.status().message();
}

Task<int> Many(RealCommands* commands, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    auto exit = co_await commands->Run({{"sh", "-c", Cat("exit ", i % 7)}}, {});
    sum += exit.ok() ? exit->code : 1000;
  }
  co_return sum;
}

TEST_F(RealCommandsTest, ManyRunsLeaveNoDescriptorBehind) {
  const auto open = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  RunTask(io, Many(&commands, 1));
  const auto before = open();
  EXPECT_EQ(RunTask(io, Many(&commands, 50)), 7 * 21 + 0);
  EXPECT_EQ(open(), before);
}

}  // namespace
}  // namespace holdfast
