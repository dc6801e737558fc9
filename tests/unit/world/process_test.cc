#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstring>
#include <string>

#include "controller/base/text.h"
#include "controller/world/real/file_lock.h"
#include "controller/world/real/notify.h"
#include "controller/world/real/peer.h"
#include "controller/world/real/signal_process.h"
#include "controller/world/real/signals.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

// A child that sleeps until it is signalled.
class Child {
 public:
  explicit Child(const char* name = nullptr) : pid_(::fork()) {
    if (pid_ != 0) return;
    if (name != nullptr) ::prctl(PR_SET_NAME, name);
    ::execl("/bin/sleep", "sleep", "1000", nullptr);
    ::_exit(127);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }
  // The signal that ends it; it stays a zombie.
  int EndedBy() const {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    return info.si_status;
  }

 private:
  pid_t pid_;
};

TEST(SignalProcess, SignalsTheOneThatWasMeant) {
  const Child child;
  const auto incarnation = Incarnation(child.pid());
  ASSERT_TRUE(incarnation.ok());
  EXPECT_THAT(*incarnation, MatchesRegex("[0-9a-f]{8}:[0-9]+"));
  EXPECT_TRUE(SignalProcess(child.pid(), *incarnation, SIGTERM).ok());
  EXPECT_EQ(child.EndedBy(), SIGTERM);
}

TEST(SignalProcess, LeavesAnotherIncarnationAlone) {
  const Child child;
  const std::string incarnation = *Incarnation(child.pid());
  const Status status = SignalProcess(child.pid(), incarnation + "1", SIGKILL);
  EXPECT_EQ(status.code(), Code::kAborted);
  EXPECT_THAT(status.message(), HasSubstr("not the process that was meant"));
  EXPECT_EQ(SignalProcess(child.pid(), "", SIGKILL).code(), Code::kAborted);
  EXPECT_EQ(*Incarnation(child.pid()), incarnation) << "it must still live";
}

TEST(SignalProcess, AZombieAndAFreeNumberAreGone) {
  pid_t pid = 0;
  {
    const Child child;
    pid = child.pid();
    const std::string incarnation = *Incarnation(pid);
    ::kill(pid, SIGKILL);
    child.EndedBy();
    EXPECT_EQ(ReadProcess(pid)->state, 'Z');
    EXPECT_EQ(Incarnation(pid).status().code(), Code::kNotFound);
    EXPECT_EQ(SignalProcess(pid, incarnation, SIGTERM).code(), Code::kNotFound);
  }
  EXPECT_EQ(Incarnation(pid).status().code(), Code::kNotFound);
  EXPECT_EQ(SignalProcess(pid, "x", SIGTERM).code(), Code::kNotFound);
  EXPECT_EQ(ReadProcess(pid).status().code(), Code::kNotFound);
  for (const pid_t bad : {0, -1, -1000})
    EXPECT_EQ(SignalProcess(bad, "x", SIGTERM).code(), Code::kInvalidArgument);
}

TEST(SignalProcess, WhatIsNotOursIsDenied) {
  if (::getuid() != 0) {
    EXPECT_EQ(SignalProcess(1, *Incarnation(1), SIGCONT).code(), Code::kPermissionDenied);
    return;
  }
  const Child victim;
  const std::string incarnation = *Incarnation(victim.pid());
  const pid_t lowly = ::fork();
  if (lowly == 0) {
    if (::setuid(65534) != 0) ::_exit(99);
    ::_exit(static_cast<int>(SignalProcess(victim.pid(), incarnation, SIGKILL).code()));
  }
  int status = 0;
  ::waitpid(lowly, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(Code::kPermissionDenied));
}

TEST(ReadProcess, TellsTheFactsOfADiagnosis) {
  const auto self = ReadProcess(::getpid());
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self->parent, ::getppid());
  EXPECT_EQ(self->state, 'R');
  EXPECT_GE(self->threads, 1);
  EXPECT_GT(self->resident_bytes, 100'000u);
  EXPECT_GE(self->open_descriptors.value(), 3u);
  EXPECT_GE(self->most_descriptors.value(), 64u);
  EXPECT_EQ(self->incarnation, *Incarnation(::getpid()));
  EXPECT_THAT(self->command_line.at(0), HasSubstr("test"));
  const Child child;
  for (int i = 0; i < 1000 && ReadProcess(child.pid())->command_line.size() != 2; ++i) ::usleep(1000);
  EXPECT_THAT(ReadProcess(child.pid())->command_line, ElementsAre("sleep", "1000"));
  EXPECT_EQ(ReadProcess(child.pid())->name, "sleep");
}

TEST(ReadProcess, ANameFullOfParenthesesDoesNotConfuse) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_NAME, ") R 1 (a b) Z");
    for (;;) ::pause();
  }
  for (int i = 0; i < 1000 && ReadProcess(pid)->name != ") R 1 (a b) Z"; ++i) ::usleep(1000);
  const auto facts = ReadProcess(pid);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(facts->name, ") R 1 (a b) Z");
  EXPECT_EQ(facts->parent, ::getpid());
}

TEST(ReadProcess, AStoppedProcessIsToldAsStopped) {
  const Child child;
  EXPECT_TRUE(SignalProcess(child.pid(), *Incarnation(child.pid()), SIGSTOP).ok());
  for (int i = 0; i < 1000 && ReadProcess(child.pid())->state != 'T'; ++i) ::usleep(1000);
  EXPECT_EQ(ReadProcess(child.pid())->state, 'T');
}

