#include "tests/sim/harness.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/kinds.h"

namespace holdfast::sim {
namespace {

std::unique_ptr<SqliteJournal> OpenJournal(LossyDisk& disk, Clock& clock) {
  SqliteJournal::Options options{
      .store = {.directory = "/state", .writer = "a simulated process", .vfs = disk.vfs()},
      .clock = &clock,
      .threads = SqliteJournal::Threads::kInline};
  auto journal = SqliteJournal::Open(std::move(options));
  if (!journal.ok()) throw std::runtime_error(journal.status().message());
  return *std::move(journal);
}

void Ignore(const std::exception_ptr&) {}

}  // namespace

Harness::Machine::Machine(Harness& h)
    : sandbox_http(h.hosts, h.clock),
      sandbox_net(h.hosts, h.clock),
      sandbox_commands(h.hosts, h.clock),
      routed_http(sandbox_http, h.http_models_),
      routed_commands(sandbox_commands, h.programs_),
      sandbox_files(h.hosts, h.clock),
      files(h.texts, sandbox_files),
      http(routed_http, h.faults, h.clock),
      net(sandbox_net, h.faults, h.clock),
      commands(routed_commands, h.faults, h.clock),
      world{h.clock, h.random_, http, net, commands, files, h.pool_, vitals} {}

Harness::Process::Process(Harness& h)
    : machine(h),
      systems(machine.world, relay),
      clients(systems.Use<clients::Clients>()),
      aws(systems.Use<aws::System>()),
      control_doors(machine.world, clients),
      aws_doors(aws, control_doors),
      doors(aws_doors, h.faults),
      sqlite(OpenJournal(h.disk, h.clock)),
      journal(std::make_unique<WatchedJournal>(*sqlite, h.faults)) {
  clients.settings.environment = aws.settings.environment = h.environment;
  engine = std::make_unique<Engine>(h.loop.executor(), machine.world, doors, *journal, metrics, Settings{},
                                    Engine::Hands::kAct);
  relay.engine = engine.get();
  Result<Memory> memory = journal->Load();
  if (!memory.ok()) throw std::runtime_error(memory.status().message());
  engine->Restore(*std::move(memory));
  World source{machine.world.clock, machine.world.random,   machine.world.http,
               machine.world.net,   machine.world.commands, h.specs,
               machine.world.pool,  machine.world.vitals};
  site = std::make_unique<Site>(source, systems, *engine, metrics, Kinds(), "/specs");
}

Harness::Harness() = default;

Harness::~Harness() {
  loop.Drop();
  process_.reset();
}

void Harness::Start() {
  process_ = std::make_unique<Process>(*this);
  if (const Status loaded = loop.Await(process_->site->Load()); !loaded.ok())
    throw std::runtime_error(loaded.message());
  boost::asio::co_spawn(loop.executor(), process_->engine->Run(), Ignore);
}

void Harness::Kill(uint32_t seed) {
  loop.Drop();
  disk.Crash(seed);
  process_.reset();
  loop.Renew();
}

void Harness::SetSpec(const std::string& name, const std::string& text) {
  constexpr std::string_view kActs = "mode: act";
  const std::string path = Cat("/specs/", name, ".yaml");
  std::string shown = text;
  if (const size_t at = shown.find(kActs); at != std::string::npos)
    shown.replace(at, kActs.size(), Cat("mode: ", mode));
  if (text.empty())
    specs.contents.erase(path);
  else
    specs.contents[path] = shown;
  if (process_) (void)loop.Await(process_->site->LookNow());
}

std::unique_ptr<Resource> Harness::MakeAside(const ResourceKey& key) {
  const specs::Entry* entry = process_->site->catalog().Find({key.kind, key.name});
  if (entry == nullptr) throw std::runtime_error(Cat(key.Text(), " is not declared"));
  for (const AnyKind& kind : Kinds())
    if (kind.entry.name == key.kind) return kind.make(entry->document.spec, process_->systems);
  throw std::runtime_error(Cat("no kind ", key.kind));
}

std::vector<ErasedOperation> Harness::OperationsOn(const ResourceKey& key) const {
  std::vector<ErasedOperation> out;
  const specs::Catalog& catalog = process_->site->catalog();
  for (const specs::Ref& ref : catalog.Keys()) {
    const specs::Document& document = catalog.Find(ref)->document;
    if (document.operation && document.operation->target == specs::Ref{key.kind, key.name})
      out.push_back({.name = ref.name, .digest = "aside", .want = document.operation->arguments});
  }
  return out;
}

const Row* Harness::RowOf(const ResourceKey& key) const { return process_->engine->board().Find(key); }

bool Harness::IsSettled(const ResourceKey& key) const {
  const Row* row = RowOf(key);
  if (row == nullptr || (*row)[ConditionType::kReady].status != Truth::kTrue) return false;
  return row->observed_generation == row->generation &&
         (row->plan == nullptr || row->plan->plan.stages.empty()) &&
         (*row)[ConditionType::kReconciling].status == Truth::kFalse;
}

Past Harness::PastOf(const ResourceKey& key) {
  Result<Memory> memory = process_->sqlite->Load();
  return memory.ok() ? memory->resources[key].past : Past();
}

int64_t Harness::commits() const { return process_->sqlite->stats().commits; }

std::string Harness::Tell(const ResourceKey& key) const {
  std::string out = Cat("at ", absl::FormatDuration(clock.Steady()), "\n");
  for (const auto& [id, unit] : hosts.units())
    Append(out, "  ", id, ": ", UnitStateName(unit.state), " pid ", unit.pid,
           hosts.Serves(id) ? " serves" : " does not serve", "\n");
  static constexpr std::string_view kWhat[] = {"start", "stop", "kill", "term", "end", "serves"};
  static constexpr std::string_view kBy[] = {"controller", "person", "supervisor", "nature"};
  for (const sandbox::Effect& effect : hosts.effects())
    Append(out, "  ", absl::FormatTime("%H:%M:%E3S", effect.at, absl::UTCTimeZone()), " ",
           kWhat[static_cast<size_t>(effect.what)], " ", effect.unit, " by ",
           kBy[static_cast<size_t>(effect.by)], " pid ", effect.pid, "\n");
  const Row* row = process_ ? RowOf(key) : nullptr;
  if (row == nullptr) return out + "  not declared\n";
  for (size_t i = 0; i < kConditionTypes; ++i)
    Append(out, "  ", ConditionName(static_cast<ConditionType>(i)), " ", TruthText(row->conditions[i].status),
           " ", row->conditions[i].reason, ": ", row->conditions[i].message, "\n");
  for (const ShownWait& shown : row->waits)
    Append(out, "  waits ", shown.wait.name, ": ", shown.wait.detail, "\n");
  if (row->plan)
    for (const Stage& stage : row->plan->plan.stages)
      for (const Step& step : stage.steps) Append(out, "  ", stage.name, ": ", step.key, "\n");
  return out;
}

}  // namespace holdfast::sim
