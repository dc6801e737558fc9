// A controller with the real kinds, clients and journal in the sandbox's world: it can be killed and started
// again.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/engine/engine.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/source/site.h"
#include "controller/world/inline_pool.h"
#include "examples/sandbox/hosts.h"
#include "examples/sandbox/world.h"
#include "metrics/metrics.h"
#include "reconcilers/clients/aws/doors.h"
#include "reconcilers/clients/clients.h"
#include "reconcilers/clients/control/doors.h"
#include "tests/sim/faults.h"
#include "tests/sim/files_beside.h"
#include "tests/sim/loop.h"
#include "tests/sim/lossy_vfs.h"
#include "tests/sim/memory_files.h"
#include "tests/sim/routed.h"
#include "tests/sim/seeded_random.h"
#include "tests/sim/virtual_clock.h"

namespace holdfast::sim {

class Harness {
 public:
  Harness();
  ~Harness();

  // The file specs/NAME.yaml; a running controller is told to look. "" deletes it.
  void SetSpec(const std::string& name, const std::string& text);
  // A new process on the same disk and in the same world.
  void Start();
  // kill -9: nothing of the process is left but what the disk has synced, and a part of the rest.
  void Kill(uint32_t seed = 0);
  bool running() const { return process_ != nullptr; }

  // A part of the world beside the hosts, which lives as long as this: an Elasticsearch cluster, an account.
  template <class Model, class... Arguments>
  Model& Add(Arguments&&... arguments) {
    auto model = std::make_shared<Model>(std::forward<Arguments>(arguments)...);
    models_.push_back(model);
    return *model;
  }
  // Such a part answers whatever is sent to "HOST:PORT" (of http and https), or is run as `program` on this
  // machine. Before Start.
  void AnswersAt(const std::string& authority, Http& model) { http_models_[authority] = &model; }
  void RunsAs(const std::string& program, Commands& model) { programs_[program] = &model; }

  void RunFor(absl::Duration duration) { loop.RunFor(duration); }
  // True when `done` came true; false when time is over or the process died.
  bool RunUntil(const std::function<bool()>& done, absl::Duration longest = absl::Minutes(30)) {
    return loop.RunUntil(done, longest);
  }

  // The resource as it is declared now, made once more beside the engine: to look and decide without acting.
  std::unique_ptr<Resource> MakeAside(const ResourceKey& key);
  // Operations that are declared on it.
  std::vector<ErasedOperation> OperationsOn(const ResourceKey& key) const;

  // As a new process finds it.
  std::map<std::string, std::string> environment;
  // What stands for "mode: act" in specs from now on.
  std::string mode = "act";

  Engine& engine() { return *process_->engine; }
  const Row* RowOf(const ResourceKey& key) const;
  // Ready, with nothing left to do.
  bool IsSettled(const ResourceKey& key) const;
  Past PastOf(const ResourceKey& key);
  int64_t commits() const;

  // What everybody sees of the resource now, for the message of a failure.
  std::string Tell(const ResourceKey& key) const;

  VirtualClock clock;
  Loop loop{clock};
  sandbox::Hosts hosts{clock.Now()};
  Faults faults{loop, clock};
  MemoryFiles specs;
  MemoryFiles texts;  // other files of this machine, that specs name
  LossyDisk disk;

 private:
  // The engine is the waker, and needs the clients that are made with one.
  struct Relay : Waker {
    Engine* engine = nullptr;
    void LookNow(const ResourceKey& key, std::string why) override {
      if (engine != nullptr) engine->LookNow(key, std::move(why));
    }
  };
  struct Machine {
    explicit Machine(Harness& harness);
    sandbox::SandboxHttp sandbox_http;
    sandbox::SandboxNet sandbox_net;
    sandbox::SandboxCommands sandbox_commands;
    RoutedHttp routed_http;
    RoutedCommands routed_commands;
    sandbox::SandboxFiles sandbox_files;
    FilesBeside files;
    FaultyHttp http;
    FaultyNet net;
    FaultyCommands commands;
    Vitals vitals;
    World world;
  };
  struct Process {
    Machine machine;
    Relay relay;
    Systems systems;
    clients::Clients& clients;
    aws::System& aws;
    clients::ControlDoors control_doors;
    aws::AwsDoors aws_doors;  // calls to AWS; everything else goes on to `control_doors`
    WatchedDoors doors;
    std::unique_ptr<SqliteJournal> sqlite;
    std::unique_ptr<WatchedJournal> journal;
    Metrics metrics;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Site> site;
    explicit Process(Harness& harness);
  };

  SeededRandom random_;
  InlinePool pool_;
  std::vector<std::shared_ptr<void>> models_;
  std::map<std::string, Http*> http_models_;
  std::map<std::string, Commands*> programs_;
  std::unique_ptr<Process> process_;
};

}  // namespace holdfast::sim
