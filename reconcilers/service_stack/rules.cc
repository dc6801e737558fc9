#include "reconcilers/service_stack/rules.h"

#include <algorithm>
#include <array>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::stack {
namespace {

using Answered = std::optional<Verdict>;

Answered BelowIsReady(const Picture& p, uint32_t t) {
  const uint32_t layer = p.service(t).layer;
  if (layer == 0) return std::nullopt;
  return p.below[layer];
}

Answered NeedsAreReady(const Picture& p, uint32_t t) {
  Answered worst;
  for (uint32_t s : p.service(t).edges().needs)
    if (!worst || worst->is == Verdict::Is::kPass) worst = p.ready[s];
  return worst;
}

// Begun, and come to an end one way or the other.
Answered WaitedForHasStarted(const Picture& p, uint32_t t) {
  for (uint32_t s : p.service(t).edges().waits_for) {
    const Resolved& other = p.layout.services[s];
    for (uint32_t o = other.first; o < other.first + other.count; ++o) {
      const bool never_tried =
          IsProvenDead(p.standing[o]) && p.deeds[o].start == nullptr && !IsHeldByHand(p, o) && p.Counts(o);
      if (p.standing[o] == Standing::kStarting || never_tried)
        return Hold(Cat(p.target(o).name, " is ", StandingText(p.standing[o])), p.at);
    }
  }
  if (p.service(t).edges().waits_for.empty()) return std::nullopt;
  return Pass("what it waits for was started", p.at);
}

Answered DiskHasRoom(const Picture& p, uint32_t t) {
  const Finding* finding = p.finding(t);
  if (finding == nullptr || finding->disk == Finding::Disk::kNotLooked) return std::nullopt;
  if (finding->disk == Finding::Disk::kFull) return Hold(finding->diagnosis, p.at);
  return Pass(finding->diagnosis, p.at);
}

Answered NoOrphanRuns(const Picture& p, uint32_t t) {
  const Finding* finding = p.finding(t);
  if (finding == nullptr) return std::nullopt;
  if (!finding->orphans.empty()) return Hold(OrphansText(*finding), p.at);
  if (!finding->orphans_unknown.empty()) return CannotTell(finding->orphans_unknown, p.at);
  return std::nullopt;
}

Answered AboveIsStopped(const Picture& p, uint32_t t) {
  const uint32_t above = p.service(t).layer + 1;
  if (above >= p.layout.layers.size()) return std::nullopt;
  return p.stopped[above];
}

Answered NeededByNobody(const Picture& p, uint32_t t) {
  if (p.service(t).edges().needed_by.empty()) return std::nullopt;
  for (uint32_t s : p.service(t).edges().needed_by) {
    const Resolved& user = p.layout.services[s];
    for (uint32_t o = user.first; o < user.first + user.count; ++o) {
      if (p.standing[o] == Standing::kUnknown)
        return CannotTell(Cat(p.target(o).name, " is not known"), p.at);
      if (!IsProvenDead(p.standing[o]) && p.standing[o] != Standing::kMissing)
        return Hold(Cat(p.target(o).name, " is ", StandingText(p.standing[o])), p.at);
    }
  }
  return Pass("what needs it is stopped", p.at);
}

Answered WhatItWritesToIsReady(const Picture& p, uint32_t t) {
  Answered worst;
  for (uint32_t s : WritesThrough(p, t))
    if (!worst || worst->is == Verdict::Is::kPass) worst = p.ready[s];
  return worst;
}

Answered NoLossNeedsAPerson(const Picture& p, uint32_t) {
  if (p.loss.is != LossClass::kNone) return Hold(p.loss.detail, p.at);
  if (p.possible_loss.is != LossClass::kNone) return CannotTell(p.possible_loss.detail, p.at);
  return Pass("no such loss", p.at);
}

// What is out of service without the target itself.
struct Others {
  int unavailable = 0, unknown = 0, settled = 0;
};
Others OthersOf(const Picture& p, uint32_t t) {
  const Tally& tally = p.tally[p.target(t).service];
  Others others{tally.unavailable, tally.unknown, tally.settled};
  if (!p.Counts(t)) return others;
  if (p.standing[t] != Standing::kUp) --others.unavailable;
  if (p.standing[t] == Standing::kUnknown) --others.unknown;
  if (p.standing[t] == Standing::kUp && IsSettled(p, t)) --others.settled;
  return others;
}

Answered RedundancyIsLeft(const Picture& p, uint32_t t) {
  const Resolved& service = p.service(t);
  const Others others = OthersOf(p, t);
  std::string evidence = Cat(others.settled, " of ", service.members - 1, " others serve, ",
                             others.unavailable, " unavailable, maxUnavailable is ", service.max_unavailable);
  const bool quorum = service.component->quorum == Quorum::kMajority ||
                      (service.spec->layer_ready_when &&
                       std::holds_alternative<MajorityReady>(*service.spec->layer_ready_when));
  const int enough = service.members == 1 ? 0
                     : quorum             ? service.required
                                          : std::min(service.required, service.members - 1);
  if (others.settled < enough) Append(evidence, "; without it ", enough, " must serve");
  if (others.unavailable + 1 <= service.max_unavailable && others.settled >= enough)
    return Pass(evidence, p.at);
  if (others.unavailable - others.unknown + 1 <= service.max_unavailable &&
      others.settled + others.unknown >= enough)
    return CannotTell(Cat(evidence, ", ", others.unknown, " unknown"), p.at);
  return Hold(evidence, p.at);
}

Answered NothingElseIsUnderWay(const Picture& p, uint32_t t) {
  for (uint32_t o = 0; o < p.layout.targets.size(); ++o) {
    if (o == t || p.deeds[o].lease == nullptr) continue;
    return Hold(Cat(p.target(o).name, " is put aside and not back yet"), p.at);
  }
  const uint32_t layer = p.service(t).layer;
  for (uint32_t s = 0; s < p.layout.services.size() && p.layout.services[s].layer <= layer; ++s) {
    const bool own = s == p.target(t).service;
    const int self =
        own && (p.standing[t] == Standing::kStarting || p.standing[t] == Standing::kStopping) ? 1 : 0;
    if (p.tally[s].busy > self)
      return Hold(Cat(p.layout.services[s].spec->name, " is starting, stopping or settling"), p.at);
  }
  return Pass("nothing else starts or stops", p.at);
}

Answered ItsServiceHasRested(const Picture& p, uint32_t t) {
  const Resolved& service = p.service(t);
  if (service.recovery_time() == absl::ZeroDuration()) return std::nullopt;
  absl::Time last = absl::InfinitePast();
  for (uint32_t o = service.first; o < service.first + service.count; ++o) {
    if (p.deeds[o].stop != nullptr) last = std::max(last, p.deeds[o].stop->sent);
    if (p.deeds[o].start != nullptr) last = std::max(last, p.deeds[o].start->sent);
  }
  if (last == absl::InfinitePast()) return std::nullopt;
  const std::string evidence =
      Cat("last touched ", Brief(p.frame.now - last), " ago, takes over in ", Brief(service.recovery_time()));
  return p.frame.now - last >= service.recovery_time() ? Pass(evidence, p.at) : Hold(evidence, p.at);
}

Answered TwoWitnesses(const Picture& p, uint32_t t) {
  const Process& process = ProcessOf(p.seen.targets[t]);
  const Answer& answer = AnswerOf(p.seen.targets[t]);
  const Streak& streak = p.trail.streaks[t];
  if (p.seen.targets[t].probing == Seen::Probing::kNoProbe)
    return CannotTell("it has no probe, so its supervisor is the only witness", p.at);
  if (answer.witness != Answer::Witness::kOnHost)
    return CannotTell(Cat("nothing was asked on its host: ", UnknownReason(p.seen.targets[t])), p.at);
  if (streak.silent < kSilentSightings)
    return Hold(Cat("silent ", streak.silent, " times of ", kSilentSightings), p.at);
  return Pass(Cat("supervisor: ", process.word, " ", process.incarnation, "; on its host: ", answer.detail,
                  ", ", streak.silent, " times"),
              p.at);
}

// A process is silent on its own account only since everything below it serves.
absl::Time SilentSince(const Picture& p, uint32_t t) {
  absl::Time since = p.trail.streaks[t].silent_since;
  const uint32_t layer = p.service(t).layer;
  for (uint32_t o = 0; o < p.layout.layers[layer].first; ++o)
    if (p.standing[o] == Standing::kUp) since = std::max(since, p.trail.streaks[o].up_since);
  return since;
}

Answered ItHadTimeToRecover(const Picture& p, uint32_t t) {
  const absl::Time since = SilentSince(p, t);
  const absl::Duration after = p.service(t).zombie_after();
  const absl::Duration silent = since == absl::InfiniteFuture() ? absl::ZeroDuration() : p.frame.now - since;
  std::string evidence =
      Cat("silent for ", Brief(std::max(silent, absl::ZeroDuration())), " of ", Brief(after));
  if (const Finding* finding = p.finding(t); finding != nullptr && !finding->diagnosis.empty())
    Append(evidence, "; ", finding->diagnosis);
  return silent >= after ? Pass(std::move(evidence), p.at) : Hold(std::move(evidence), p.at);
}

Answered TheSpecLetsItBeKilled(const Picture& p, uint32_t t) {
  switch (p.service(t).zombie) {
    case ZombiePolicy::kAct:
      return Pass("zombie: act", p.at);
    case ZombiePolicy::kPropose:
      return Pass(WhyProposed(p, t), p.at);
    case ZombiePolicy::kNever:
      break;
  }
  return Hold("zombie: never", p.at);
}

constexpr std::array<Rule, 5> kStart = {{{"everything below is ready", BelowIsReady},
                                         {"what it needs is ready", NeedsAreReady},
                                         {"what it waits for was started", WaitedForHasStarted},
                                         {"its disk has room", DiskHasRoom},
                                         {"no orphan of it runs", NoOrphanRuns}}};
constexpr std::array<Rule, 4> kStop = {{{"everything above is proven stopped", AboveIsStopped},
                                        {"what needs it is proven stopped", NeededByNobody},
                                        {"what it writes to is ready", WhatItWritesToIsReady},
                                        {"no loss needs a person", NoLossNeedsAPerson}}};
constexpr std::array<Rule, 7> kRestart = {{{"everything below is ready", BelowIsReady},
                                           {"what it needs is ready", NeedsAreReady},
                                           {"no loss needs a person", NoLossNeedsAPerson},
                                           {"redundancy is left", RedundancyIsLeft},
                                           {"nothing else is under way", NothingElseIsUnderWay},
                                           {"its service has rested", ItsServiceHasRested},
                                           {"no orphan of it runs", NoOrphanRuns}}};
constexpr std::array<Rule, 3> kZombie = {{{"two witnesses say that it is a zombie", TwoWitnesses},
                                          {"it had time to recover", ItHadTimeToRecover},
                                          {"the spec lets a zombie be ended", TheSpecLetsItBeKilled}}};
constexpr std::array<Rule, 3> kKill = {{{"two witnesses say that it is a zombie", TwoWitnesses},
                                        {"no loss needs a person", NoLossNeedsAPerson},
                                        {"the spec lets a zombie be ended", TheSpecLetsItBeKilled}}};

}  // namespace

