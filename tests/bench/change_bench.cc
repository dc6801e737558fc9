// How long one changed file among many takes to its first action: a real directory under inotify, the real
// source, engine and journal; stacks whose looks cost nothing and whose doors only write down when they were
// asked.
//
//   change_bench [small [large]]      default 100 and 100,000 resources, one a file, 50 files in a directory
#include <absl/time/clock.h>
#include <stdlib.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/source/site.h"
#include "controller/world/real/real_world.h"
#include "tests/bench/still_stack.h"

namespace holdfast {
namespace {

constexpr int kChanges = 21;
constexpr int kFilesPerDirectory = 50;
constexpr absl::Duration kBetween = absl::Milliseconds(200);
constexpr absl::Duration kGivenUp = absl::Seconds(30);
constexpr absl::Duration kReadyWithin = absl::Minutes(10);

std::filesystem::path FileOf(const std::filesystem::path& root, int number) {
  return root / Cat("d", number / kFilesPerDirectory) / Cat("s", number, ".yaml");
}

void Write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Says when it was asked for a program first.
class TellingDoors : public Doors {
 public:
  explicit TellingDoors(Clock& clock) : clock_(clock) {}
  Task<Outcome> Perform(Action action, absl::Duration) override {
    const auto* call = std::get_if<XmlRpcCall>(&action);
    if (call != nullptr && !call->params.empty() && call->params[0] == awaited_) {
      asked_at = clock_.Steady();
      awaited_ = std::string();
    }
    co_return Outcome{.kind = Outcome::Kind::kDone};
  }
  void Await(std::string program) {
    awaited_ = std::move(program);
    asked_at = absl::InfiniteDuration();
  }
  absl::Duration asked_at = absl::InfiniteDuration();

 private:
  Clock& clock_;
  std::variant<std::string, bool, int64_t> awaited_;
};

struct Scene {
  std::filesystem::path root;
  int resources;
  Clock& clock;
  Engine& engine;
  TellingDoors& doors;
  std::vector<double> milliseconds;
};

Task<void> UntilReady(Scene* scene) {
  const absl::Duration begun = scene->clock.Steady();
  for (size_t ready = 0; scene->clock.Steady() - begun < kReadyWithin;) {
    ready = 0;
    for (const Row* row : scene->engine.board().Rows())
      ready += (*row)[ConditionType::kReady].status == Truth::kTrue;
    if (ready == static_cast<size_t>(scene->resources)) co_return;
    co_await scene->clock.Sleep(absl::Seconds(2));
  }
  std::fprintf(stderr, "not all stacks became ready\n");
}

Task<void> ChangeFiles(Scene* scene) {
  co_await UntilReady(scene);
  const int apart = scene->resources / kChanges;
  for (int i = 0; i < kChanges; ++i) {
    const int number = i * apart;
    scene->doors.Await(Cat("web", number));
    const std::string text = StillSpecText(number, "  state: down\n  indefinite: true\n  reason: measured\n");
    const absl::Duration begun = scene->clock.Steady();
    Write(FileOf(scene->root, number), text);
    while (scene->doors.asked_at == absl::InfiniteDuration() && scene->clock.Steady() - begun < kGivenUp)
      co_await scene->clock.Sleep(absl::Milliseconds(5));
    scene->milliseconds.push_back(absl::ToDoubleMilliseconds(scene->doors.asked_at - begun));
    co_await scene->clock.Sleep(kBetween);
  }
  scene->engine.Stop();
}

// The median in milliseconds.
double Measure(int resources) {
  std::string pattern = (std::filesystem::temp_directory_path() / "holdfast_change_bench_XXXXXX").string();
  const std::filesystem::path home = mkdtemp(pattern.data());
  const std::filesystem::path root = home / "specs", state = home / "state";
  std::filesystem::create_directories(state);
  for (int i = 0; i < resources; ++i) {
    if (i % kFilesPerDirectory == 0) std::filesystem::create_directories(FileOf(root, i).parent_path());
    Write(FileOf(root, i), StillSpecText(i, ""));
  }
  boost::asio::io_context loop{1};
  RealWorld real(loop.get_executor(), home.string());
  auto journal = SqliteJournal::Open({.store = {.directory = state.string(), .writer = "change_bench"},
                                      .clock = &real.clock,
                                      .files = &real.files});
  if (!journal.ok()) {
    std::fprintf(stderr, "%s\n", std::string(journal.status().message()).c_str());
    std::exit(EXIT_FAILURE);
  }
  struct NoWaker final : Waker {
    void LookNow(const ResourceKey&, std::string) override {}
  } waker;
  TellingDoors doors(real.clock);
  Metrics metrics;
  Systems systems(real.world(), waker);
  const std::vector<AnyKind> kinds = {Erase<StillStack>("")};
  Engine engine(loop.get_executor(), real.world(), doors, **journal, metrics, Settings{},
                Engine::Hands::kAct);
  Site site(real.world(), systems, engine, metrics, kinds, root.string());
  Scene scene{root, resources, real.clock, engine, doors, {}};
  boost::asio::co_spawn(loop, site.Load(), [&](const std::exception_ptr&, const Status& loaded) {
    if (!loaded.ok()) std::fprintf(stderr, "%s\n", std::string(loaded.message()).c_str());
    boost::asio::co_spawn(loop, engine.Run(), [&](const std::exception_ptr&) { loop.stop(); });
    boost::asio::co_spawn(loop, site.Follow(), boost::asio::detached);
    boost::asio::co_spawn(loop, ChangeFiles(&scene), boost::asio::detached);
  });
  loop.run();
  std::vector<double>& sorted = scene.milliseconds;
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted.empty() ? 0 : sorted[sorted.size() / 2];
  std::printf("%7d resources  %zu changes  p50 %6.1f ms  least %6.1f  most %6.1f\n", resources, sorted.size(),
              median, sorted.empty() ? 0 : sorted.front(), sorted.empty() ? 0 : sorted.back());
  std::fflush(stdout);
  std::filesystem::remove_all(home);
  return median;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  const int small = argc > 1 ? std::max(21, std::atoi(argv[1])) : 100;
  const int large = argc > 2 ? std::max(21, std::atoi(argv[2])) : 100'000;
  const double few = holdfast::Measure(small), many = holdfast::Measure(large);
  std::printf("ratio of the medians: %.2f (reach 1.50, and 100 ms)\n", many / few);
  std::fflush(stdout);
  // What the engine still waits for refers to what is gone.
  std::_Exit(few > 0 && many > 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
