// What goes wrong in a run: one numbered call that fails, or one point where the process dies.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/journal/journal.h"
#include "controller/plan/doors.h"
#include "controller/world/world.h"
#include "tests/sim/loop.h"

namespace holdfast::sim {

enum class Fault {
  kNone,
  kFail,        // the connection breaks before anything is sent
  kTimeOut,     // nothing is sent, and that takes the whole deadline
  kLoseAnswer,  // done, but the answer never comes
  kStale,       // a read is answered as the last time it was asked
  kDelay,       // one more second
};
enum class Point { kNever, kBeforeIntent, kAfterIntent, kAfterCall, kBeforeOutcome };

// Counts calls and points, and says what happens at each. Numbers begin at 1, counted from when they are
// given.
class Faults {
 public:
  explicit Faults(Loop& loop, Clock& clock) : loop_(loop), clock_(clock) {}

  void FailCall(int number, Fault fault) { call_ = calls_ + number, fault_ = fault; }
  void DieAt(Point point, int number) { point_ = point, nth_ = passed(point) + number; }
  // No more faults; counting goes on.
  void Heal() { call_ = nth_ = 0; }

  Fault NextCall() { return ++calls_ == call_ ? fault_ : Fault::kNone; }
  // Never returns when the process dies here.
  Task<void> Pass(Point point);

  int calls() const { return calls_; }
  int passed(Point point) const {
    const auto found = passed_.find(point);
    return found == passed_.end() ? 0 : found->second;
  }

 private:
  Loop& loop_;
  Clock& clock_;
  int call_ = 0, calls_ = 0, nth_ = 0;
  Fault fault_ = Fault::kNone;
  Point point_ = Point::kNever;
  std::map<Point, int> passed_;
};

class FaultyHttp : public Http {
 public:
  FaultyHttp(Http& inner, Faults& faults, Clock& clock) : inner_(inner), faults_(faults), clock_(clock) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override;

 private:
  Http& inner_;
  Faults& faults_;
  Clock& clock_;
  std::map<std::string, HttpResponse> last_;
};

class FaultyCommands : public Commands {
 public:
  FaultyCommands(Commands& inner, Faults& faults, Clock& clock)
      : inner_(inner), faults_(faults), clock_(clock) {}
  Task<Result<Exit>> Run(CommandLine command, Limits limits) override;

 private:
  Commands& inner_;
  Faults& faults_;
  Clock& clock_;
  std::map<std::string, Exit> last_;
};

// A whole conversation counts as one call.
class FaultyNet : public Net {
 public:
  FaultyNet(Net& inner, Faults& faults, Clock& clock) : inner_(inner), faults_(faults), clock_(clock) {}
  Task<Result<std::unique_ptr<Stream>>> Connect(std::string host, uint16_t port,
                                                absl::Duration deadline) override;

 private:
  class Conversation;
  Net& inner_;
  Faults& faults_;
  Clock& clock_;
  std::map<std::string, std::string> last_;  // what came back, by whom and what was said
};

class WatchedDoors : public Doors {
 public:
  WatchedDoors(Doors& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Task<Outcome> Perform(Action action, absl::Duration deadline) override;
  absl::Duration RoomIn(const Action& action) override { return inner_.RoomIn(action); }

 private:
  Doors& inner_;
  Faults& faults_;
};

class WatchedJournal : public Journal {
 public:
  WatchedJournal(Journal& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Task<Result<std::vector<int64_t>>> Commit(std::vector<Record> records) override;
  Result<Memory> Load() override { return inner_.Load(); }
  Result<std::vector<HistoryEntry>> History(const HistoryQuery& query) override {
    return inner_.History(query);
  }

  // Called with every batch that is on the disk.
  std::function<void(const std::vector<Record>&)> on_commit;

 private:
  Journal& inner_;
  Faults& faults_;
};

}  // namespace holdfast::sim