std::span<const Rule> StartRules() { return kStart; }
std::span<const Rule> StopRules() { return kStop; }
std::span<const Rule> RestartRules() { return kRestart; }
std::span<const Rule> ZombieRules() { return kZombie; }
std::span<const Rule> KillRules() { return kKill; }

std::vector<Guard> Ask(std::span<const Rule> rules, const Picture& picture, uint32_t target) {
  std::vector<Guard> guards;
  for (const Rule& rule : rules)
    if (Answered verdict = rule.judge(picture, target)) guards.push_back({rule.name, *std::move(verdict)});
  return guards;
}

std::string WhyProposed(const Picture& picture, uint32_t target) {
  const Resolved& service = picture.service(target);
  return service.spec->zombie   ? "zombie: propose"
         : service.members == 1 ? "zombie: propose, because it is the only one"
                                : "zombie: propose, because it keeps state";
}

std::vector<uint32_t> WritesThrough(const Picture& picture, uint32_t target) {
  std::vector<uint32_t> through;
  const Resolved& own = picture.service(target);
  for (uint32_t s = 0; s < picture.layout.services.size(); ++s) {
    const Resolved& other = picture.layout.services[s];
    if (other.layer > own.layer) break;
    // A tablet server hands its tablets over through the master beside it.
    const bool beside = other.layer == own.layer && own.spec->component == ComponentName::kAccumuloTserver &&
                        other.spec->component == ComponentName::kAccumuloMaster;
    if (other.component->stop_of_others == StopOfOthers::kWritesThroughIt &&
        (other.layer < own.layer || beside))
      through.push_back(s);
  }
  return through;
}

}  // namespace holdfast::stack
