// A world in memory under a virtual clock, for the clients' tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/world.h"
#include "reconcilers/clients/clients.h"

namespace holdfast::clients {

class FakeClock : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'800'000'000) + steady_; }
  absl::Duration Steady() const override { return steady_; }
  Task<void> Sleep(absl::Duration duration) override {
    if (duration <= absl::ZeroDuration()) co_return;
    struct Listed {
      std::list<Sleeper*>& list;
      std::list<Sleeper*>::iterator at;
      ~Listed() { list.erase(at); }
    };
    Sleeper sleeper{steady_ + duration, {}};
    const Listed listed{sleepers_, sleepers_.insert(sleepers_.end(), &sleeper)};
    while (steady_ < sleeper.until) co_await sleeper.event.Wait();
  }
  // To the next moment that somebody waits for; false when nobody does.
  bool Advance() {
    if (sleepers_.empty()) return false;
    absl::Duration next = absl::InfiniteDuration();
    for (const Sleeper* sleeper : sleepers_) next = std::min(next, sleeper->until);
    steady_ = next;
    for (Sleeper* sleeper : sleepers_)
      if (sleeper->until <= steady_) sleeper->event.Ring();
    return true;
  }
  void Pass(absl::Duration duration) { steady_ += duration; }

 private:
  struct Sleeper {
    absl::Duration until;
    Event event;
  };
  absl::Duration steady_ = absl::Seconds(1000);
  std::list<Sleeper*> sleepers_;
};

class FakeHttp : public Http {
 public:
  explicit FakeHttp(Clock& clock) : clock_(clock) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink*) override {
    requests.push_back(request);
    if (takes > limits.deadline) {
      co_await clock_.Sleep(limits.deadline);
      co_return DeadlineExceeded(Cat("POST ", request.url, ": no answer in time"));
    }
    co_await clock_.Sleep(takes);
    co_return answer(request);
  }
  std::function<Result<HttpResponse>(const HttpRequest&)> answer = [](const HttpRequest&) {
    return Unavailable("no server");
  };
  std::deque<HttpRequest> requests;
  absl::Duration takes = absl::Milliseconds(1);

 private:
  Clock& clock_;
};

// What one connection does: says pieces, each after a while, and then closes or stays silent for ever.
struct Script {
  struct Piece {
    absl::Duration after;
    std::string bytes;
  };
  std::vector<Piece> pieces;
  enum class End { kCloses, kSilent } end = End::kCloses;
};

class FakeStream : public Stream {
 public:
  FakeStream(Clock& clock, Script script, std::string* written)
      : clock_(clock), script_(std::move(script)), written_(written) {}
  Task<Status> Write(std::string bytes, absl::Duration) override {
    written_->append(bytes);
    co_return Status();
  }
  Task<Result<std::string>> Read(size_t most, absl::Duration deadline) override {
    const bool is_over = next_ >= script_.pieces.size();
    if (is_over && script_.end == Script::End::kCloses) co_return std::string();
    if (is_over || script_.pieces[next_].after > deadline) {
      co_await clock_.Sleep(deadline);
      co_return DeadlineExceeded("read: no byte in time");
    }
    co_await clock_.Sleep(script_.pieces[next_].after);
    co_return script_.pieces[next_++].bytes.substr(0, most);
  }

 private:
  Clock& clock_;
  Script script_;
  size_t next_ = 0;
  std::string* written_;
};

class FakeNet : public Net {
 public:
  explicit FakeNet(Clock& clock) : clock_(clock) {}
  Task<Result<std::unique_ptr<Stream>>> Connect(std::string host, uint16_t port,
                                                absl::Duration deadline) override {
    asked.push_back(Cat(host, ":", port));
    if (!refuses.ok()) {
      if (refuses.code() == Code::kDeadlineExceeded) co_await clock_.Sleep(deadline);
      co_return refuses;
    }
    std::unique_ptr<Stream> stream = std::make_unique<FakeStream>(clock_, script, &written);
    co_return std::move(stream);
  }
  Status refuses;
  Script script;
  std::string written;
  std::vector<std::string> asked;

 private:
  Clock& clock_;
};

