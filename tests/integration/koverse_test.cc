#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "tests/integration/koverse_lab.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr absl::Duration kWhole = absl::Minutes(6);  // everything from nothing, on two shared cores
constexpr absl::Duration kOne = absl::Minutes(3);    // one process, with what is waited for before
// A changed spec forgets what earlier looks proved; a process that was never seen to serve may be starting.
constexpr absl::Duration kTaken = absl::Seconds(8);
constexpr absl::Duration kUntouched = absl::Seconds(25);  // longer than any time the spec gives

// The day of a stack, in order: each part begins where the one before ended.
struct Koverse : testing::Test {
  static void SetUpTestSuite() {
    if (!KoverseLab::WhyNot().empty()) return;
    lab = new KoverseLab;
    lab->Prepare();
    if (HasFatalFailure()) return;
    lab->Declare(KoverseLab::Up(), "propose");
    lab->StartSupervisord();
  }
  static void TearDownTestSuite() {
    delete lab;
    lab = nullptr;
  }
  void SetUp() override {
    if (lab == nullptr) GTEST_SKIP() << "skipped: " << KoverseLab::WhyNot();
    first_event = lab->Events().size();
  }
  void TearDown() override {
    if (HasFailure() && lab != nullptr) ADD_FAILURE() << Told() << lab->Why();
  }
  std::vector<ProcessEvent> EventsHere() const {
    std::vector<ProcessEvent> events = lab->Events();
    events.erase(events.begin(),
                 events.begin() + static_cast<ptrdiff_t>(std::min(first_event, events.size())));
    return events;
  }
  std::string Told() const {
    std::string text;
    for (const ProcessEvent& event : EventsHere())
      Append(text, absl::FormatTime("%H:%M:%E3S", event.at, absl::LocalTimeZone()), " ", event.state, " ",
             event.program, "\n");
    return text;
  }
  // Every program that was told to start or stop, or ended, since this part began.
  std::vector<std::string> Touched() const {
    std::vector<std::string> names;
    for (const ProcessEvent& event : EventsHere())
      if (std::ranges::count(names, event.program) == 0) names.push_back(event.program);
    return names;
  }
  // When the first or the last of these came into that state, InfiniteFuture or InfinitePast when none did.
  absl::Time First(const std::vector<std::string>& programs, const std::string& state) const {
    absl::Time first = absl::InfiniteFuture();
    for (const ProcessEvent& event : EventsHere())
      if (event.state == state && std::ranges::count(programs, event.program) > 0)
        first = std::min(first, event.at);
    return first;
  }
  absl::Time Last(const std::vector<std::string>& programs, const std::string& state) const {
    absl::Time last = absl::InfinitePast();
    for (const ProcessEvent& event : EventsHere())
      if (event.state == state && std::ranges::count(programs, event.program) > 0)
        last = std::max(last, event.at);
    return last;
  }
  static bool Serves(const std::string& program) {
    return lab->Answer(program).level == ProbeAnswer::Level::kServing;
  }
  static bool AllServe() { return std::ranges::all_of(KoverseLab::All(), Serves); }
  static bool AllRest() { return lab->Incarnations().empty(); }
  // Kills the process as a crash would.
  void KillHard(const std::string& program) const { kill(lab->PidOf(program), SIGKILL); }
  void ExpectOnlyTouched(const std::vector<std::string>& programs,
                         const std::map<std::string, std::string>& before) const {
    std::map<std::string, std::string> after = lab->Incarnations();
    for (const auto& [program, incarnation] : before)
      if (std::ranges::count(programs, program) == 0)
        EXPECT_EQ(after[program], incarnation) << program << " was to be left alone";
    EXPECT_THAT(Touched(), testing::IsSubsetOf(programs));
  }

  static inline KoverseLab* lab = nullptr;
  size_t first_event = 0;
};