TEST(Signals, AreToldInsteadOfEndingUs) {
  boost::asio::io_context io;
  Signals signals(io.get_executor());
  ::raise(SIGHUP);
  EXPECT_EQ(RunTask(io, signals.Next()), HostSignal::kHangUp);
  ::raise(SIGTERM);
  EXPECT_EQ(RunTask(io, signals.Next()), HostSignal::kTerminate);
  ::raise(SIGINT);
  EXPECT_EQ(RunTask(io, signals.Next()), HostSignal::kInterrupt);
  EXPECT_EQ(SignalName(HostSignal::kTerminate), "SIGTERM");
}

class NotifyTest : public testing::Test {
 protected:
  void Bind(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@') address.sun_path[0] = '\0';
    listener.Reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ASSERT_EQ(::bind(listener.number(), reinterpret_cast<sockaddr*>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size())),
              0);
  }
  std::string Heard() {
    char text[1024];
    const ssize_t got = ::recv(listener.number(), text, sizeof text, 0);
    return got < 0 ? "nothing" : std::string(text, static_cast<size_t>(got));
  }
  Descriptor listener;
  Scratch dir;
};

TEST_F(NotifyTest, SpeaksToPathsAndAbstractNames) {
  for (const std::string& path : {dir / "notify", Cat("@holdfast-test-", ::getpid())}) {
    Bind(path);
    Notify notify({.socket = path, .watchdog_usec = "30000000"});
    EXPECT_TRUE(notify.Ready("12 resources").ok());
    EXPECT_EQ(Heard(), "READY=1\nSTATUS=12 resources\n");
    EXPECT_TRUE(notify.Text("two\nlines").ok());
    EXPECT_EQ(Heard(), "STATUS=two lines\n");
    EXPECT_TRUE(notify.Watchdog().ok());
    EXPECT_EQ(Heard(), "WATCHDOG=1\n");
    EXPECT_TRUE(notify.Stopping("").ok());
    EXPECT_EQ(Heard(), "STOPPING=1\n");
    EXPECT_EQ(notify.watchdog_interval(), absl::Seconds(15));
  }
}

TEST_F(NotifyTest, WithoutASystemdItIsSilent) {
  Notify notify({});
  EXPECT_TRUE(notify.Ready("x").ok());
  EXPECT_EQ(notify.watchdog_interval(), std::nullopt);
  EXPECT_EQ(Notify({.socket = "/x", .watchdog_usec = "nonsense"}).watchdog_interval(), std::nullopt);
  EXPECT_EQ(Notify({.socket = "/x", .watchdog_usec = "1000", .watchdog_pid = "1"}).watchdog_interval(),
            std::nullopt);
  EXPECT_EQ(Notify({.socket = dir / "nosuch"}).Watchdog().code(), Code::kNotFound);
  EXPECT_EQ(Notify({.socket = "relative"}).Watchdog().code(), Code::kInvalidArgument);
}

TEST(FileLock, OneAtATime) {
  Scratch dir;
  {
    auto first = FileLock::Take(dir.path());
    ASSERT_TRUE(first.ok()) << first.status().message();
    const auto second = FileLock::Take(dir.path());
    EXPECT_EQ(second.status().code(), Code::kFailedPrecondition);
    EXPECT_EQ(second.status().message(),
              Cat(dir.path(), ": process ", ::getpid(), " already works in this directory"));
    // Reading the file, as a backup does, must not give the lock back.
    ::close(::open((dir / FileLock::kName).c_str(), O_RDONLY));
    EXPECT_FALSE(FileLock::Take(dir.path()).ok());
  }
  EXPECT_TRUE(FileLock::Take(dir.path()).ok());
  EXPECT_EQ(FileLock::Take(dir / "nosuch").status().code(), Code::kNotFound);
}

TEST(FileLock, IsGivenBackWhenItsHolderIsKilled) {
  Scratch dir;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    auto lock = FileLock::Take(dir.path());
    const char told = lock.ok() ? 'y' : 'n';
    (void)!::write(ready[1], &told, 1);
    for (;;) ::pause();
  }
  char told = 0;
  ASSERT_EQ(::read(ready[0], &told, 1), 1);
  EXPECT_EQ(told, 'y');
  EXPECT_THAT(FileLock::Take(dir.path()).status().message(), HasSubstr(Cat("process ", holder)));
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_TRUE(FileLock::Take(dir.path()).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FileLock, IsWaitedForWhenItsHolderWasKilledWhileItStartedAProgram) {
  Scratch dir;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto lock = FileLock::Take(dir.path());
    // Between fork and exec the child has all that its parent had.
    if (::fork() == 0) {
      ::usleep(300'000);
      ::_exit(0);
    }
    const char told = lock.ok() ? 'y' : 'n';
    (void)!::write(ready[1], &told, 1);
    for (;;) ::pause();
  }
  char told = 0;
  ASSERT_EQ(::read(ready[0], &told, 1), 1);
  ASSERT_EQ(told, 'y');
  ::kill(holder, SIGKILL);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(holder), &ended, WEXITED | WNOWAIT);  // nobody has asked how
  const auto taken = FileLock::Take(dir.path());
  EXPECT_TRUE(taken.ok()) << taken.status().message();
  ::waitpid(holder, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(PeerOf, NamesWhoIsThere) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const auto peer = PeerOf(ends[0]);
  ASSERT_TRUE(peer.ok());
  EXPECT_EQ(peer->uid, ::getuid());
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_EQ(peer->name, UserName(::getuid()));
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_FALSE(PeerOf(ends[0]).ok());
  EXPECT_EQ(UserName(0), "root");
  EXPECT_EQ(UserName(4'000'000'000), "4000000000");
}

}  // namespace
}  // namespace holdfast
