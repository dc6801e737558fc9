// What a round costs that finds nothing to do: engine, Fold, Decide and board; and what a resource costs in
// memory, from its file to its row: the source, the catalog, the engine and the board hold it as in the
// daemon.
//
//   round_bench [N …]    stacks of two services, each N in a process of its own (1,000, 10,000 and 100,000):
//                        CPU per round, bytes per resource, commits while nothing happens
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/source/site.h"
#include "tests/bench/measure.h"
#include "tests/bench/still_stack.h"
#include "tests/unit/kind/toy_rig.h"

namespace holdfast {
namespace {

class NoDoors : public Doors {
  Task<Outcome> Perform(Action, absl::Duration) override { co_return Outcome{}; }
};

// A journal that counts and keeps nothing, so that what it would hold on disk is not taken for memory.
class CountingJournal : public Journal {
 public:
  Task<Result<std::vector<int64_t>>> Commit(std::vector<Record> records) override {
    if (!records.empty()) ++commits;
    co_return std::vector<int64_t>(records.size(), ++last_id_);
  }
  Result<Memory> Load() override { return Memory(); }
  Result<std::vector<HistoryEntry>> History(const HistoryQuery&) override {
    return std::vector<HistoryEntry>();
  }
  int64_t commits = 0;

 private:
  int64_t last_id_ = 0;
};

constexpr int kDocumentsOfFile = 10;

// The specs as files of ten documents; their bytes.
size_t WriteFiles(sim::MemoryFiles& files, int resources) {
  size_t bytes = 0;
  for (int i = 0; i < resources; i += kDocumentsOfFile) {
    std::string text;
    for (int j = i; j < std::min(resources, i + kDocumentsOfFile); ++j)
      text += Cat("---\n", StillSpecText(j));
    bytes += text.size();
    files.contents.emplace(Cat("/specs/", i / kDocumentsOfFile, ".yaml"), std::move(text));
  }
  return bytes;
}

// What one number of resources came to.
struct Figures {
  double load = 0;      // seconds of CPU
  double round = 0;     // seconds of CPU
  double in_use = 0;    // bytes that are allocated, of one resource
  double resident = 0;  // bytes of the process, of one resource
  int64_t commits = 0;  // while nothing happened
};

Figures Measure(int resources) {
  ToyRig rig;
  const auto text = static_cast<double>(WriteFiles(rig.memory_files, resources));
  CountingJournal journal;
  NoDoors doors;
  Metrics metrics;
  const std::vector<AnyKind> kinds = {Erase<StillStack>("")};
  Figures figures;
  malloc_trim(0);
  const double resident = ResidentBytes(), allocated = AllocatedBytes(), began = CpuSeconds();
  const World world = rig.WorldWith(rig.memory_files);
  auto engine = std::make_unique<Engine>(rig.loop.executor(), world, doors, journal, metrics, Settings{},
                                         Engine::Hands::kAct);
  auto site = std::make_unique<Site>(world, rig.systems, *engine, metrics, kinds, "/specs");
  const Status loaded = rig.loop.Await(site->Load());
  if (!loaded.ok() || engine->board().size() != static_cast<size_t>(resources)) {
    std::fprintf(stderr, "not loaded: %s\n%s\n", std::string(loaded.message()).c_str(),
                 specs::ProblemsText(site->problems()).c_str());
    std::exit(1);
  }
  boost::asio::co_spawn(rig.loop.executor(), engine->Run(), boost::asio::detached);
  rig.loop.RunFor(absl::Seconds(70));  // everything has settled and is counted as up
  figures.load = CpuSeconds() - began;
  figures.in_use = (AllocatedBytes() - allocated - text) / resources;
  figures.resident = (ResidentBytes() - resident - text) / resources;
  constexpr int kIntervals = 4;
  const double cpu = CpuSeconds();
  const int64_t looks = StillStack::looks, commits = journal.commits;
  rig.loop.RunFor(kIntervals * absl::Seconds(30));
  figures.round = (CpuSeconds() - cpu) / static_cast<double>(StillStack::looks - looks);
  figures.commits = journal.commits - commits;
  const Row* row = engine->board().Find(ResourceKey{"ServiceStack", "s0"});
  std::printf(
      "%7d resources  %6.2f us CPU per no-op round  %6.0f bytes per resource beyond its spec's text of %.0f "
      "(resident; %.0f allocated)  %ld commits  %s\n",
      resources, figures.round * 1e6, figures.resident, text / resources, figures.in_use,
      static_cast<long>(figures.commits), std::string((*row)[ConditionType::kReady].reason).c_str());
  std::fflush(stdout);
  rig.loop.Drop();
  site.reset();
  engine.reset();
  rig.loop.Renew();
  return figures;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  std::vector<int> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(std::atoi(argv[i]));
  if (sizes.empty()) sizes = {1'000, 10'000, 100'000};
  for (int resources : sizes) {
    const pid_t child = fork();  // what one of them left in the heap would flatter the next
    if (child == 0) {
      (void)holdfast::Measure(resources);
      std::_Exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
  }
}