TEST_F(Koverse, TotalStartUpGoesLayerByLayer) {
  ASSERT_TRUE(AllRest());
  lab->StartHoldfast();
  ASSERT_TRUE(WaitUntil([&] { return lab->IsReady(); }, kWhole));
  EXPECT_TRUE(AllServe());
  const auto& layers = KoverseLab::Layers();
  for (size_t l = 1; l < layers.size(); ++l)
    EXPECT_GT(First(layers[l], "STARTING"), Last(layers[l - 1], "RUNNING"));
  EXPECT_GT(First({"tserver_127.0.0.31", "tserver_127.0.0.32"}, "STARTING"), Last({"master"}, "RUNNING"))
      << "tablet servers need the master";
  for (const std::string& program : KoverseLab::All())
    EXPECT_EQ(First({program}, "STARTING"), Last({program}, "STARTING")) << program << " was started once";
  // The NameNode's own word: no layer was begun while it was in safe mode.
  const std::string log = lab->LogOf("namenode");
  const size_t off = log.rfind("Safe mode is OFF");
  ASSERT_NE(off, std::string::npos);
  const std::string when = log.substr(log.rfind('\n', off) + 1, 23);
  absl::Time left_safe_mode;
  ASSERT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%E*S", Cat(when.substr(0, 19), ".", when.substr(20)),
                              absl::LocalTimeZone(), &left_safe_mode, nullptr))
      << when;
  EXPECT_GT(First(layers[1], "STARTING"), left_safe_mode);
  EXPECT_THAT(lab->AccumuloShell("createtable kv\ninsert row family qualifier kept\nscan -np\n"),
              HasSubstr("kept"));
}

TEST_F(Koverse, AKilledTabletServerIsStartedAgainAndNothingElseIsTouched) {
  ASSERT_TRUE(lab->IsReady());
  const auto before = lab->Incarnations();
  KillHard("tserver_127.0.0.31");
  ASSERT_TRUE(WaitUntil([&] { return lab->See("tserver_127.0.0.31").state == ProcessState::kExited; }));
  ASSERT_TRUE(WaitUntil([&] { return Serves("tserver_127.0.0.31") && lab->IsReady(); }, kOne));
  ExpectOnlyTouched({"tserver_127.0.0.31"}, before);
  EXPECT_GE(First({"tserver_127.0.0.31"}, "STARTING") - First({"tserver_127.0.0.31"}, "EXITED"),
            absl::Seconds(19))
      << "the others take over its tablets first";
}

TEST_F(Koverse, AKilledDataNodeIsStartedAgainAndNothingElseIsTouched) {
  ASSERT_TRUE(lab->IsReady());
  const auto before = lab->Incarnations();
  KillHard("datanode_127.0.0.32");
  ASSERT_TRUE(WaitUntil([&] { return lab->See("datanode_127.0.0.32").state == ProcessState::kExited; }));
  ASSERT_TRUE(WaitUntil([&] { return Serves("datanode_127.0.0.32") && lab->IsReady(); }, kOne));
  ExpectOnlyTouched({"datanode_127.0.0.32"}, before);
  EXPECT_TRUE(WaitUntil([&] { return lab->Answer("namenode").facts["liveDataNodes"] == "2"; }, kOne));
  EXPECT_EQ(lab->Answer("namenode").facts["missingBlocks"], "0");
}

TEST_F(Koverse, AFrozenTabletServerIsOnlyProposedWhereTheSpecSaysSo) {
  ASSERT_TRUE(lab->IsReady());
  const auto before = lab->Incarnations();
  const pid_t frozen = lab->PidOf("tserver_127.0.0.32");
  kill(frozen, SIGSTOP);
  EXPECT_TRUE(WaitUntil([&] { return lab->Why().find("is a zombie") != std::string::npos; }, kOne));
  EXPECT_EQ(lab->Answer("tserver_127.0.0.32").level, ProbeAnswer::Level::kConnects);
  absl::SleepFor(kUntouched);
  EXPECT_THAT(EventsHere(), IsEmpty()) << "nobody allowed to end it";
  EXPECT_THAT(lab->Why(), HasSubstr("zombie: act")) << "the remedy";
  // Continued, it finds that it has lost its lock, and ends by itself: an ordinary start follows.
  kill(frozen, SIGCONT);
  ASSERT_TRUE(WaitUntil(
      [&] {
        return lab->PidOf("tserver_127.0.0.32") != frozen && Serves("tserver_127.0.0.32") && lab->IsReady();
      },
      kOne));
  ExpectOnlyTouched({"tserver_127.0.0.32"}, before);
}

