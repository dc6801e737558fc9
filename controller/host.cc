#include "controller/host.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#include "controller/api/api.h"
#include "controller/api/server.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/together.h"
#include "controller/journal/journal_reader.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/world/real/file_lock.h"
#include "controller/world/real/notify.h"
#include "controller/world/real/private_directory.h"
#include "controller/world/real/real_world.h"
#include "controller/world/real/run_on.h"
#include "controller/world/real/signal_process.h"
#include "controller/world/real/signals.h"
#include "controller/world/real/stall_watch.h"
#include "reconcilers/clients/aws/doors.h"
#include "reconcilers/clients/clients.h"
#include "reconcilers/clients/control/doors.h"

namespace holdfast {
namespace {

using namespace boost::asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace): `||`

std::string Find(const std::map<std::string, std::string>& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

// The engine is made after the clients that wake it.
struct WakerRelay final : Waker {
  void LookNow(const ResourceKey& key, std::string why) override {
    if (engine != nullptr) engine->LookNow(key, std::move(why));
  }
  Engine* engine = nullptr;
};

// A journal for looking only: remembers nothing, takes nothing.
struct NoJournal final : Journal {
  Task<Result<std::vector<int64_t>>> Commit(std::vector<Record>) override {
    co_return FailedPrecondition("this process only looks");
  }
  Result<Memory> Load() override { return Memory{}; }
  Result<std::vector<HistoryEntry>> History(const HistoryQuery&) override {
    return std::vector<HistoryEntry>{};
  }
};

// Everything between the world and the commands.
struct Bound {
  Bound(const boost::asio::any_io_executor& executor, RealWorld& real, Journal& journal,
        const HostOptions& options, const std::vector<AnyKind>& kinds, Engine::Hands hands)
      : systems(real.world(), relay),
        clients(systems.Use<clients::Clients>()),
        aws(systems.Use<aws::System>()),
        control(real.world(), clients),
        doors(aws, control),
        engine(executor, real.world(), doors, journal, metrics, Settings{}, hands),
        site(real.world(), systems, engine, metrics, kinds, options.specs) {
    relay.engine = &engine;
    clients.settings.environment = options.environment;
    clients.settings.credentials_directory = Find(options.environment, "CREDENTIALS_DIRECTORY");
    clients.settings.signal_process = [](int64_t pid, const std::string& incarnation, int number) {
      return SignalProcess(static_cast<pid_t>(pid), incarnation, number);
    };
    clients.settings.file_mode = FileMode;
    aws.settings = clients.settings;
  }

  WakerRelay relay;
  Systems systems;
  clients::Clients& clients;
  aws::System& aws;
  clients::ControlDoors control;
  aws::AwsDoors doors;  // calls to AWS; everything else goes on to `control`
  Metrics metrics;
  Engine engine;
  Site site;
};

constexpr int kDone = 0, kFailed = 1, kNotReady = 3, kTimedOut = 7;

int ReadyCode(const Board& board) {
  for (const Row* row : board.Rows())
    if ((*row)[ConditionType::kReady].status != Truth::kTrue) return kNotReady;
  return kDone;
}

bool IsAnythingLeft(const Board& board) {
  const std::vector<const Row*> rows = board.Rows();
  return std::any_of(rows.begin(), rows.end(),
                     [](const Row* row) { return row->plan != nullptr && !row->plan->plan.stages.empty(); });
}

Task<void> WatchForStalls(Clock* clock, Engine* engine, Notify* notify) {
  constexpr absl::Duration kEvery = absl::Seconds(1);
  StallWatch watch(kEvery);
  for (;;) {
    co_await clock->Sleep(kEvery);
    if (const auto stall = watch.Tick(); stall && stall->any()) engine->Disturbed(stall->Text());
    (void)notify->Watchdog();
  }
}

Task<void> HearSignals(Signals* signals, Site* site, Engine* engine, Clock* clock) {
  for (;;) {
    const HostSignal signal = co_await signals->Next();
    Log(Severity::kInfo, "signal", {{"signal", std::string(SignalName(signal))}});
    if (signal != HostSignal::kHangUp) co_return;
    (void)co_await site->LookNow();
    engine->LookAtAll(clock->Now());
  }
}

Task<void> TellSystemd(Clock* clock, const Engine* engine, Notify* notify) {
  constexpr absl::Duration kEvery = absl::Seconds(10);
  for (;;) {
    size_t ready = 0;
    for (const Row* row : engine->board().Rows())
      ready += (*row)[ConditionType::kReady].status == Truth::kTrue;
    (void)notify->Text(Cat(ready, " of ", Count(engine->board().size(), "resource"), " ready"));
    co_await clock->Sleep(kEvery);
  }
}

struct Daemon {
  boost::asio::any_io_executor executor;
  RealWorld& real;
  Bound& bound;
  Notify notify;
  const HostOptions& options;
};

// Everything beside the rounds; ends when a signal says so, and lets the engine finish what is under way.
Task<void> ServeUntilTold(Daemon* daemon, ApiServer* server, Signals* signals) {
  Engine& engine = daemon->bound.engine;
  Site& site = daemon->bound.site;
  Clock& clock = daemon->real.clock;
  co_await (server->Run() || site.Follow() || site.FollowTexts() ||
            WatchForStalls(&clock, &engine, &daemon->notify) ||
            TellSystemd(&clock, &engine, &daemon->notify) || HearSignals(signals, &site, &engine, &clock));
  (void)daemon->notify.Stopping("finishing what is under way");
  engine.Stop();
}

Task<int> Serve(Daemon* daemon) {
  Engine& engine = daemon->bound.engine;
  Site& site = daemon->bound.site;
  Signals signals(daemon->executor);
  const Status loaded = co_await site.Load();
  if (!loaded.ok()) Log(Severity::kError, "the specs cannot be read yet", {{"error", loaded.message()}});

  Api api(
      {engine, site, daemon->bound.metrics, daemon->real.clock, daemon->real.files, daemon->options.version});
  ApiServer server(daemon->executor, daemon->real.clock, api);
  const Status listening =
      server.Listen({.socket = daemon->options.socket, .listen = daemon->options.listen});
  if (!listening.ok()) {
    Log(Severity::kError, "cannot listen", {{"error", listening.message()}});
    co_return kFailed;
  }
  (void)daemon->notify.Ready(Cat("holding ", Count(engine.Keys().size(), "resource")));
  Log(Severity::kInfo, "holding",
      {{"resources", Cat(engine.Keys().size())},
       {"specs", daemon->options.specs},
       {"revision", site.revision()}});
  std::vector<Task<void>> both;
  both.push_back(engine.Run());
  both.push_back(ServeUntilTold(daemon, &server, &signals));
  co_await Together(std::move(both));
  co_return kDone;
}

Task<void> StopWhenQuiet(Engine* engine, absl::Duration deadline) {
  co_await engine->UntilQuiet(deadline);
  engine->Stop();
}

// Loads, and runs rounds until nothing moves any more.
Task<int> LoadAndSettle(RealWorld* real, Bound* bound, absl::Duration deadline) {
  const Status loaded = co_await bound->site.Load();
  if (!loaded.ok()) {
    Log(Severity::kError, "the specs cannot be read", {{"error", loaded.message()}});
    co_return kFailed;
  }
  const absl::Duration began = real->clock.Steady();
  std::vector<Task<void>> both;
  both.push_back(bound->engine.Run());
  both.push_back(StopWhenQuiet(&bound->engine, deadline));
  co_await Together(std::move(both));
  co_return real->clock.Steady() - began >= deadline ? kTimedOut : kDone;
}

// A step that outlived the grace still refers to what is about to be destroyed: the process ends here, and
// what became of the step is found out by looking after the next start. Everything that was acknowledged is
// on disk.
void EndHereIfStillActing(const Engine& engine, int code) {
  if (engine.under_way() > 0) std::_Exit(code);
}

}  // namespace

int RunDaemon(const HostOptions& options, const std::vector<AnyKind>& kinds, RunUntil until,
              absl::Duration deadline) {
  boost::asio::io_context loop{1};
  RealWorld real(loop.get_executor(), options.state);
  if (Status made = MakePrivateDirectory(options.state); !made.ok()) {
    Log(Severity::kError, "the state directory cannot be used",
        {{"directory", options.state}, {"error", made.message()}});
    return kFailed;
  }
  Result<FileLock> lock = FileLock::Take(options.state);
  if (!lock.ok()) {
    Log(Severity::kError, "the state directory is taken",
        {{"directory", options.state}, {"error", lock.status().message()}});
    return kFailed;
  }
  auto journal =
      SqliteJournal::Open({.store = {.directory = options.state, .writer = Cat("holdfast ", options.version)},
                           .clock = &real.clock,
                           .files = &real.files});
  Result<Memory> memory = journal.ok() ? (*journal)->Load() : Result<Memory>(journal.status());
  if (!memory.ok()) {
    Log(Severity::kError, "the journal cannot be opened",
        {{"directory", options.state}, {"error", memory.status().message()}});
    return kFailed;
  }
  Bound bound(loop.get_executor(), real, **journal, options, kinds, Engine::Hands::kAct);
  const std::string ssh_directory = Cat(options.state, "/ssh");
  if (MakePrivateDirectory(ssh_directory).ok()) bound.clients.settings.ssh_directory = ssh_directory;
  bound.engine.Restore(*std::move(memory));
  Daemon daemon{
      loop.get_executor(), real, bound,
      Notify({Find(options.environment, "NOTIFY_SOCKET"), Find(options.environment, "WATCHDOG_USEC"),
              Find(options.environment, "WATCHDOG_PID")}),
      options};
  int code = kDone;
  if (until == RunUntil::kStopped) {
    code = RunOn(loop, Serve(&daemon));
  } else {
    code = RunOn(loop, LoadAndSettle(&real, &bound, deadline));
    const int ready = ReadyCode(bound.engine.board());
    if (code == kDone || ready == kDone) code = ready;
    if (until == RunUntil::kNothingLeft && IsAnythingLeft(bound.engine.board())) code = kNotReady;
  }
  EndHereIfStillActing(bound.engine, code);
  return code;
}

int PlanOnce(const HostOptions& options, const std::vector<AnyKind>& kinds, absl::Duration deadline,
             const std::function<int(const Engine&, const Site&, const SpecsBefore&)>& tell) {
  boost::asio::io_context loop{1};
  RealWorld real(loop.get_executor(), "/");
  // What a running or a dead daemon remembers (leases, suspensions, attempts) belongs to a true plan, when it
  // can be read.
  std::unique_ptr<Journal> journal = std::make_unique<NoJournal>();
  Memory memory;
  if (!options.state.empty())
    if (auto opened = OpenForReading(options.state, real.clock); opened.ok()) {
      if (auto loaded = (*opened)->Load(); loaded.ok())
        memory = *std::move(loaded), journal = *std::move(opened);
    }
  Bound bound(loop.get_executor(), real, *journal, options, kinds, Engine::Hands::kNone);
  SpecsBefore specs;
  for (const auto& [key, remembered] : memory.resources)
    if (remembered.spec) specs.emplace(key, *remembered.spec);
  bound.engine.Restore(std::move(memory));
  const int code = RunOn(loop, LoadAndSettle(&real, &bound, deadline));
  const int told = code == kFailed ? code : tell(bound.engine, bound.site, specs);
  EndHereIfStillActing(bound.engine, told);
  return told;
}

}  // namespace holdfast
