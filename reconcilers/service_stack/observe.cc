#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/together.h"
#include "reconcilers/service_stack/kind.h"
#include "reconcilers/service_stack/memory.h"
#include "reconcilers/service_stack/picture.h"
#include "reconcilers/service_stack/reading.h"

namespace holdfast {
namespace {

using namespace stack;

// Reads under way at once for one stack, besides those that travel together in one call anyway.
constexpr size_t kLanes = 32;
// A stack of more targets than this is not read as a whole in every look.
constexpr size_t kSmallStack = 64;
// In a larger one, what was quiet in the last look is believed for ten times as long as reading everything
// took, so that sweeps take at most a tenth of the time; and no longer than a disruptive step may rely on
// when there is one to be taken.
constexpr int kSweepShare = 10;
constexpr absl::Duration kQuietAtMost = absl::Seconds(15);
// A look that was asked for just now must not be answered from memory.
constexpr absl::Duration kAskedForNow = absl::Milliseconds(250);
// A target in trouble is looked at more closely so often.
constexpr absl::Duration kDiagnoseEvery = absl::Seconds(15);
constexpr size_t kDiagnosesAtOnce = 8;

// One look under way. Shared by its readers, so that none outlives what it reads for.
struct Looking {
  clients::Clients& clients;
  Clock& clock;
  std::shared_ptr<const Spec> want;
  const Layout& layout;
  State state;
  std::vector<uint32_t> todo;         // targets to read, bottom layer first
  std::vector<absl::Time> not_older;  // as todo
  size_t next_process = 0, next_answer = 0, next_orphan = 0;
  std::vector<Finding> orphans;
};

bool TravelsTogether(const Control& control) {
  return std::holds_alternative<SupervisordControl>(control) ||
         std::holds_alternative<SystemdControl>(control);
}

Task<void> ReadOneProcess(std::shared_ptr<Looking> look, size_t i) {
  const uint32_t t = look->todo[i];
  look->state.targets[t].process = co_await ReadProcess(look->clients, look->layout, t, look->not_older[i]);
}

// Takes the next of those that cost a program of their own.
Task<void> ProcessLane(std::shared_ptr<Looking> look) {
  while (look->next_process < look->todo.size()) {
    const size_t i = look->next_process++;
    if (!TravelsTogether(look->layout.ServiceOf(look->todo[i]).spec->control))
      co_await ReadOneProcess(look, i);
  }
}

Task<void> AnswerLane(std::shared_ptr<Looking> look) {
  while (look->next_answer < look->todo.size()) {
    const uint32_t t = look->todo[look->next_answer++];
    Seen& seen = look->state.targets[t];
    if (seen.probing == Seen::Probing::kNoProbe) continue;
    enum class Ask { kNot, kBriefly, kUntilSure } ask = Ask::kNot;
    seen.process.Match(
        [&](const Known<Process>& process) {
          const bool dead = process.value.life == Life::kStopped || process.value.life == Life::kFailed ||
                            process.value.life == Life::kNever;
          ask = dead ? Ask::kBriefly : Ask::kUntilSure;
        },
        [](const Absent&) {}, [](const Unknown&) {});
    if (ask == Ask::kNot) {
      seen.answer = Unknown{"not asked, because its process is not known"};
      continue;
    }
    // Also a dead one is asked: what answers in its place must be known before it is started.
    seen.answer = co_await ReadAnswer(look->clients, look->layout, t,
                                      ask == Ask::kBriefly ? Effort::kFromHere : Effort::kUntilSure);
  }
}

bool IsQuiet(const Seen& seen) {
  const bool alive =
      seen.process.Match([](const Known<Process>& p) { return p.value.life == Life::kRunning; },
                         [](const Absent&) { return false; }, [](const Unknown&) { return false; });
  const bool dead = seen.process.Match(
      [](const Known<Process>& p) {
        return p.value.life == Life::kStopped || p.value.life == Life::kNever ||
               p.value.life == Life::kFailed;
      },
      [](const Absent&) { return true; }, [](const Unknown&) { return false; });
  if (dead || (alive && seen.probing == Seen::Probing::kNoProbe)) return true;
  return alive && AnswerOf(seen).level == Answer::Level::kServing;
}

// Supervisors refuse to start what runs; a script may start it once more.
bool HasScripts(const Layout& layout) {
  return std::any_of(layout.services.begin(), layout.services.end(),
                     [](const Resolved& service) { return !TravelsTogether(service.spec->control); });
}

// Fills in what must be read; what may be believed is taken over from the last look.
void Choose(Looking& looking, const holdfast::Look& look, const Remembered* last, absl::Time began) {
  const Layout& layout = looking.layout;
  const absl::Duration at_most = look.Asks(kAskAll) || HasScripts(layout) ? kSeenWithin : kQuietAtMost;
  const bool may_believe = last != nullptr && last->last != nullptr && last->last->shape == layout.shape &&
                           look.not_older_than < began - kAskedForNow &&
                           began - last->swept_at < std::min(at_most, kSweepShare * last->sweep_took);
  std::vector<std::string> touched = look.touched;
  std::sort(touched.begin(), touched.end());
  for (uint32_t t = 0; t < layout.targets.size(); ++t) {
    const bool is_touched = std::binary_search(touched.begin(), touched.end(), layout.targets[t].name);
    if (may_believe && !is_touched && IsQuiet(last->last->targets[t])) {
      looking.state.targets[t] = last->last->targets[t];
      looking.state.oldest = last->swept_at;
      continue;
    }
    looking.todo.push_back(t);
    looking.not_older.push_back(is_touched ? std::max(look.touched_not_older_than, look.not_older_than)
                                           : look.not_older_than);
  }
}

// Down by itself, or alive and not answering.
bool IsInTrouble(const Seen& seen) {
  const Process& process = ProcessOf(seen);
  if (process.life == Life::kFailed) return true;
  if (process.life != Life::kRunning || seen.probing == Seen::Probing::kNoProbe) return false;
  return seen.answer.Match(
      [](const Known<Answer>& a) {
        return a.value.level == Answer::Level::kConnects || a.value.level == Answer::Level::kNothingThere;
      },
      [](const Absent&) { return false; }, [](const Unknown&) { return false; });
}

Task<void> DiagnoseOne(std::shared_ptr<Looking> look, uint32_t t,
                       std::shared_ptr<std::vector<Finding>> into) {
  into->push_back(
      co_await Diagnose(look->clients, look->layout, t, ProcessOf(look->state.targets[t]).incarnation));
}

Task<void> DiagnoseTroubles(std::shared_ptr<Looking> look, Memory& memory, ResourceKey key) {
  std::vector<uint32_t> troubled;
  for (uint32_t t = 0; t < look->state.targets.size(); ++t)
    if (IsInTrouble(look->state.targets[t])) troubled.push_back(t);
  if (troubled.empty()) {
    if (const auto kept = memory.Find(key)) kept->diagnosed.clear();
    co_return;
  }
  const absl::Time now = look->clock.Now();
  const auto found = std::make_shared<std::vector<Finding>>();
  std::vector<Task<void>> work;
  const std::shared_ptr<Remembered> kept = memory.Of(key, look->want);
  for (uint32_t t : troubled) {
    const auto have = kept->diagnosed.find(t);
    if (have != kept->diagnosed.end() && now - have->second.at < kDiagnoseEvery)
      look->state.findings.push_back(have->second.finding);
    else if (work.size() < kDiagnosesAtOnce)
      work.push_back(DiagnoseOne(look, t, found));
  }
  co_await Together(std::move(work));
  for (Finding& finding : *found) {
    kept->diagnosed[finding.target] = {finding, now};
    look->state.findings.push_back(std::move(finding));
  }
}

Task<void> OrphanLane(std::shared_ptr<Looking> look) {
  while (look->next_orphan < look->layout.targets.size()) {
    const auto t = static_cast<uint32_t>(look->next_orphan++);
    std::optional<Finding> found = co_await ReadOrphans(look->clients, look->layout, t);
    if (found) look->orphans.push_back(*std::move(found));
  }
}

// Also of what runs: beside it an orphan may do the same work.
Task<void> LookForOrphans(std::shared_ptr<Looking> look) {
  if (look->clients.supervisors.NewOnes() == 0) co_return;
  std::vector<Task<void>> lanes;
  for (size_t lane = 0; lane < std::min(look->layout.targets.size(), kLanes); ++lane)
    lanes.push_back(OrphanLane(look));
  co_await Together(std::move(lanes));
}

// One finding for each target, in their order.
void Merge(State& state, std::vector<Finding> orphans) {
  for (Finding& one : orphans) {
    const auto same = std::find_if(state.findings.begin(), state.findings.end(),
                                   [&](const Finding& have) { return have.target == one.target; });
    if (same == state.findings.end()) {
      state.findings.push_back(std::move(one));
    } else {
      same->orphans = std::move(one.orphans);
      same->orphans_unknown = std::move(one.orphans_unknown);
    }
  }
  std::sort(state.findings.begin(), state.findings.end(),
            [](const Finding& a, const Finding& b) { return a.target < b.target; });
}

Task<void> ReadAll(std::shared_ptr<Looking> look) {
  std::vector<Task<void>> processes;
  size_t alone = 0;
  for (size_t i = 0; i < look->todo.size(); ++i) {
    if (TravelsTogether(look->layout.ServiceOf(look->todo[i]).spec->control))
      processes.push_back(ReadOneProcess(look, i));
    else
      ++alone;
  }
  for (size_t lane = 0; lane < std::min(alone, kLanes); ++lane) processes.push_back(ProcessLane(look));
  co_await Together(std::move(processes));
  size_t probed = 0;
  for (uint32_t t : look->todo) probed += look->state.targets[t].probing == Seen::Probing::kProbed ? 1 : 0;
  std::vector<Task<void>> answers;
  for (size_t lane = 0; lane < std::min(probed, kLanes); ++lane) answers.push_back(AnswerLane(look));
  co_await Together(std::move(answers));
}

}  // namespace

Task<Observed<stack::State>> ServiceStack::Observe(Systems& systems, std::shared_ptr<const Spec> want,
                                                   holdfast::Look look) {
  Clock& clock = systems.world().clock;
  const absl::Time began = clock.Now();
  const absl::Duration steady = clock.Steady();
  const Layout& layout = LayoutOf(*want);
  Memory& memory = systems.Use<Memory>();
  const auto looking = std::make_shared<Looking>(
      Looking{.clients = systems.Use<clients::Clients>(), .clock = clock, .want = want, .layout = layout});
  looking->state.shape = layout.shape;
  looking->state.targets.resize(layout.targets.size());
  const bool large = layout.targets.size() > kSmallStack;
  const std::shared_ptr<Remembered> kept = large ? memory.Of(look.self, want) : nullptr;
  Choose(*looking, look, kept.get(), began);
  for (uint32_t t : looking->todo)
    looking->state.targets[t].probing = std::holds_alternative<NoProbe>(*layout.ServiceOf(t).probe)
                                            ? Seen::Probing::kNoProbe
                                            : Seen::Probing::kProbed;
  co_await ReadAll(looking);
  co_await DiagnoseTroubles(looking, memory, look.self);
  co_await LookForOrphans(looking);
  Merge(looking->state, std::move(looking->orphans));
  if (large) {
    if (looking->todo.size() == layout.targets.size() || kept->last == nullptr) {
      kept->swept_at = began;
      kept->sweep_took = clock.Steady() - steady;
    }
    kept->last = std::make_shared<const State>(looking->state);
  }
  co_return Known<State>{std::move(looking->state), began};
}

}  // namespace holdfast
