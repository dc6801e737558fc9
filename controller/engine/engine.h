// The loop that holds every resource to its declaration.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/base/event.h"
#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/engine/board.h"
#include "controller/engine/declared.h"
#include "controller/engine/gates.h"
#include "controller/engine/outputs.h"
#include "controller/engine/queue.h"
#include "controller/engine/settings.h"
#include "controller/engine/unkept.h"
#include "controller/journal/journal.h"
#include "controller/kind/systems.h"
#include "controller/plan/doors.h"
#include "controller/world/world.h"
#include "metrics/metrics.h"

namespace holdfast {

// Who asked: "holdfast", "user lena (uid 1000)".
using Actor = std::string;

// Engine thread only, all of it. What it is given by reference outlives it.
class Engine final : public Waker {
 public:
  // With kNone nothing is performed and nothing is written: rounds only look and decide (`holdfast plan`).
  enum class Hands { kAct, kNone };
  Engine(const boost::asio::any_io_executor& executor, World world, Doors& doors, Journal& journal,
         Metrics& metrics, Settings settings, Hands hands);
  ~Engine() override;

  // What the journal remembers, before anything is declared. Resources that the source does not declare again
  // are brought back by `Recall` from their remembered spec.
  void Restore(Memory memory);
  const Memory& memory() const { return memory_; }

  // A new or changed resource. The same digest again changes neither generation nor streaks.
  void Declare(Declared declared);
  void SetTrouble(const ResourceKey& key, SpecTrouble trouble);
  // The spec is gone: what we put aside is put back, then the row goes.
  void Undeclare(const ResourceKey& key);
  bool IsDeclared(const ResourceKey& key) const;
  // Before the Declare of its target, so that no round takes it for withdrawn.
  void DeclareOperation(DeclaredOperation declared);
  void UndeclareOperation(const std::string& name);
  std::vector<ResourceKey> Keys() const;

  void LookNow(const ResourceKey& key, std::string why) override;
  void LookAtAll(absl::Time not_older_than);
  // The clock jumped or this process stood still: streaks are lost, nothing older than now is relied on, and
  // no step goes for a moment.
  void Disturbed(std::string why);

  Task<Status> Suspend(ResourceKey key, Actor by, std::string reason, absl::Time until);
  Task<Status> Resume(ResourceKey key, Actor by);
  Task<Status> StopAll(StopAllSet::Reach reach, Actor by, std::string reason);
  Task<Status> StartAll(Actor by);
  // Lets go what the plan with this digest proposes. FailedPrecondition when the plan is another by now.
  Task<Status> Apply(ResourceKey key, std::string digest, Actor by);

  // Runs rounds until Stop. Returns when no round is under way any more.
  Task<void> Run();
  // Cuts looks off and waits for steps under way, at most Settings::stop_grace; then Run returns.
  void Stop();
  size_t under_way() const { return flights_.size(); }
  // Returns when every resource has had a round that had nothing to do and nothing to wait for, or at the
  // deadline.
  Task<void> UntilQuiet(absl::Duration deadline);

  const Board& board() const { return board_; }
  const Queue& queue() const { return queue_; }
  Journal& journal() { return journal_; }
  const StopAllSet& stop_all() const { return stop_all_; }
  const std::string& journal_trouble() const { return journal_trouble_; }
  const Boxed<SuspensionSet>& SuspensionOf(const ResourceKey& key) const;
  // Everything that is put aside now, also for resources whose spec is not understood any more. Valid until
  // the next suspension.
  void ForEachLease(const std::function<void(const ResourceKey&, const Lease&)>& tell) const;
  // Samples of kinds: KIND, NAME, sample. Valid until the next suspension.
  void ForEachSample(const std::function<void(const ResourceKey&, const Sample&)>& tell) const;

 private:
  struct Slot;
  struct Flight;

  Slot* Find(const ResourceKey& key);
  const Slot* Find(const ResourceKey& key) const;
  SlotId TakeId();
  Slot& Make(const ResourceKey& key);
  void Free(Slot& slot);
  void Queued(const Slot& slot, absl::Duration in);
  void RefreshOperations(Slot& slot);
  void ShowOperation(const std::string& name);
  // When the next Operation on it that has not begun is too late; its round then says Expired.
  absl::Time NextExpiry(const Slot& slot) const;
  void WakeDependents(const ResourceKey& key);
  // Whoever waits for another resource is woken when that tells something new.
  void AwaitOutputs(SlotId slot, const std::vector<Wait>& waits);

  // The loop.
  void Launch(SlotId slot);
  void Sweep();
  absl::Duration NextWake() const;

  // The round.
  Task<void> RoundOf(SlotId slot, Flight* flight);
  Task<absl::Duration> Look(Slot& slot, Flight& flight);
  Task<absl::Duration> Act(Slot& slot, Flight& flight, std::shared_ptr<ShownPlan> shown,
                           std::vector<size_t> go);
  GateFacts FactsFor(Slot& slot, absl::Time observed_at, absl::Time now);
  void RestoreForgottenLeases(Slot& slot, Plan& plan) const;
  Task<void> Settle(Slot& slot, const Plan& plan, absl::Time observed_at);
  void TakeOperationProgress(Slot& slot, const Plan& plan, std::vector<Record>& records);
  absl::Duration Interval(const Slot& slot);
  absl::Duration BackOff(Slot& slot, std::string why);

  Task<Result<std::vector<int64_t>>> Commit(std::vector<Record> records);
  Task<Status> KeepSpecs();
  void Forget(Slot& slot, absl::Time now);

  boost::asio::any_io_executor executor_;
  World world_;
  Doors& doors_;
  Journal& journal_;
  Metrics& metrics_;
  const Settings settings_;
  const Hands hands_;

  Memory memory_;  // of resources that nobody has declared yet
  Board board_;
  Queue queue_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<SlotId> free_slots_;
  absl::flat_hash_map<std::string, std::vector<SlotId>> dependents_;
  absl::flat_hash_map<std::string, std::vector<SlotId>> awaiting_;  // who waits for an output, by KIND/NAME
  Outputs outputs_;
  struct HeldOperation {
    DeclaredOperation declared;
    SlotId row = 0;  // on the board
  };
  std::map<std::string, HeldOperation> operations_;
  StopAllSet stop_all_;
  std::string journal_trouble_;
  absl::Time journal_retry_at_ = absl::InfinitePast();
  std::string disturbance_;
  absl::Time disturbed_at_ = absl::InfinitePast();
  Unkept unkept_;

  Event wake_;
  Event idle_;
  std::vector<std::unique_ptr<Flight>> flights_;
  std::vector<std::unique_ptr<Flight>> spare_flights_;
  size_t active_ = 0;  // flights that count against rounds_at_once
  absl::Duration swept_at_ = absl::ZeroDuration();
  enum class State { kIdle, kRunning, kStopping } state_ = State::kIdle;
};

}  // namespace holdfast
