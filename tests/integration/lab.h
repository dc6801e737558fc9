// Real servers on loopback with directories of their own, for tests.
#pragma once

#include <absl/time/time.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/world/real/real_world.h"
#include "reconcilers/clients/clients.h"
#include "reconcilers/clients/control/doors.h"

namespace holdfast::clients {

// A private directory and what was started in it. Everything is stopped by its process id, also when a test
// fails.
class Lab {
 public:
  Lab();
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  const std::string& directory() const { return directory_; }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& content, int mode = 0644) const;

  // Starts a program whose output goes to NAME.log here, in a session of its own. `user` needs root; "" is
  // ourselves.
  pid_t Start(const std::string& name, const std::vector<std::string>& argv, const std::string& user = {});
  // Runs a program to its end; its exit code, or -1.
  int Run(const std::vector<std::string>& argv, const std::string& user = {});
  // TERM, then KILL, to the process and those who still live in its session.
  void Stop(pid_t pid);
  // A process that somebody else started here: killed at the end.
  void Adopt(pid_t pid) { started_.push_back(pid); }
  std::string Log(const std::string& name) const;

 private:
  std::string directory_;
  std::vector<pid_t> started_;
};

bool HasProgram(const std::string& program);
uint16_t FreePort();
bool WaitUntil(const std::function<bool()>& is_so, absl::Duration longest = absl::Seconds(20));
std::string ReadWhole(const std::string& path);
// The process and everything that descends from it, now.
std::vector<pid_t> Family(pid_t pid);
bool IsAlive(pid_t pid);

// The clients on the real machine.
struct RealRig {
  explicit RealRig(const std::string& home);

  template <class T>
  std::shared_ptr<std::optional<T>> Spawn(Task<T> task) {
    auto out = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(loop, std::move(task), [out](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      *out = std::move(value);
    });
    return out;
  }
  void Run() {
    loop.restart();
    loop.run();
  }
  template <class T>
  T Wait(Task<T> task) {
    auto out = Spawn(std::move(task));
    loop.restart();
    while (!*out && loop.run_one() > 0) {
    }
    return *std::move(*out);
  }
  ProbeAnswer Ask(Probe probe, ProbePlace place = {}, absl::Duration deadline = absl::Seconds(2)) {
    return Wait(clients.probes.Ask(std::move(probe), std::move(place), deadline));
  }
  // Asks again until the level comes; the last answer.
  ProbeAnswer AskUntil(const Probe& probe, ProbeAnswer::Level level,
                       absl::Duration longest = absl::Seconds(30));

  boost::asio::io_context loop;
  RealWorld real;
  Vitals vitals;
  World world;
  Clients clients;
  ControlDoors doors;
};

template <class T>
std::string Says(const Observed<T>& observed) {
  return observed.Match([](const Known<T>&) { return std::string("known"); },
                        [](const Absent& absent) { return "absent: " + absent.proof; },
                        [](const Unknown& unknown) { return "unknown: " + unknown.reason; });
}
template <class T>
T ValueOf(const Observed<T>& observed) {
  return observed.Match([](const Known<T>& known) { return known.value; }, [](const Absent&) { return T(); },
                        [](const Unknown&) { return T(); });
}

}  // namespace holdfast::clients
