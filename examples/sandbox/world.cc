#include "examples/sandbox/world.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/shell.h"
#include "examples/sandbox/supervisord.h"
#include "examples/sandbox/talk.h"

namespace holdfast::sandbox {
namespace {

constexpr uint16_t kHttpPort = 80;

// The model's name of the machine that an address means.
std::string HostOf(const std::string& address) {
  return address.empty() || address == "127.0.0.1" || address == "localhost" ? std::string() : address;
}

struct Place {
  std::string host;
  uint16_t port = kHttpPort;
  std::string path;
};
Place PlaceOf(std::string_view url) {
  Place place;
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  const size_t slash = std::min(url.find('/'), url.size());
  place.path = std::string(url.substr(slash));
  std::string authority(url.substr(0, slash));
  int port = kHttpPort;
  if (const size_t colon = authority.rfind(':'); colon != std::string::npos) {
    (void)absl::SimpleAtoi(authority.substr(colon + 1), &port);
    authority.resize(colon);
  }
  place.host = HostOf(authority);
  place.port = static_cast<uint16_t>(port);
  return place;
}

Status NoRoute(const std::string& host, uint16_t port) {
  return DeadlineExceeded(Cat("connect to ", host, ":", port, ": timed out"));
}

// One connection to a process of the model.
class SandboxStream : public Stream {
 public:
  SandboxStream(Hosts& hosts, Clock& clock, const Process& process)
      : hosts_(hosts),
        clock_(clock),
        talk_(hosts, process.pid),
        pid_(process.pid),
        host_(hosts.Find(process.unit)->program.host) {}

  Task<Status> Write(std::string bytes, absl::Duration) override {
    unheard_ += bytes;
    co_return Status();
  }
  Task<Result<std::string>> Read(size_t most, absl::Duration deadline) override {
    co_await clock_.Sleep(std::min(kTakes, deadline));
    hosts_.Advance(clock_.Now());
    const auto process = hosts_.processes().find(pid_);
    if (process == hosts_.processes().end()) co_return Unavailable("Connection reset by peer");
    const bool hangs = process->second.is == Process::Is::kHangs || !hosts_.IsHostUp(host_);
    if (!hangs && !unheard_.empty()) {
      const Said said = talk_.Hear(std::exchange(unheard_, {}));
      said_ += said.bytes;
      closed_ |= said.then == Said::Then::kCloses;
    }
    if (said_.empty() && closed_) co_return std::string();
    if (said_.empty()) {
      co_await clock_.Sleep(deadline);
      co_return DeadlineExceeded("no answer in time");
    }
    std::string piece = said_.substr(0, most);
    said_.erase(0, piece.size());
    co_return piece;
  }

