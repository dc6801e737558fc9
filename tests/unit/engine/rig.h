// An engine in a world of keys with values: just enough to see what the loop does.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/engine/engine.h"
#include "controller/world/inline_pool.h"
#include "metrics/metrics.h"
#include "tests/sim/loop.h"
#include "tests/sim/memory_files.h"
#include "tests/sim/memory_journal.h"
#include "tests/sim/seeded_random.h"
#include "tests/sim/virtual_clock.h"

namespace holdfast::sim {

// The world: what an action `set KEY VALUE` changes.
struct Values {
  std::map<std::string, std::string> now;
  std::map<std::string, std::string> before;  // as of the last change: what a stale read shows
  const std::string& operator[](const std::string& key) const {
    static const std::string kNone;
    const auto found = now.find(key);
    return found == now.end() ? kNone : found->second;
  }
  void Set(const std::string& key, const std::string& value) {
    before = now;
    now[key] = value;
  }
};

struct Performed {
  std::string key, value;
  absl::Time at;
};

// How one resource is seen and decided; the test changes it as it goes.
struct Script {
  std::function<Plan(const std::map<std::string, std::string>& seen, const Frame& frame, absl::Time seen_at)>
      decide;
  absl::Duration latency = absl::Milliseconds(1);  // of a look
  enum class Looks { kSeen, kUnknown, kHang, kStaleOnce, kOldFacts } looks = Looks::kSeen;
  int observed = 0, forgotten = 0;
  std::vector<absl::Time> observed_at;
  std::vector<std::vector<std::string>> asked;  // what each look was asked besides
  std::vector<ErasedOperation> operations;
};

// `set key value` unless it is so already, of this danger.
Step SetStep(const std::string& key, const std::string& value, Danger danger = Danger::kReversible);
// A plan that wants `value` under `key`.
Plan Want(const std::map<std::string, std::string>& seen, const std::string& key, const std::string& value,
          Danger danger = Danger::kReversible);

class SetDoors : public Doors {
 public:
  SetDoors(Values& values, Clock& clock) : values_(values), clock_(clock) {}
  Task<Outcome> Perform(Action action, absl::Duration deadline) override;
  absl::Duration RoomIn(const Action&) override {
    return std::max(turn - clock_.Steady(), absl::ZeroDuration());
  }

  absl::Duration turn;  // when there is room
  absl::Duration takes = absl::Milliseconds(10);
  enum class Answers {
    kDone,
    kRefused,
    kLostAfterEffect,
    kLostBeforeEffect,
    kDoneWithoutEffect
  } answers = Answers::kDone;
  std::vector<Performed> performed;
  size_t under_way = 0, most_under_way = 0;

 private:
  Values& values_;
  Clock& clock_;
};

class Rig {
 public:
  explicit Rig(Settings settings = {}, Engine::Hands hands = Engine::Hands::kAct);
  ~Rig();

  // A resource FakeKind/NAME; mode act unless said otherwise.
  Declared Make(const std::string& name, const std::shared_ptr<Script>& script, Mode mode = Mode::kAct,
                const std::string& digest = "1");
  std::shared_ptr<Script> Declare(
      const std::string& name,
      std::function<Plan(const std::map<std::string, std::string>&, const Frame&, absl::Time)> decide);
  // Begins Run; the engine is then driven by RunFor and RunUntil.
  void Start();
  void RunFor(absl::Duration duration) { loop.RunFor(duration); }
  bool RunUntil(const std::function<bool()>& done, absl::Duration longest = absl::Minutes(10)) {
    return loop.RunUntil(done, longest);
  }
  void RunUntilQuiet() {
    struct Quiet {
      static Task<int> Wait(Engine* engine) {
        co_await engine->UntilQuiet(absl::Minutes(5));
        co_return 1;
      }
    };
    loop.Await(Quiet::Wait(engine.get()));
  }
  // kill -9, and a new process on the same disk; nothing is declared in it and it does not run yet.
  void Crash();
  bool stopped() const { return stopped_; }

  const Row& RowOf(const std::string& name) const { return *engine->board().Find({"FakeKind", name}); }
  // The wait of that name on the board, or nullptr.
  const Wait* WaitOf(const std::string& name, const std::string& wait) const;
  // "a=1 b=2" of everything performed so far.
  std::string Done() const;

  VirtualClock clock;
  Loop loop{clock};
  SeededRandom random;
  MemoryFiles files;
  InlinePool pool;
  std::unique_ptr<Vitals> vitals;
  Values values;
  std::unique_ptr<World> world;
  std::unique_ptr<SetDoors> doors;
  MemoryDisk disk;
  std::unique_ptr<MemoryJournal> journal;
  Metrics metrics;
  const Settings settings;
  const Engine::Hands hands;
  std::unique_ptr<Engine> engine;

 private:
  void Boot();
  bool stopped_ = false;
};

inline ResourceKey Key(const std::string& name) { return {"FakeKind", name}; }

}  // namespace holdfast::sim
