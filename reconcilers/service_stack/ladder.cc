#include "reconcilers/service_stack/ladder.h"

#include <algorithm>
#include <functional>
#include <string>

namespace holdfast::stack {
namespace {

bool LivesOn(Life life) {
  return life == Life::kRunning || life == Life::kStarting || life == Life::kStopping;
}

// Zero is kept for "none".
uint64_t Named(const Process& process) { return std::hash<std::string>()(process.incarnation) | 1; }

void NoLongerServes(Streak& streak) { streak.up_since = absl::InfiniteFuture(); }
void NoLongerSilent(Streak& streak) {
  streak.silent = 0;
  streak.silent_since = absl::InfiniteFuture();
}

void CountProcess(Streak& streak, const Process& process, absl::Time at) {
  streak.process_at = at;
  if (!LivesOn(process.life)) {
    streak.incarnation = 0;
    streak.served = Streak::Served::kNever;
    NoLongerServes(streak);
    NoLongerSilent(streak);
    if (streak.dead_since == absl::InfiniteFuture()) streak.dead_since = at;
    return;
  }
  if (streak.dead_since != absl::InfiniteFuture()) streak.alive_since = at;
  streak.dead_since = absl::InfiniteFuture();
  streak.ran = Streak::Ran::kSeen;
  if (const uint64_t name = Named(process); name != streak.incarnation) {
    if (streak.incarnation != 0) streak.alive_since = at;
    streak.incarnation = name;
    streak.served = Streak::Served::kNever;
    NoLongerServes(streak);
    NoLongerSilent(streak);
  }
  if (process.life != Life::kRunning) NoLongerServes(streak);
}

void CountAnswer(Streak& streak, const Answer& answer, absl::Time at) {
  streak.answer_at = at;
  if (streak.incarnation == 0) return;
  if (answer.level == Answer::Level::kServing) {
    NoLongerSilent(streak);
    streak.served = Streak::Served::kInThisLife;
    if (streak.up_since == absl::InfiniteFuture()) streak.up_since = at;
    return;
  }
  NoLongerServes(streak);
  // Whoever says "I am starting" or answers wrongly is not silent.
  if (answer.level == Answer::Level::kStarting || answer.level == Answer::Level::kWrong)
    return NoLongerSilent(streak);
  if (streak.silent++ == 0) streak.silent_since = at;
}

void Count(Streak& streak, const Seen& seen) {
  absl::Time running_at = absl::InfinitePast();
  seen.process.Match(
      [&](const Known<Process>& process) {
        if (process.at > streak.process_at) CountProcess(streak, process.value, process.at);
        if (process.value.life == Life::kRunning) running_at = process.at;
      },
      [&](const Absent& absent) {
        if (absent.at > streak.process_at) CountProcess(streak, Process{}, absent.at);
      },
      // Nothing was seen, so a service that was up is not proven to have stayed up.
      [&](const Unknown&) { NoLongerServes(streak); });
  if (seen.probing == Seen::Probing::kNoProbe) {
    if (running_at != absl::InfinitePast() && streak.up_since == absl::InfiniteFuture())
      streak.up_since = running_at;
    return;
  }
  seen.answer.Match(
      [&](const Known<Answer>& answer) {
        if (answer.at > streak.answer_at) CountAnswer(streak, answer.value, answer.at);
      },
      [&](const Absent&) { NoLongerServes(streak); }, [&](const Unknown&) { NoLongerServes(streak); });
}

Standing JudgeAnswer(const Answer& answer, const Process& process, const Streak& streak,
                     absl::Duration start_timeout, absl::Time now) {
  switch (answer.level) {
    case Answer::Level::kServing:
      return Standing::kUp;
    case Answer::Level::kStarting:
      return Standing::kStarting;
    case Answer::Level::kWrong:
      return Standing::kWrong;
    case Answer::Level::kNothingThere:
    case Answer::Level::kConnects:
      break;
  }
  if (streak.served == Streak::Served::kNever &&
      now - std::max(process.started, streak.alive_since) < start_timeout)
    return Standing::kStarting;
  // From far away a dead network looks the same.
  if (answer.witness == Answer::Witness::kRemote) return Standing::kUnknown;
  return streak.silent >= kSilentSightings ? Standing::kZombie : Standing::kSilent;
}

Standing JudgeProcess(const Process& process, const Seen& seen, const Streak& streak,
                      absl::Duration start_timeout, absl::Time now) {
  if (process.life == Life::kStopping) return Standing::kStopping;
  if (process.life == Life::kStarting) return Standing::kStarting;
  const bool alive = process.life == Life::kRunning;
  const Standing dead = process.life == Life::kNever ? Standing::kNever : Standing::kDown;
  if (seen.probing == Seen::Probing::kNoProbe) return alive ? Standing::kUp : dead;
  return seen.answer.Match(
      [&](const Known<Answer>& answer) {
        if (alive) return JudgeAnswer(answer.value, process, streak, start_timeout, now);
        return answer.value.level == Answer::Level::kServing ? Standing::kForeign : dead;
      },
      [&](const Absent&) { return alive ? Standing::kUnknown : dead; },
      [&](const Unknown&) { return alive ? Standing::kUnknown : dead; });
}

}  // namespace

Trail Fold(Trail trail, const std::variant<Known<State>, Absent>& seen) {
  const auto* known = std::get_if<Known<State>>(&seen);
  if (known == nullptr) return trail;
  const State& state = known->value;
  if (trail.shape != state.shape || trail.streaks.size() != state.targets.size()) {
    trail.shape = state.shape;
    trail.streaks.assign(state.targets.size(), Streak{});
  }
  for (size_t i = 0; i < state.targets.size(); ++i) Count(trail.streaks[i], state.targets[i]);
  return trail;
}

Standing Judge(const Seen& seen, const Streak& streak, absl::Duration start_timeout, absl::Time now) {
  return seen.process.Match(
      [&](const Known<Process>& process) {
        return JudgeProcess(process.value, seen, streak, start_timeout, now);
      },
      [](const Absent&) { return Standing::kMissing; }, [](const Unknown&) { return Standing::kUnknown; });
}

std::string_view StandingText(Standing standing) {
  switch (standing) {
    case Standing::kUnknown:
      return "unknown";
    case Standing::kMissing:
      return "missing";
    case Standing::kNever:
      return "never started";
    case Standing::kDown:
      return "down";
    case Standing::kForeign:
      return "foreign";
    case Standing::kStopping:
      return "stopping";
    case Standing::kStarting:
      return "starting";
    case Standing::kSilent:
      return "silent";
    case Standing::kZombie:
      return "zombie";
    case Standing::kWrong:
      return "degraded";
    case Standing::kUp:
      return "up";
  }
  return "unknown";
}

}  // namespace holdfast::stack
