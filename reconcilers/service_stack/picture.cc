#include "reconcilers/service_stack/picture.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/service_stack/classes.h"

namespace holdfast::stack {
namespace {

// The reads of a supervisor whose clock runs a little behind must not make our own stop a person's.
constexpr absl::Duration kClockSlack = absl::Seconds(5);

void CountStart(Deeds& deeds, const Attempt& attempt, const RestartBudget& budget, absl::Time now) {
  deeds.start = &attempt;
  if (attempt.meter.empty() || now - attempt.sent >= budget.per) return;
  ++deeds.starts_in_budget;
  deeds.oldest_start_in_budget = std::min(deeds.oldest_start_in_budget, attempt.sent);
}

void Remember(Picture& picture) {
  const Past& past = picture.frame.past;
  if (past.attempts.empty() && past.open.empty()) return;
  absl::flat_hash_map<std::string, uint32_t> by_name;
  for (uint32_t t = 0; t < picture.layout.targets.size(); ++t) by_name.emplace(picture.target(t).name, t);
  for (const Attempt& attempt : past.attempts) {
    const auto found = by_name.find(std::string(TargetOfKey(attempt.key)));
    if (found == by_name.end()) continue;
    Deeds& deeds = picture.deeds[found->second];
    if (VerbOfKey(attempt.key) == kStartVerb)
      CountStart(deeds, attempt, *picture.service(found->second).spec->restart_budget, picture.frame.now);
    else if (attempt.outcome.kind != Outcome::Kind::kRefused)
      deeds.stop = &attempt;
  }
  for (const Lease& lease : past.open)
    if (const auto found = by_name.find(lease.object); found != by_name.end())
      picture.deeds[found->second].lease = &lease;
}

bool StoppedByUs(const Picture& picture, uint32_t t, const Process& process) {
  const Deeds& deeds = picture.deeds[t];
  if (deeds.lease != nullptr) return true;
  if (deeds.stop == nullptr) return false;
  if (deeds.start != nullptr && deeds.start->sent > deeds.stop->sent &&
      deeds.start->outcome.kind == Outcome::Kind::kDone)
    return false;
  const std::string_view incarnation = IncarnationOfKey(deeds.stop->key);
  if (!process.incarnation.empty() && !incarnation.empty()) return SameRun(process.incarnation, incarnation);
  return process.started <= deeds.stop->sent + kClockSlack;
}

Cause CauseOf(const Picture& picture, uint32_t t) {
  const Standing standing = picture.standing[t];
  if (standing == Standing::kNever) return Cause::kNeverRan;
  if (standing != Standing::kDown) return Cause::kRuns;
  const Process& process = ProcessOf(picture.seen.targets[t]);
  if (StoppedByUs(picture, t, process)) return Cause::kByUs;
  if (process.life != Life::kStopped) return Cause::kByItself;
  // A supervisor that cannot tell whether it ever ran says "stopped" after a reboot too.
  const bool ran =
      process.started != absl::InfinitePast() || picture.trail.streaks[t].ran == Streak::Ran::kSeen;
  return ran ? Cause::kByHand : Cause::kNeverRan;
}

void Stand(Picture& picture) {
  const size_t count = picture.layout.targets.size();
  for (uint32_t t = 0; t < count; ++t) {
    Standing standing = Judge(picture.seen.targets[t], picture.trail.streaks[t],
                              picture.service(t).start_timeout(), picture.frame.now);
    if (IsAlive(standing) && standing != Standing::kStopping && ToldToStop(picture, t))
      standing = Standing::kStopping;
    picture.standing[t] = standing;
  }
  // Whatever its supervisor says: it is not stopped as long as an orphan of it runs.
  for (const Finding& finding : picture.seen.findings)
    if (!finding.orphans.empty() && IsProvenDead(picture.standing[finding.target]))
      picture.standing[finding.target] = Standing::kForeign;
  for (uint32_t t = 0; t < count; ++t) picture.cause[t] = CauseOf(picture, t);
}

// A member whose work is missing without anyone having asked for that.
bool IsLost(const Picture& picture, uint32_t t) {
  switch (picture.standing[t]) {
    case Standing::kZombie:
    case Standing::kForeign:
    case Standing::kMissing:
      return true;
    case Standing::kDown:
      return picture.cause[t] == Cause::kByItself;
    default:
      return false;
  }
}

void Count(Picture& picture) {
  for (uint32_t t = 0; t < picture.layout.targets.size(); ++t) {
    if (!picture.Counts(t)) continue;
    Tally& tally = picture.tally[picture.target(t).service];
    switch (picture.standing[t]) {
      case Standing::kUp:
        ++tally.up;
        if (IsSettled(picture, t))
          ++tally.settled;
        else
          ++tally.busy;
        break;
      case Standing::kUnknown:
        ++tally.unknown;
        ++tally.unavailable;
        break;
      case Standing::kStarting:
      case Standing::kStopping:
        ++tally.busy;
        ++tally.unavailable;
        break;
      default:
        ++tally.unavailable;
        break;
    }
    if (IsLost(picture, t)) ++tally.lost;
  }
}

absl::Time OldestRead(const Picture& picture, uint32_t first, uint32_t count) {
  absl::Time at = picture.at;
  for (uint32_t t = first; t < first + count; ++t)
    if (const absl::Time read = ProcessAt(picture.seen.targets[t]); read != absl::InfinitePast())
      at = std::min(at, read);
  return at;
}

Verdict ReadyVerdict(const Picture& picture, uint32_t s) {
  const Resolved& service = picture.layout.services[s];
  const Tally& tally = picture.tally[s];
  const absl::Time at = OldestRead(picture, service.first, service.count);
  std::string evidence = Cat(service.spec->name, ": ", tally.settled, " of ", service.members, " serve");
  if (tally.up > tally.settled) Append(evidence, ", ", tally.up - tally.settled, " not settled yet");
  if (service.required != service.members) Append(evidence, " (", service.required, " needed)");
  if (tally.settled >= service.required) return Pass(std::move(evidence), at);
  if (tally.settled + tally.unknown >= service.required)
    return CannotTell(Cat(evidence, ", ", tally.unknown, " unknown"), at);
  return Hold(std::move(evidence), at);
}

// The worse one keeps its words; of two passes the longer list.
void Worsen(Verdict& whole, const Verdict& part) {
  const auto rank = [](Verdict::Is is) {
    return is == Verdict::Is::kPass ? 0 : is == Verdict::Is::kCannotTell ? 1 : 2;
  };
  if (rank(part.is) > rank(whole.is))
    whole = {part.is, part.evidence, std::min(whole.at, part.at)};
  else
    whole.at = std::min(whole.at, part.at);
}

void StackUp(Picture& picture) {
  const Layout& layout = picture.layout;
  for (uint32_t s = 0; s < layout.services.size(); ++s) picture.ready[s] = ReadyVerdict(picture, s);
  Verdict below = Pass("nothing is below", picture.at);
  for (uint32_t l = 0; l < layout.layers.size(); ++l) {
    picture.below[l] = below;
    const Layout::Span& layer = layout.layers[l];
    for (uint32_t s = layer.first_service; s < layer.first_service + layer.services; ++s)
      Worsen(below, picture.ready[s]);
    if (below.is == Verdict::Is::kPass) below.evidence = Cat(layer.name(), " is ready");
  }
}

bool MayHaveOrphans(const Picture& picture, uint32_t t) {
  const Finding* finding = picture.seen.findings.empty() ? nullptr : picture.finding(t);
  return finding != nullptr && !finding->orphans_unknown.empty();
}

Verdict StoppedVerdict(const Picture& picture, const Layout::Span& layer) {
  const absl::Time at = OldestRead(picture, layer.first, layer.count);
  int unknown = 0, alive = 0;
  std::string_view one_unknown, one_alive;
  for (uint32_t t = layer.first; t < layer.first + layer.count; ++t) {
    const Standing standing = picture.standing[t];
    if (IsAlive(standing) || standing == Standing::kForeign)
      ++alive, one_alive = picture.target(t).name;
    else if (standing == Standing::kUnknown || MayHaveOrphans(picture, t))
      ++unknown, one_unknown = picture.target(t).name;
  }
  if (alive > 0)
    return Hold(Cat(one_alive, alive > 1 ? Cat(" and ", alive - 1, " more") : "", " still run"), at);
  if (unknown > 0)
    return CannotTell(Cat(one_unknown, unknown > 1 ? Cat(" and ", unknown - 1, " more") : "", " not known"),
                      at);
  return Pass(Cat(layer.name(), ": no process of ", layer.count, " runs"), at);
}

void StackDown(Picture& picture) {
  Verdict above = Pass("nothing is above", picture.at);
  for (size_t l = picture.layout.layers.size(); l-- > 0;) {
    const Verdict here = StoppedVerdict(picture, picture.layout.layers[l]);
    Worsen(above, here);
    if (above.is == Verdict::Is::kPass) above.evidence = here.evidence;
    picture.stopped[l] = above;
  }
}

}  // namespace

Picture Look(const Spec& want, const Known<State>& seen, const Trail& trail, const Frame& frame) {
  const Layout& layout = LayoutOf(want);
  Picture picture{
      .want = want, .layout = layout, .seen = seen.value, .trail = trail, .frame = frame, .at = seen.at};
  picture.wanted = WantedNow(want, frame.now);
  picture.standing.resize(layout.targets.size());
  picture.cause.resize(layout.targets.size(), Cause::kRuns);
  picture.deeds.resize(layout.targets.size());
  picture.tally.resize(layout.services.size());
  picture.ready.resize(layout.services.size());
  picture.below.resize(layout.layers.size());
  picture.stopped.resize(layout.layers.size());
  Remember(picture);
  Stand(picture);
  Count(picture);
  StackUp(picture);
  StackDown(picture);
  picture.loss = Classify(picture, UnknownCounts::kAsPresent);
  picture.possible_loss = Classify(picture, UnknownCounts::kAsLost);
  return picture;
}

const Finding* Picture::finding(uint32_t t) const {
  for (const Finding& finding : seen.findings)
    if (finding.target == t) return &finding;
  return nullptr;
}

Wanted WantedNow(const Spec& spec, absl::Time now) {
  if (spec.state == Wanted::kUp || spec.indefinite) return spec.state;
  return spec.downtime->given() && !spec.downtime->InForce(now) ? Wanted::kUp : Wanted::kDown;
}

std::string WhyDown(const Spec& spec) {
  if (spec.indefinite) return *spec.reason;
  return Cat(spec.downtime->reason, ", until ",
             Rfc3339(spec.downtime->until.value_or(absl::InfiniteFuture())));
}

std::string_view VerbOfKey(std::string_view key) { return key.substr(0, key.find(' ')); }
std::string_view TargetOfKey(std::string_view key) {
  const size_t blank = key.find(' ');
  if (blank == key.npos) return {};
  key.remove_prefix(blank + 1);
  return key.substr(0, key.find('#'));
}
std::string_view IncarnationOfKey(std::string_view key) {
  const size_t hash = key.find('#');
  return hash == key.npos ? std::string_view() : key.substr(hash + 1);
}

bool SameRun(std::string_view one, std::string_view other) {
  const auto start = [](std::string_view text) {
    return text.find('@') == text.npos ? text : text.substr(text.find('@') + 1);
  };
  return start(one) == start(other);
}

const Process& ProcessOf(const Seen& seen) {
  static const Process none;
  return *seen.process.Match([](const Known<Process>& process) { return &process.value; },
                             [](const Absent&) { return &none; }, [](const Unknown&) { return &none; });
}
const Answer& AnswerOf(const Seen& seen) {
  static const Answer none;
  return *seen.answer.Match([](const Known<Answer>& answer) { return &answer.value; },
                            [](const Absent&) { return &none; }, [](const Unknown&) { return &none; });
}
absl::Time ProcessAt(const Seen& seen) {
  return seen.process.Match([](const Known<Process>& process) { return process.at; },
                            [](const Absent& absent) { return absent.at; },
                            [](const Unknown&) { return absl::InfinitePast(); });
}
std::string UnknownReason(const Seen& seen) {
  std::string process = seen.process.Match([](const Known<Process>&) { return std::string(); },
                                           [](const Absent&) { return std::string(); },
                                           [](const Unknown& unknown) { return unknown.reason; });
  if (!process.empty() || seen.probing == Seen::Probing::kNoProbe) return process;
  return seen.answer.Match(
      [](const Known<Answer>& answer) {
        return Cat(answer.value.detail, " (asked from here; not confirmed on its host)");
      },
      [](const Absent&) { return std::string(); }, [](const Unknown& unknown) { return unknown.reason; });
}

std::string OrphansText(const Finding& finding) {
  std::string text;
  for (const Finding::Orphan& orphan : finding.orphans) {
    Append(text, text.empty() ? "pid " : ", pid ", orphan.pid);
    if (orphan.since != absl::InfinitePast()) Append(text, " since ", Rfc3339(orphan.since));
  }
  return Cat(text, ", outside of its supervisor");
}

bool ToldToStop(const Picture& picture, uint32_t t) {
  const Deeds& deeds = picture.deeds[t];
  if (deeds.stop == nullptr) return false;
  const std::string& living = ProcessOf(picture.seen.targets[t]).incarnation;
  const std::string_view told = IncarnationOfKey(deeds.stop->key);
  if (!living.empty() && !told.empty() && !SameRun(living, told)) return false;
  if (living.empty() && deeds.start != nullptr && deeds.start->sent > deeds.stop->sent) return false;
  if (picture.frame.now < deeds.stop->sent + picture.service(t).stop_timeout()) return true;
  // A stop of which nobody knows whether it arrived, and which shows nothing after all this time, did not.
  if (deeds.stop->outcome.kind == Outcome::Kind::kUnknown &&
      ProcessOf(picture.seen.targets[t]).life == Life::kRunning)
    return false;
  return picture.wanted == Wanted::kDown || deeds.lease != nullptr;
}

absl::Time StopDeadline(const Picture& picture, uint32_t t) {
  const Deeds& deeds = picture.deeds[t];
  const absl::Time told = deeds.stop != nullptr ? deeds.stop->sent : picture.trail.streaks[t].process_at;
  return told + picture.service(t).stop_timeout();
}

bool StopIsOverdue(const Picture& picture, uint32_t t) {
  return picture.standing[t] == Standing::kStopping && picture.deeds[t].stop != nullptr &&
         picture.frame.now >= StopDeadline(picture, t);
}

bool IsSettled(const Picture& picture, uint32_t t) {
  return picture.trail.streaks[t].up_since + picture.service(t).settle() <= picture.frame.now;
}

absl::Time StoppedAt(const Picture& picture, uint32_t t) {
  const Process& process = ProcessOf(picture.seen.targets[t]);
  return process.stopped != absl::InfinitePast() ? process.stopped : picture.trail.streaks[t].dead_since;
}

bool IsHeldByHand(const Picture& picture, uint32_t t) {
  if (picture.cause[t] != Cause::kByHand) return false;
  const std::optional<absl::Duration> hold = picture.service(t).hold();
  return hold && picture.frame.now < StoppedAt(picture, t) + *hold;
}

}  // namespace holdfast::stack
