// A board with one of everything that people get to see.
#pragma once

#include <absl/time/time.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/documents.h"
#include "controller/base/time_text.h"
#include "controller/engine/board.h"

namespace holdfast {

inline const absl::Time kNow = *ParseRfc3339("2026-11-20T14:11:30Z");

inline Declared DeclaredOf(std::string name, std::vector<ResourceKey> depends_on, Mode mode) {
  Declared declared;
  declared.key = {"ServiceStack", std::move(name)};
  declared.depends_on = std::move(depends_on);
  declared.modes.by_danger = {mode, mode, mode};
  declared.source = {"specs/site.yaml", "4f1c09e2b3a1d7", 12};
  return declared;
}

inline Step RestartStep() {
  return {
      .key = "stop redis@127.0.0.1#4711@1",
      .verb = "stop",
      .target = "redis@127.0.0.1",
      .action = Command{.argv = {Text("supervisorctl"), Text("stop"), Text("redis")}},
      .danger = Danger::kDisruptive,
      .guards = {{"two witnesses", Pass("alive by supervisord, PING not answered", kNow - absl::Seconds(2))},
                 {"redundancy left", Hold("1 of 1 would be left without", kNow - absl::Seconds(1))}},
      .why = "redis accepts and does not answer"};
}

inline RoundReport Report(Sight sight, Readiness::Is ready, std::string reason,
                          std::vector<Wait> waits = {}) {
  RoundReport report{.now = kNow - absl::Minutes(9),
                     .sight = sight,
                     .observed_at = kNow - absl::Seconds(3),
                     .generation = 1};
  report.readiness = {.is = ready, .reason = std::move(reason), .message = ""};
  report.waits = std::move(waits);
  report.next_check_at = kNow + absl::Seconds(12);
  return report;
}

// order: in order. db: a zombie whose restart is held by guard and gate. app: waits for db. far: cannot be
// seen.
inline void Populate(Board& board) {
  const auto put = [&](SlotId slot, const Declared& declared) {
    board.Put(slot, declared, 1, kNow - absl::Hours(2));
  };
  put(0, DeclaredOf("order", {}, Mode::kAct));
  board.Report(0, Report(Sight::kKnown, Readiness::Is::kYes, "InOrder"));

  put(1, DeclaredOf("db", {}, Mode::kPropose));
  auto shown = std::make_shared<ShownPlan>();
  shown->plan.diffs = {{"layers/data/redis@127.0.0.1", "up", "zombie"}};
  shown->plan.stages = {{.name = "restart the zombie", .steps = {RestartStep()}}};
  shown->digest = EffectDigest(shown->plan);
  shown->gates = {{{"mode", "the spec lets holdfast act on steps of this danger",
                    Hold("mode for disruptive steps is propose", kNow),
                    "holdfast apply with the plan's digest", absl::InfiniteFuture()}}};
  RoundReport held = Report(Sight::kKnown, Readiness::Is::kNo, "Zombie",
                            {{.on = Wait::On::kGate,
                              .name = "mode",
                              .detail = "mode for disruptive steps is propose",
                              .remedy = "holdfast apply with the plan's digest"},
                             {.on = Wait::On::kGuard,
                              .name = "redundancy left",
                              .detail = "1 of 1 would be left without",
                              .evidence = "fds 12 of 1024\nload 0.1"}});
  held.plan = shown;
  board.Report(1, std::move(held));

  put(2, DeclaredOf("app", {{"ServiceStack", "db"}}, Mode::kAct));
  board.Report(2, Report(Sight::kKnown, Readiness::Is::kNo, "LayerDown",
                         {{.on = Wait::On::kDependency,
                           .name = "ServiceStack/db",
                           .detail = "ServiceStack/db is not ready: Zombie"}}));

  put(3, DeclaredOf("far", {}, Mode::kAct));
  RoundReport unseen = Report(
      Sight::kUnknown, Readiness::Is::kUnknown, "NotObserved",
      {{.on = Wait::On::kObservation, .name = "host", .detail = "10.0.0.9: connect: no route to host"}});
  unseen.unknown_reason = "10.0.0.9: connect: no route to host";
  board.Report(3, std::move(unseen));
}

inline DocumentFrame FrameOfTests() { return {.now = kNow, .revision = "4f1c09e2b3a1d7"}; }

inline std::vector<HistoryEntry> SomeHistory() {
  return {{.id = 8,
           .resource = {"ServiceStack", "db"},
           .action = "start",
           .target = "redis@127.0.0.1",
           .line = "supervisorctl start redis",
           .intent_at = kNow - absl::Seconds(20),
           .outcome = Outcome::Kind::kUnknown,
           .why = "redis is down",
           .revision = "4f1c09e2b3a1d7",
           .by = "holdfast",
           .plan_digest = "3f9c01d2a4b8"},
          {.id = 7,
           .resource = {"ServiceStack", "db"},
           .action = "suspend",
           .target = "",
           .line = "suspend",
           .intent_at = kNow - absl::Hours(30),
           .outcome_at = kNow - absl::Hours(30),
           .outcome = Outcome::Kind::kDone,
           .why = "disk swap",
           .by = "user lena (uid 1000)"}};
}

}  // namespace holdfast