class FakeCommands : public Commands {
 public:
  explicit FakeCommands(Clock& clock) : clock_(clock) {}
  Task<Result<Exit>> Run(CommandLine command, Limits limits) override {
    lines.push_back(command);
    ++running;
    most_running = std::max(most_running, running);
    const absl::Duration slept = std::min(takes, limits.deadline);
    co_await clock_.Sleep(slept);
    --running;
    if (takes > limits.deadline) co_return DeadlineExceeded("did not end in time");
    co_return answer(command);
  }
  std::function<Result<Exit>(const CommandLine&)> answer = [](const CommandLine&) { return Exit{0, 0}; };
  std::deque<CommandLine> lines;
  absl::Duration takes = absl::Milliseconds(1);
  int running = 0, most_running = 0;

 private:
  Clock& clock_;
};

class FakeFiles : public Files {
 public:
  Result<std::string> Read(const std::string& path, size_t max_bytes) override {
    const auto found = content.find(path);
    if (found == content.end()) return NotFound(Cat(path, ": no such file"));
    if (found->second.size() > max_bytes) return ResourceExhausted(Cat(path, ": too long"));
    return found->second;
  }
  Result<std::vector<FileInfo>> List(const std::string& directory) override {
    std::map<std::string, FileInfo> out;
    for (const auto& [path, ignored] : content) {
      if (!path.starts_with(directory + "/")) continue;
      const std::string rest = path.substr(directory.size() + 1);
      FileInfo info;
      info.path = Cat(directory, "/", rest.substr(0, rest.find('/')));
      out[info.path] = info;
    }
    std::vector<FileInfo> list;
    for (auto& [ignored, info] : out) list.push_back(std::move(info));
    return list;
  }
  Result<FileInfo> Stat(const std::string& path) override {
    if (!content.contains(path)) return NotFound(Cat(path, ": no such file"));
    FileInfo info;
    info.path = path;
    return info;
  }
  Status Replace(const std::string& path, const std::string& text, int) override {
    content[path] = text;
    return {};
  }
  Status Remove(const std::string& path) override {
    content.erase(path);
    return {};
  }
  Result<std::unique_ptr<Watch>> WatchTree(const std::string&) override {
    return Internal("not watched here");
  }

  std::map<std::string, std::string> content;
};

class FakeRandom : public Random {
 public:
  double Uniform() override { return 0.5; }
};
class FakePool : public Pool {
 public:
  Task<void> Run(std::function<void()> work) override {
    work();
    co_return;
  }
  int threads() const override { return 1; }
};

// The world, the clients on it, and a loop that never waits for real.
struct Rig {
  boost::asio::io_context loop;
  FakeClock clock;
  FakeRandom random;
  FakeHttp http{clock};
  FakeNet net{clock};
  FakeCommands commands{clock};
  FakeFiles files;
  FakePool pool;
  Vitals vitals;
  World world{clock, random, http, net, commands, files, pool, vitals};
  Clients clients{world};

  Rig() {
    clients.settings.file_mode = [](const std::string&) -> Result<int> { return 0600; };
  }

  // Runs until nothing can go on any more.
  void Run() {
    do {
      loop.restart();
      loop.poll();
    } while (clock.Advance());
  }

  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out = Start(std::move(task), [] {});
    return *std::move(out);
  }

  // Spawns without waiting; what comes is put into the returned place.
  template <class T>
  std::shared_ptr<std::optional<T>> Spawn(Task<T> task) {
    auto out = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(loop, std::move(task), [out](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      *out = std::move(value);
    });
    return out;
  }

 private:
  template <class T, class F>
  std::optional<T> Start(Task<T> task, F) {
    auto out = Spawn(std::move(task));
    Run();
    return std::move(*out);
  }
};

// "known", "absent" or "unknown: why".
template <class T>
std::string Says(const Observed<T>& observed) {
  return observed.Match([](const Known<T>&) { return std::string("known"); },
                        [](const Absent& absent) { return Cat("absent: ", absent.proof); },
                        [](const Unknown& unknown) { return Cat("unknown: ", unknown.reason); });
}
// Only when known.
template <class T>
T ValueOf(const Observed<T>& observed) {
  return observed.Match([](const Known<T>& known) { return known.value; }, [](const Absent&) { return T(); },
                        [](const Unknown&) { return T(); });
}

}  // namespace holdfast::clients
