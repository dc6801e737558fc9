// What a round costs that finds nothing to do: engine, Fold, Decide and board; and what a resource costs in
// memory.
//
//   round_bench          1,000, 10,000 and 100,000 stacks of two services: CPU per round, bytes per resource
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/source/site.h"
#include "reconcilers/service_stack/kind.h"
#include "reconcilers/service_stack/layers.h"
#include "tests/sim/memory_journal.h"
#include "tests/unit/kind/toy_rig.h"

namespace holdfast {
namespace {

// A ServiceStack whose look costs nothing and finds everything up.
struct StillStack {
  using Spec = ServiceStack::Spec;
  using State = ServiceStack::State;
  using Trail = ServiceStack::Trail;
  using Operation = ServiceStack::Operation;
  static inline int64_t looks = 0;
  static constexpr std::string_view kName = ServiceStack::kName;
  static constexpr std::string_view kSummary = ServiceStack::kSummary;
  static const specs::FieldTable<Spec>& Fields() { return ServiceStack::Fields(); }
  static std::vector<specs::OperationVerb> OperationFields() { return ServiceStack::OperationFields(); }
  static std::vector<std::string> Claims(const Spec& spec) { return ServiceStack::Claims(spec); }
  static Trail Fold(Trail trail, const Fact<State>& seen) {
    return ServiceStack::Fold(std::move(trail), seen);
  }
  static Plan Decide(const View<StillStack>& view) {
    return ServiceStack::Decide({view.want, view.operations, view.seen, view.trail, view.frame});
  }
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look) {
    ++looks;
    const stack::Layout& layout = stack::LayoutOf(*want);
    const absl::Time now = systems.world().clock.Now();
    State state{.shape = layout.shape};
    state.targets.resize(layout.targets.size());
    for (stack::Seen& seen : state.targets) {
      seen.process = Known<stack::Process>{{.life = stack::Life::kRunning, .incarnation = "47@11"}, now};
      seen.answer = Known<stack::Answer>{{.level = stack::Answer::Level::kServing}, now};
      seen.probing = stack::Seen::Probing::kProbed;
    }
    co_return Known<State>{std::move(state), now};
  }
};

std::string SpecText(int number) {
  return Cat(
      "apiVersion: holdfast/v1\nkind: ServiceStack\nmetadata: {name: s", number,
      "}\npolicy: {mode: act}\nspec:\n  layers:\n    - name: data\n      services:\n        - name: db\n"
      "          control: {supervisord: {socket: /run/s.sock, program: db",
      number,
      "}}\n          probe: {redis: {port: 6379}}\n    - name: front\n      services:\n        - name: web\n"
      "          control: {supervisord: {socket: /run/s.sock, program: web",
      number, "}}\n          probe: {http: {port: 80}}\n");
}

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double whole = 0, resident = 0;
  file >> whole >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

class NoDoors : public Doors {
  Task<Outcome> Perform(Action, absl::Duration) override { co_return Outcome{}; }
};

void Measure(int resources) {
  ToyRig rig;
  sim::MemoryDisk disk;
  sim::MemoryJournal journal(disk, rig.clock);
  NoDoors doors;
  Metrics metrics;
  const std::vector<AnyKind> kinds = {Erase<StillStack>("")};
  const auto table = TableOf(kinds);
  auto engine = std::make_unique<Engine>(rig.loop.executor(), rig.WorldWith(rig.memory_files), doors, journal,
                                         metrics, Settings{}, Engine::Hands::kNone);
  const double before = ResidentBytes();
  double text_bytes = 0;
  for (int i = 0; i < resources; ++i) {
    const std::string text = SpecText(i);
    text_bytes += static_cast<double>(text.size());
    specs::Parsed parsed = specs::ParseFile("bench.yaml", text, *table, rig.clock.Now());
    if (parsed.broken) {
      std::fprintf(stderr, "%s\n", specs::ProblemsText(parsed.problems).c_str());
      std::exit(1);
    }
    Declared declared;
    declared.key = {"ServiceStack", Cat("s", i)};
    declared.digest = Cat(i);
    declared.resource = kinds[0].make(parsed.documents[0].spec, rig.systems);
    engine->Declare(std::move(declared));
  }
  boost::asio::co_spawn(rig.loop.executor(), engine->Run(), boost::asio::detached);
  rig.loop.RunFor(absl::Seconds(70));  // everything has settled and is counted as up
  const double per_resource = (ResidentBytes() - before) / resources;
  constexpr int kIntervals = 4;
  const double cpu = CpuSeconds();
  const int64_t looks = StillStack::looks;
  rig.loop.RunFor(kIntervals * absl::Seconds(30));
  const double spent = CpuSeconds() - cpu;
  const Row* row = engine->board().Find(ResourceKey{"ServiceStack", "s0"});
  std::printf(
      "%7d resources  %6.2f us CPU per no-op round  %7.0f bytes per resource (its spec's text: %.0f)  %s\n",
      resources, spent / static_cast<double>(StillStack::looks - looks) * 1e6, per_resource,
      text_bytes / resources, std::string((*row)[ConditionType::kReady].reason).c_str());
  rig.loop.Drop();
  engine.reset();
  rig.loop.Renew();
}

}  // namespace
}  // namespace holdfast

int main() {
  for (int resources : {1'000, 10'000, 100'000}) holdfast::Measure(resources);
}
