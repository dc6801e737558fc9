// The model's hosts behind the interfaces of controller/world: clients cannot tell them from real ones.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/world/clock.h"
#include "controller/world/commands.h"
#include "controller/world/files.h"
#include "controller/world/http.h"
#include "controller/world/net.h"
#include "examples/sandbox/hosts.h"

namespace holdfast::sandbox {

// What they refer to outlives them. Every exchange takes `kTakes`; what hangs takes until the deadline.
inline constexpr absl::Duration kTakes = absl::Milliseconds(1);

class SandboxHttp : public Http {
 public:
  SandboxHttp(Hosts& hosts, Clock& clock) : hosts_(hosts), clock_(clock) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override;

 private:
  Hosts& hosts_;
  Clock& clock_;
};

class SandboxNet : public Net {
 public:
  SandboxNet(Hosts& hosts, Clock& clock) : hosts_(hosts), clock_(clock) {}
  Task<Result<std::unique_ptr<Stream>>> Connect(std::string host, uint16_t port,
                                                absl::Duration deadline) override;

 private:
  Hosts& hosts_;
  Clock& clock_;
};

class SandboxCommands : public Commands {
 public:
  SandboxCommands(Hosts& hosts, Clock& clock) : hosts_(hosts), clock_(clock) {}
  Task<Result<Exit>> Run(CommandLine command, Limits limits) override;

 private:
  Hosts& hosts_;
  Clock& clock_;
};

// /proc of the controller's own machine, and the sockets of its supervisords.
class SandboxFiles : public Files {
 public:
  SandboxFiles(Hosts& hosts, Clock& clock) : hosts_(hosts), clock_(clock) {}
  Result<std::string> Read(const std::string& path, size_t max_bytes) override;
  Result<std::vector<FileInfo>> List(const std::string& directory) override;
  Result<FileInfo> Stat(const std::string& path) override;
  Status Replace(const std::string& path, const std::string&, int) override;
  Status Remove(const std::string& path) override;
  Result<std::unique_ptr<Watch>> WatchTree(const std::string& directory) override;

 private:
  const Process* ProcessAt(const std::string& path, std::string_view leaf);

  Hosts& hosts_;
  Clock& clock_;
};

}  // namespace holdfast::sandbox