 private:
  Hosts& hosts_;
  Clock& clock_;
  Talk talk_;
  const int64_t pid_;
  const std::string host_;
  std::string unheard_, said_;
  bool closed_ = false;
};

}  // namespace

Task<Result<HttpResponse>> SandboxHttp::Send(HttpRequest request, Limits limits, HttpSink*) {
  const Place place = PlaceOf(request.url);
  co_await clock_.Sleep(std::min(kTakes, limits.deadline));
  hosts_.Advance(clock_.Now());
  const std::string whom = request.unix_socket.empty() ? request.url : request.unix_socket;
  if (!hosts_.IsHostUp(place.host)) {
    co_await clock_.Sleep(limits.deadline);
    co_return NoRoute(place.host, place.port);
  }
  if (place.path == "/RPC2") {
    std::string endpoint = request.unix_socket.empty()
                               ? request.url.substr(0, request.url.size() - place.path.size())
                               : request.unix_socket;
    if (hosts_.DaemonPid(endpoint) == 0 || !hosts_.IsDaemonUp(endpoint))
      co_return Unavailable(Cat(whom, ": Connection refused"));
    co_return HttpResponse{200, {{"content-type", "text/xml"}}, AnswerRpc(hosts_, endpoint, request.body)};
  }
  const Process* process = hosts_.Listening(place.host, place.port);
  if (process == nullptr) co_return Unavailable(Cat(whom, ": Connection refused"));
  if (process->is == Process::Is::kHangs) {
    co_await clock_.Sleep(limits.deadline);
    co_return DeadlineExceeded(Cat(whom, ": connected, but no answer in time"));
  }
  const HttpSaid said = SayHttp(hosts_, *process);
  co_return HttpResponse{said.status, {{"content-type", "text/plain"}}, said.body};
}

Task<Result<std::unique_ptr<Stream>>> SandboxNet::Connect(std::string host, uint16_t port,
                                                          absl::Duration deadline) {
  co_await clock_.Sleep(std::min(kTakes, deadline));
  hosts_.Advance(clock_.Now());
  const std::string name = HostOf(host);
  if (!hosts_.IsHostUp(name)) {
    co_await clock_.Sleep(deadline);
    co_return NoRoute(name, port);
  }
  const Process* process = hosts_.Listening(name, port);
  if (process == nullptr) co_return Unavailable(Cat("connect to ", host, ":", port, ": Connection refused"));
  co_return std::make_unique<SandboxStream>(hosts_, clock_, *process);
}

Task<Result<Exit>> SandboxCommands::Run(CommandLine command, Limits limits) {
  hosts_.Advance(clock_.Now());
  const Ran ran = RunHere(hosts_, command.argv, command.input);
  co_await clock_.Sleep(std::min(ran.took, limits.deadline));
  hosts_.Advance(clock_.Now());
  if (ran.took > limits.deadline) co_return DeadlineExceeded(Cat(command.argv[0], ": did not end in time"));
  co_return ran.exit;
}

const Process* SandboxFiles::ProcessAt(const std::string& path, std::string_view leaf) {
  hosts_.Advance(clock_.Now());
  if (!path.starts_with("/proc/") || !path.ends_with(leaf)) return nullptr;
  int64_t pid = 0;
  if (!absl::SimpleAtoi(path.substr(6, path.size() - 6 - leaf.size()), &pid)) return nullptr;
  const auto found = hosts_.processes().find(pid);
  return found == hosts_.processes().end() || !hosts_.Find(found->second.unit)->program.host.empty()
             ? nullptr
             : &found->second;
}

Result<std::string> SandboxFiles::Read(const std::string& path, size_t) {
  if (path == "/proc/stat") return Cat("cpu 1 2 3\nbtime ", absl::ToUnixSeconds(BootTime()), "\n");
  if (path == "/proc/sys/kernel/random/boot_id") return std::string(BootIdText()) + "\n";
  if (const Process* process = ProcessAt(path, "/stat")) return ProcStatText(hosts_, *process);
  if (const Process* process = ProcessAt(path, "/cmdline"))
    return Cat("/srv/", hosts_.Find(process->unit)->program.name, '\0');
  return NotFound(Cat(path, ": No such file or directory"));
}

Result<std::vector<FileInfo>> SandboxFiles::List(const std::string& directory) {
  if (directory != "/proc") return NotFound(Cat(directory, ": No such file or directory"));
  hosts_.Advance(clock_.Now());
  std::vector<FileInfo> out = {{.path = "/proc/1", .kind = FileInfo::Kind::kDirectory}};
  for (const auto& [pid, process] : hosts_.processes())
    if (hosts_.Find(process.unit)->program.host.empty())
      out.push_back({.path = Cat("/proc/", pid), .kind = FileInfo::Kind::kDirectory});
  return out;
}

Result<FileInfo> SandboxFiles::Stat(const std::string& path) {
  if (hosts_.DaemonPid(path) != 0) return FileInfo{.path = path, .kind = FileInfo::Kind::kOther};
  return NotFound(Cat(path, ": No such file or directory"));
}
Status SandboxFiles::Replace(const std::string& path, const std::string&, int) {
  return PermissionDenied(Cat(path, ": read-only"));
}
Status SandboxFiles::Remove(const std::string& path) { return PermissionDenied(Cat(path, ": read-only")); }
Result<std::unique_ptr<Watch>> SandboxFiles::WatchTree(const std::string& directory) {
  return FailedPrecondition(Cat(directory, ": not watched"));
}

}  // namespace holdfast::sandbox
