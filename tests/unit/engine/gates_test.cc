#include "controller/engine/gates.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/engine/round.h"

namespace holdfast {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

struct RatedDoors : Doors {
  Task<Outcome> Perform(Action, absl::Duration) override { co_return Outcome{}; }
  absl::Duration RoomIn(const Action&) override {
    ++asked;
    return room;
  }
  absl::Duration room;
  int asked = 0;
};

// What a gate looks at, changeable; the defaults let everything go.
struct Facts {
  Settings settings;
  absl::Time observed_at = kNow;
  Modes modes{{Mode::kAct, Mode::kAct, Mode::kAct}};
  Past past;
  Expectations expectations;
  SpecTrouble trouble;
  Boxed<SuspensionSet> suspension;
  Boxed<ApprovalGiven> approval;
  StopAllSet stop_all;
  mutable RatedDoors doors;
  std::vector<UnmetDependency> unmet;
  std::optional<std::string> sick;
  std::string journal_trouble;
  absl::Time backoff_until = absl::InfinitePast();
  std::string apply_line;

  GateFacts Get() const {
    return {.now = kNow,
            .settings = settings,
            .observed_at = observed_at,
            .modes = modes,
            .past = past,
            .expectations = expectations,
            .trouble = trouble,
            .suspension = suspension,
            .approval = approval,
            .stop_all = stop_all,
            .doors = doors,
            .unmet = unmet,
            .sick = sick,
            .journal_trouble = journal_trouble,
            .backoff_until = backoff_until,
            .backoff_why = "refused before",
            .apply_line = apply_line};
  }
};

Step Disruptive(std::string key = "stop redis#1") {
  return {.key = std::move(key),
          .verb = "stop",
          .target = "redis",
          .action = Command{.argv = {"stop-redis"}},
          .danger = Danger::kDisruptive,
          .why = "restart"};
}
Step MustFinish() {
  Step step = Disruptive("start redis#1");
  step.danger = Danger::kReversible;
  step.duty = Step::Duty::kMustFinish;
  return step;
}
Step Metered() {
  Step step = MustFinish();
  step.meter = Meter{"start redis", 2, absl::Hours(1), absl::Minutes(5)};
  return step;
}
Attempt DoneAt(const std::string& key, absl::Duration ago, const std::string& meter = "") {
  return {key, meter, kNow - ago, {Outcome::Kind::kDone, "", ""}};
}

// The gates that hold this step.
std::vector<std::string> Held(const Facts& facts, const Step& step) {
  Plan plan;
  plan.stages.push_back({.name = "s", .steps = {step}});
  const Choice choice = Choose(plan, facts.Get());
  std::vector<std::string> names;
  for (const ShownGate& gate : choice.gates[0]) names.emplace_back(gate.name);
  EXPECT_EQ(choice.go.empty(), !names.empty());
  return names;
}

struct Row {
  const char* name;
  std::function<void(Facts&)> given;
  std::function<Step()> step;
  std::vector<std::string> held;
};

class GateTable : public testing::TestWithParam<Row> {};

TEST_P(GateTable, Holds) {
  Facts facts;
  GetParam().given(facts);
  EXPECT_EQ(Held(facts, GetParam().step()), GetParam().held);
}

const Row kRows[] = {
    {"NothingInTheWay", [](Facts&) {}, [] { return Disruptive(); }, {}},
    {"TheDefaultModeIsObserve", [](Facts& f) { f.modes = {}; }, [] { return Disruptive(); }, {"mode"}},
    {"ModeIsByDanger",
     [](Facts& f) { f.modes.by_danger = {Mode::kObserve, Mode::kAct, Mode::kObserve}; },
     [] { return Disruptive(); },
     {}},
    {"ObligationsPassMode", [](Facts& f) { f.modes = {}; }, [] { return MustFinish(); }, {}},
    {"Suspended",
     [](Facts& f) {
       f.suspension = SuspensionSet{.owner = "lena", .reason = "disk", .until = absl::InfiniteFuture()};
     },
     [] { return Disruptive(); },
     {"suspend"}},
    {"SuspensionEnds",
     [](Facts& f) { f.suspension = SuspensionSet{.owner = "lena", .until = kNow}; },
     [] { return Disruptive(); },
     {}},
    {"ObligationsPassSuspend",
     [](Facts& f) { f.suspension = SuspensionSet{.owner = "lena", .until = absl::InfiniteFuture()}; },
     [] { return MustFinish(); },
     {}},
    {"StopAll",
     [](Facts& f) { f.stop_all.reach = StopAllSet::Reach::kNewSteps; },
     [] { return Disruptive(); },
     {"stop-all"}},
    {"ObligationsPassStopAll",
     [](Facts& f) { f.stop_all.reach = StopAllSet::Reach::kNewSteps; },
     [] { return MustFinish(); },
     {}},
    {"FreezeHoldsObligations",
     [](Facts& f) { f.stop_all.reach = StopAllSet::Reach::kFreeze; },
     [] { return MustFinish(); },
     {"stop-all"}},
    {"DisputedSpec",
     [](Facts& f) { f.trouble.effect = SpecTrouble::Effect::kHoldsSteps; },
     [] { return Disruptive(); },
     {"spec"}},
    {"TroubleThatOnlyInforms",
     [](Facts& f) { f.trouble.waits.push_back({}); },
     [] { return Disruptive(); },
     {}},
    {"UnmetDependency",
     [](Facts& f) { f.unmet.push_back({{"ServiceStack", "db"}, "is not ready"}); },
     [] { return Disruptive(); },
     {"dependsOn"}},
    {"OwnSicknessHoldsEverything",
     [](Facts& f) { f.sick = "41 of 100 targets are silent"; },
     [] { return MustFinish(); },
     {"own-health"}},
    {"JournalTroubleHoldsEverything",
     [](Facts& f) { f.journal_trouble = "no space"; },
     [] { return MustFinish(); },
     {"journal"}},
    {"Backoff",
     [](Facts& f) { f.backoff_until = kNow + absl::Seconds(3); },
     [] { return Disruptive(); },
     {"backoff"}},
    {"OldFacts",
     [](Facts& f) { f.observed_at = kNow - absl::Seconds(6); },
     [] { return Disruptive(); },
     {"freshness"}},
    {"OldFactsAreGoodEnoughForReversibleSteps",
     [](Facts& f) { f.observed_at = kNow - absl::Seconds(6); },
     [] { return MustFinish(); },
     {}},
    {"OldGuard",
     [](Facts&) {},
     [] {
       Step s = Disruptive();
       s.guards.push_back({"redundancy", Pass("2 of 3", kNow - absl::Seconds(9))});
       return s;
     },
     {"freshness"}},
    {"Unseen",
     [](Facts& f) { f.expectations.Wrote(Disruptive("stop nginx#2"), kNow - absl::Seconds(1)); },
     [] { return Disruptive(); },
     {"expectation"}},
    {"FightAfterThreeTimes",
     [](Facts& f) {
       for (int i : {30, 20, 10}) f.past.attempts.push_back(DoneAt(Cat("stop redis#", i), absl::Minutes(i)));
     },
     [] { return Disruptive("stop redis#99"); },
     {"fight"}},
    {"TwiceIsNoFight",
     [](Facts& f) {
       for (int i : {20, 10}) f.past.attempts.push_back(DoneAt("stop redis#1", absl::Minutes(i)));
     },
     [] { return Disruptive(); },
     {}},
    {"WhatWeUndidOurselvesIsNoFight",
     [](Facts& f) {
       for (int i : {40, 30, 20, 10}) {
         f.past.attempts.push_back(DoneAt("start redis#1", absl::Minutes(i)));
         f.past.attempts.push_back(DoneAt("stop redis#1", absl::Minutes(i - 1)));
       }
       for (Attempt& a : f.past.attempts) a.target = "redis";
     },
     [] {
       Step s = Disruptive("stop redis#99");
       s.target = "redis";
       return s;
     },
     {}},
    {"OldTimesAreNoFight",
     [](Facts& f) {
       for (int i : {90, 80, 10}) f.past.attempts.push_back(DoneAt("stop redis#1", absl::Minutes(i)));
     },
     [] { return Disruptive(); },
     {}},
    {"WhatMayNotHaveHappenedIsNoFight",
     [](Facts& f) {
       for (int i : {30, 20, 10}) f.past.attempts.push_back(DoneAt("stop redis#1", absl::Minutes(i)));
       for (Attempt& a : f.past.attempts) a.outcome.kind = Outcome::Kind::kUnknown;
     },
     [] { return Disruptive(); },
     {}},
    {"MeterForgetsWhatIsLongerAgo",
     [](Facts& f) {
       for (int i : {70, 65}) f.past.attempts.push_back(DoneAt("x", absl::Minutes(i), "start redis"));
     },
     Metered,
     {}},
    {"MeterIsUsedUp",
     [](Facts& f) {
       for (int i : {30, 20}) f.past.attempts.push_back(DoneAt("x", absl::Minutes(i), "start redis"));
     },
     Metered,
     {"meter"}},
    {"MeterWantsAGap",
     [](Facts& f) { f.past.attempts.push_back(DoneAt("x", absl::Minutes(4), "start redis")); },
     Metered,
     {"meter"}},
    {"TheRateHasNoRoom",
     [](Facts& f) { f.doors.room = absl::Minutes(1); },
     [] { return Disruptive(); },
     {"rate"}},
    {"TheRateHasRoomSoon",
     [](Facts& f) { f.doors.room = absl::Seconds(19); },
     [] { return Disruptive(); },
     {}},
    {"ObligationsPassTheRate", [](Facts& f) { f.doors.room = absl::Minutes(1); }, MustFinish, {}},
    {"MeterLetsGo",
     [](Facts& f) { f.past.attempts.push_back(DoneAt("x", absl::Minutes(6), "start redis")); },
     Metered,
     {}},
};
INSTANTIATE_TEST_SUITE_P(Gates, GateTable, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

ApprovalGiven Approve(const Step& step) {
  return {.by = "lena",
          .steps = {{step.key, Digest(step.action)}},
          .at = kNow - absl::Minutes(1),
          .until = kNow + absl::Hours(1)};
}

TEST(Gates, WhatDoesNotGoAnywayTakesNoPlaceInTheLine) {
  Facts facts;
  facts.doors.room = absl::Minutes(1);
  facts.modes = {};
  EXPECT_EQ(Held(facts, Disruptive()), std::vector<std::string>{"mode"});
  facts.modes = {{Mode::kAct, Mode::kAct, Mode::kAct}};
  Plan plan;
  plan.stages.push_back({.name = "s", .steps = {Disruptive()}});
  plan.stages[0].steps[0].guards = {{"a rule", Hold("no", kNow)}};
  Choose(plan, facts.Get());
  EXPECT_EQ(facts.doors.asked, 0);
  plan.stages[0].steps[0].guards = {};
  const Choice choice = Choose(plan, facts.Get());
  EXPECT_EQ(facts.doors.asked, 1);
  ASSERT_EQ(choice.waits.size(), 1u);
  EXPECT_EQ(choice.waits[0].on, Wait::On::kProgress) << "it is under way: --once waits for it";
  EXPECT_LT(choice.look_again, kNow + absl::Minutes(1));
}

TEST(Gates, ProposedStepsGoOnlyWithTheirOwnEffect) {
  Facts facts;
  facts.modes.by_danger = {Mode::kPropose, Mode::kPropose, Mode::kPropose};
  EXPECT_EQ(Held(facts, Disruptive()), std::vector<std::string>{"mode"});
  facts.approval = Approve(Disruptive());
  EXPECT_TRUE(Held(facts, Disruptive()).empty());
  Step other = Disruptive();
  other.action = Command{.argv = {"stop-redis", "--now"}};
  EXPECT_EQ(Held(facts, other), std::vector<std::string>{"mode"})
      << "the same key with another effect was not let go";
  facts.approval->until = kNow;
  EXPECT_EQ(Held(facts, Disruptive()), std::vector<std::string>{"mode"});
}

TEST(Gates, AnApprovalLetsAStepGoOnce) {
  Facts facts;
  facts.modes.by_danger = {Mode::kPropose, Mode::kPropose, Mode::kPropose};
  facts.approval = Approve(Disruptive());
  facts.past.attempts.push_back(DoneAt("stop redis#1", absl::Seconds(30)));
  EXPECT_EQ(Held(facts, Disruptive()), std::vector<std::string>{"mode"});
  facts.past.attempts.back().outcome.kind = Outcome::Kind::kRefused;
  EXPECT_TRUE(Held(facts, Disruptive()).empty()) << "what was refused was not done";
}

TEST(Gates, AStepThatTakesAPersonsWordGoesOnlyWithIt) {
  Facts facts;
  facts.apply_line = "holdfast apply ServiceStack/db --digest 0123456789ab";
  Step step = Disruptive();
  step.consent = Step::Consent::kPerson;
  ASSERT_EQ(Held(facts, step), std::vector<std::string>{"mode"}) << "mode: act is not enough";
  Plan plan;
  plan.stages.push_back({.name = "s", .steps = {step}});
  const Choice choice = Choose(plan, facts.Get());
  ASSERT_EQ(choice.waits.size(), 1u);
  EXPECT_EQ(choice.waits[0].detail, "only a person lets this go: restart");
  EXPECT_EQ(choice.waits[0].remedy, facts.apply_line) << "the line to paste";

  facts.approval = Approve(step);
  EXPECT_TRUE(Held(facts, step).empty());
  facts.past.attempts.push_back(DoneAt(step.key, absl::Seconds(30)));
  EXPECT_EQ(Held(facts, step), std::vector<std::string>{"mode"}) << "each step once";
}

TEST(Gates, WhatMustBeFinishedWantsNobodysWord) {
  const Modes propose{{Mode::kPropose, Mode::kPropose, Mode::kPropose}};
  EXPECT_TRUE(WantsApproval(Disruptive(), propose));
  EXPECT_FALSE(WantsApproval(MustFinish(), propose));
}

TEST(Gates, WhereNothingGoesAPersonsWordLetsNothingGo) {
  Facts facts;
  facts.modes = {};
  Step step = Disruptive();
  step.consent = Step::Consent::kPerson;
  facts.approval = Approve(step);
  EXPECT_EQ(Held(facts, step), std::vector<std::string>{"mode"});
  facts.modes.by_danger = {Mode::kPropose, Mode::kPropose, Mode::kPropose};
  EXPECT_TRUE(Held(facts, step).empty());
}

TEST(Gates, WhatEndsAnExposureAsksNobody) {
  Facts facts;
  Step step = MustFinish();
  step.consent = Step::Consent::kPerson;
  EXPECT_TRUE(Held(facts, step).empty());
}

TEST(Gates, AreNamedOnceAndSaySomething) {
  std::set<std::string_view> names;
  for (const Gate& gate : Gates()) {
    EXPECT_TRUE(names.insert(gate.name).second) << gate.name;
    EXPECT_GT(gate.sentence.size(), 10u) << gate.name;
  }
}

TEST(Choose, LetsOneDisruptiveStepGoAndAllOthers) {
  Facts facts;
  Plan plan;
  Step start = MustFinish();
  plan.stages.push_back({.name = "s", .steps = {Disruptive("stop a#1"), start, Disruptive("stop b#1")}});
  EXPECT_EQ(Choose(plan, facts.Get()).go, (std::vector<size_t>{0, 1}));
  plan.stages[0].pace = Stage::Pace::kDeclaredOutage;
  EXPECT_EQ(Choose(plan, facts.Get()).go, (std::vector<size_t>{0, 1, 2}));
}

TEST(Choose, NeverLetsAStepGoWhoseGuardCannotTell) {
  Facts facts;
  Plan plan;
  Step step = Disruptive();
  step.guards.push_back({"redundancy left", CannotTell("host db3 did not answer", kNow)});
  plan.stages.push_back({.name = "s", .steps = {step}});
  const Choice choice = Choose(plan, facts.Get());
  EXPECT_TRUE(choice.go.empty());
  ASSERT_EQ(choice.waits.size(), 1u);
  EXPECT_EQ(choice.waits[0].on, Wait::On::kGuard);
  EXPECT_EQ(choice.waits[0].name, "redundancy left");
  EXPECT_EQ(choice.waits[0].detail, "cannot tell: host db3 did not answer");
  step.guards[0].verdict = {};
  plan.stages[0].steps[0] = step;
  EXPECT_TRUE(Choose(plan, facts.Get()).go.empty()) << "a verdict that was never given holds";
}

TEST(Choose, AsksForAFreshLookWhenOnlyAgeIsInTheWay) {
  Facts facts;
  facts.observed_at = kNow - absl::Seconds(6);
  Plan plan;
  plan.stages.push_back({.name = "s", .steps = {Disruptive()}});
  EXPECT_EQ(Choose(plan, facts.Get()).look, Choice::Look::kFreshNow);
  facts.modes = {};
  EXPECT_EQ(Choose(plan, facts.Get()).look, Choice::Look::kAsPlanned) << "observe mode must not spin";
}

TEST(Choose, TellsFreezeWithTheLineToPaste) {
  Facts facts;
  facts.stop_all = {.reach = StopAllSet::Reach::kFreeze, .owner = "lena", .reason = "fire"};
  Plan plan;
  plan.stages.push_back({.name = "s", .steps = {MustFinish()}});
  const Choice choice = Choose(plan, facts.Get());
  ASSERT_EQ(choice.waits.size(), 1u);
  EXPECT_EQ(choice.waits[0].detail, "stop-all by lena: fire");
  EXPECT_NE(choice.waits[0].remedy.find("stop-redis"), std::string::npos) << choice.waits[0].remedy;
}

}  // namespace
}  // namespace holdfast