TEST_F(Koverse, AFrozenTabletServerIsEndedByTwoWitnessesWhereTheSpecLetsIt) {
  ASSERT_TRUE(lab->IsReady());
  const auto before = lab->Incarnations();
  lab->Declare(KoverseLab::Up(), "act");
  absl::SleepFor(kTaken);
  const pid_t frozen = lab->PidOf("tserver_127.0.0.32");
  const absl::Time since = absl::Now();
  kill(frozen, SIGSTOP);
  ASSERT_TRUE(WaitUntil(
      [&] {
        return lab->PidOf("tserver_127.0.0.32") != frozen && Serves("tserver_127.0.0.32") && lab->IsReady();
      },
      kOne));
  EXPECT_FALSE(IsAlive(frozen));
  ExpectOnlyTouched({"tserver_127.0.0.32"}, before);
  EXPECT_GE(First({"tserver_127.0.0.32"}, "STOPPING") - since, absl::Seconds(10)) << "its queue may drain";
  EXPECT_GE(First({"tserver_127.0.0.32"}, "STARTING") - First({"tserver_127.0.0.32"}, "STOPPED"),
            absl::Seconds(19))
      << "the others take over its tablets first";
  EXPECT_THAT(lab->AccumuloShell("scan -t kv -np\n"), HasSubstr("kept"));
}

TEST_F(Koverse, TheOnlyNameNodeIsNotStartedByItselfWhileWhatDependsOnItRuns) {
  ASSERT_TRUE(lab->IsReady());
  const auto before = lab->Incarnations();
  KillHard("namenode");
  EXPECT_TRUE(WaitUntil([&] { return lab->Why().find("data may be lost") != std::string::npos; }, kOne));
  absl::SleepFor(kUntouched);
  EXPECT_THAT(Touched(), testing::ElementsAre("namenode")) << "its end, and nothing after it";
  EXPECT_THAT(EventsHere(), testing::SizeIs(1));
  lab->Apply();
  ASSERT_TRUE(WaitUntil([&] { return Serves("namenode") && lab->IsReady(); }, kOne));
  ExpectOnlyTouched({"namenode"}, before);
}

TEST_F(Koverse, TotalShutdownGoesFromTheTop) {
  ASSERT_TRUE(lab->IsReady());
  lab->Declare("  state: down\n  indefinite: true\n  reason: the end of the day\n", "act");
  ASSERT_TRUE(WaitUntil(AllRest, kWhole));
  const auto& layers = KoverseLab::Layers();
  for (size_t l = 0; l + 1 < layers.size(); ++l)
    EXPECT_GT(First(layers[l], "STOPPING"), Last(layers[l + 1], "STOPPED")) << "layer " << l + 1;
  EXPECT_GT(First({"master"}, "STOPPING"), Last({"tserver_127.0.0.31", "tserver_127.0.0.32"}, "STOPPED"))
      << "tablets are handed over through the master";
  EXPECT_EQ(First(KoverseLab::All(), "STARTING"), absl::InfiniteFuture());
  EXPECT_THAT(Touched(), testing::UnorderedElementsAreArray(KoverseLab::All()));
}

TEST_F(Koverse, TheDataIsThereOnTheNextDay) {
  ASSERT_TRUE(AllRest());
  lab->Declare(KoverseLab::Up(), "act");
  ASSERT_TRUE(WaitUntil([&] { return lab->IsReady(); }, kWhole));
  const auto& layers = KoverseLab::Layers();
  for (size_t l = 1; l < layers.size(); ++l)
    EXPECT_GT(First(layers[l], "STARTING"), Last(layers[l - 1], "RUNNING"));
  EXPECT_THAT(lab->AccumuloShell("scan -t kv -np\n"), HasSubstr("kept"));
}

}  // namespace
}  // namespace holdfast::clients
