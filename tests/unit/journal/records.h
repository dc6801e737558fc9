// Records and clocks for the tests of the journal.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/journal/sqlite_journal.h"

namespace holdfast {

class FixedClock : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration Steady() const override { return now - absl::UnixEpoch(); }
  Task<void> Sleep(absl::Duration) override { co_return; }

  absl::Time now = absl::FromUnixSeconds(1'795'000'000);
};

template <class T>
T RunHere(Task<T> task) {
  boost::asio::io_context context;
  std::optional<T> out;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr failed, T value) {
    if (failed) std::rethrow_exception(failed);
    out = std::move(value);
  });
  context.run();
  return *std::move(out);
}

inline Result<std::vector<int64_t>> CommitNow(Journal& journal, std::vector<Record> records) {
  return RunHere(journal.Commit(std::move(records)));
}

inline const ResourceKey kSite{"ServiceStack", "site"};

inline Action StopRedis() {
  return Command{.where = {.host = "10.0.0.3", .user = "ops", .port = 2222},
                 .argv = {"systemctl", "stop", "redis"},
                 .only_if = OnlyIf{{"systemctl", "show", "redis"}, "MainPID=4711"}};
}
inline Action StartRedis() {
  return XmlRpcCall{.unix_socket = "/run/supervisor.sock",
                    .auth = BasicAuth{"admin", {"file:/etc/holdfast/password"}},
                    .method = "supervisor.startProcess",
                    .params = {"redis", true, int64_t{7}}};
}

inline Lease RedisLease() {
  return {.object = "redis@10.0.0.3",
          .before = "running",
          .wrote = "stopped",
          .restore = StartRedis(),
          .why = "restart"};
}

// An intent that uses every field.
inline Intent FullIntent(absl::Time at, std::string key = "stop redis@10.0.0.3#4711") {
  return {.resource = kSite,
          .step_key = std::move(key),
          .verb = "stop",
          .target = "redis@10.0.0.3",
          .action = StopRedis(),
          .danger = Danger::kDisruptive,
          .why = "it answers nobody: \"PING\" timed out",
          .revision = "abc123",
          .by = "holdfast",
          .plan_digest = "d1",
          .meter = "restart redis@10.0.0.3",
          .puts_back = "redis@10.0.0.3",
          .at = at};
}

inline Noted ANote(absl::Time at, std::string line) {
  return {.resource = kSite,
          .verb = "suspend",
          .line = std::move(line),
          .why = "CHG-1",
          .revision = "r",
          .by = "anna",
          .at = at};
}

// A directory of the real file system that goes away with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() / Cat("holdfast-journal-", random(), "-", random());
    std::filesystem::create_directory(path_);
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace holdfast
