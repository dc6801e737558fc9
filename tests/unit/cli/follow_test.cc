// `status -w`, `why -w` and `stop-all --freeze` against a daemon that answers as the test has written down.
#include "controller/cli/follow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <deque>
#include <map>
#include <sstream>

#include "controller/api/why.h"
#include "controller/base/text.h"
#include "controller/cli/main.h"
#include "reconcilers/kinds.h"
#include "tests/unit/api/population.h"

namespace holdfast::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// What each pause brings; when nothing is left, ^C.
struct Script {
  Board board;
  std::string epoch = "1";
  Status down;
  std::deque<std::function<void(Script&)>> happens;
  std::vector<std::string> asked;
  json::array leases;
  int signal = 0;
};

class ScriptedDaemon : public Daemon {
 public:
  explicit ScriptedDaemon(Script& script) : script_(script) {}
  Result<Answer> Get(const std::string& path, absl::Duration) override {
    script_.asked.push_back(path);
    if (script_.signal != 0) return Aborted("interrupted");
    if (!script_.down.ok()) return script_.down;
    constexpr std::string_view kChanges = "/api/v1/changes?since=";
    json::object document;
    if (path == "/api/v1/status") document = StatusDocument(script_.board, FrameOfTests());
    if (path == "/api/v1/plan") document = PlanDocument(script_.board, FrameOfTests());
    if (path == "/api/v1/leases") document["leases"] = script_.leases;
    if (path.starts_with(kChanges))
      document = ChangesDocument(script_.board, FrameOfTests(), std::stoull(path.substr(kChanges.size())));
    if (path.starts_with("/api/v1/why/")) {
      auto why =
          WhyDocument(script_.board, FrameOfTests(), {"ServiceStack", path.substr(path.rfind('/') + 1)});
      if (!why.ok()) return Answer{404, ErrorDocument(why.status(), "")};
      document = *std::move(why);
    }
    document["epoch"] = script_.epoch;
    return Answer{200, std::move(document)};
  }
  Result<Answer> Post(const std::string&, const json::object&, absl::Duration) override {
    return Answer{200, json::object{{"formatVersion", 1}, {"done", "done so"}}};
  }
  Status Pause(absl::Duration) override {
    if (script_.happens.empty()) {
      script_.signal = SIGINT;
      return Aborted("interrupted");
    }
    const auto next = std::move(script_.happens.front());
    script_.happens.pop_front();
    next(script_);
    return {};
  }
  int signal() const override { return script_.signal; }

 private:
  Script& script_;
};

struct Ran {
  int code = 0;
  std::string out, err;
  std::vector<std::string> lines() const {
    std::vector<std::string> lines = Split(out, '\n');
    if (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
  }
};

Ran Try(Script& script, const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  Surroundings surroundings{.out = out,
                            .err = err,
                            .environment = {{"HOLDFAST_STATE", "/nonexistent"}},
                            .kinds = Kinds(),
                            .version = "9.9.9",
                            .daemon = [&script](const std::string&) -> std::unique_ptr<Daemon> {
                              return std::make_unique<ScriptedDaemon>(script);
                            }};
  const int code = Main(arguments, surroundings);
  return {code, out.str(), err.str()};
}

void OrderDegrades(Script& script) {
  script.board.Report(0, Report(Sight::kKnown, Readiness::Is::kNo, "Degraded"));
}
void NothingHappens(Script&) {}

struct Follow : ::testing::Test {
  Script script;
  Follow() { Populate(script.board); }
};

TEST_F(Follow, StatusTellsEverythingOnceAndThenALineForEachChange) {
  script.happens = {NothingHappens, OrderDegrades, NothingHappens, [](Script& s) { s.board.Drop(3); }};
  const Ran ran = Try(script, {"status", "-w"});
  EXPECT_EQ(ran.code, 130);
  EXPECT_EQ(ran.err, "") << "^C is how it ends, not a failure";
  const auto lines = ran.lines();
  ASSERT_GE(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr("KIND/NAME"));
  EXPECT_THAT(lines[lines.size() - 2], HasSubstr("14:11:30  ServiceStack/order  False  Degraded"));
  EXPECT_EQ(lines.back(), "14:11:30  ServiceStack/far  gone");
}

TEST_F(Follow, InJsonEveryDocumentIsOneLine) {
  script.happens = {OrderDegrades, NothingHappens};
  const Ran ran = Try(script, {"status", "-w", "-o", "json"});
  const auto lines = ran.lines();
  ASSERT_EQ(lines.size(), 2u) << "what did not change is not told";
  const auto whole = ParseJson(lines[0]), change = ParseJson(lines[1]);
  ASSERT_TRUE(whole.ok() && change.ok());
  EXPECT_EQ(whole->at("resources").as_array().size(), 4u);
  ASSERT_EQ(change->at("resources").as_array().size(), 1u);
  EXPECT_EQ(change->at("resources").at(0).at("name").as_string(), "order");
  EXPECT_TRUE(change->at("gone").as_array().empty());
}

TEST_F(Follow, OnlyWhatIsNamedIsTold) {
  script.happens = {OrderDegrades, [](Script& s) { s.board.Drop(3); }};
  const Ran ran = Try(script, {"status", "-w", "far"});
  EXPECT_THAT(ran.out, Not(HasSubstr("order")));
  EXPECT_THAT(ran.out, HasSubstr("ServiceStack/far  gone"));
  EXPECT_EQ(Try(script, {"status", "-w", "no"}).code, 130) << "a second run is interrupted at once";
  Script fresh;
  EXPECT_EQ(Try(fresh, {"status", "-w", "no"}).code, 4);
}

TEST_F(Follow, ADaemonThatIsStartedAnewIsToldAnewAlthoughItsVersionsAreSmaller) {
  script.happens = {[](Script& s) { s.down = Unavailable("connection refused"); }, NothingHappens,
                    [](Script& s) {
                      s.down = {};
                      s.epoch = "2";
                    }};
  const Ran ran = Try(script, {"status", "-w", "-o", "json"});
  EXPECT_EQ(ran.lines().size(), 2u);
  EXPECT_THAT(ran.err, HasSubstr("waiting for it"));
  EXPECT_EQ(std::count(script.asked.begin(), script.asked.end(), "/api/v1/status"), 2);
}

TEST_F(Follow, ARestartBetweenTwoQuestionsIsNoticed) {
  script.happens = {[](Script& s) { s.epoch = "2"; }};
  EXPECT_EQ(Try(script, {"status", "-w", "-o", "json"}).lines().size(), 2u);
}

TEST_F(Follow, WithoutADaemonItFailsAtOnce) {
  script.down = Unavailable("connection refused");
  const Ran ran = Try(script, {"status", "-w"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("no daemon answers"));
}

TEST_F(Follow, DoesNotGoWithFlagsThatNeedAnEnd) {
  EXPECT_EQ(Try(script, {"status", "-w", "--exit-code"}).code, 64);
  EXPECT_EQ(Try(script, {"status", "--watch", "--not-ready"}).code, 64);
}

TEST_F(Follow, EndsCleanlyWhenNobodyReadsAnyMore) {
  struct Closed : std::streambuf {
    int overflow(int) override { return traits_type::eof(); }
  } closed;
  std::ostream out(&closed);
  std::ostringstream err;
  Surroundings surroundings{.out = out,
                            .err = err,
                            .kinds = Kinds(),
                            .version = "9.9.9",
                            .daemon = [this](const std::string&) -> std::unique_ptr<Daemon> {
                              return std::make_unique<ScriptedDaemon>(script);
                            }};
  script.happens = {OrderDegrades};
  EXPECT_EQ(Main({"status", "-w"}, surroundings), 0);
  EXPECT_EQ(script.happens.size(), 1u) << "it asked no further";
}

TEST_F(Follow, WhyIsToldAgainWhenSomethingInItsChainChanges) {
  script.happens = {OrderDegrades,
                    [](Script& s) { s.board.Report(1, Report(Sight::kKnown, Readiness::Is::kNo, "Down")); }};
  const Ran ran = Try(script, {"why", "ServiceStack/app", "-w", "-o", "json"});
  EXPECT_EQ(ran.code, 130);
  EXPECT_EQ(ran.lines().size(), 2u) << "order is not in the chain, db is";
}

TEST(Freeze, ListsEveryLeaseAlsoThoseThatNoStepNames) {
  Script script;
  script.happens = {NothingHappens};
  script.leases = {json::object{{"kind", "ServiceStack"},
                                {"name", "site"},
                                {"object", "redis@127.0.0.1"},
                                {"before", "running"},
                                {"wrote", "stopped"},
                                {"why", "restart of a zombie"},
                                {"line", "supervisorctl start redis"}}};
  const Ran ran = Try(script, {"stop-all", "--freeze"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out,
            "done so\n\nopen obligations, by hand:\n# ServiceStack/site redis@127.0.0.1: put aside for "
            "restart of a zombie; it was running, we made it stopped\nsupervisorctl start redis\n");
}

TEST(Freeze, TellsAStepThatMustFinishOnceThoughItsLeaseSaysTheSame) {
  Script script;
  script.happens = {NothingHappens, NothingHappens};
  script.board.Put(0, DeclaredOf("site", {}, Mode::kAct), 1, kNow);
  auto shown = std::make_shared<ShownPlan>();
  Step start = RestartStep();
  start.verb = "start", start.duty = Step::Duty::kMustFinish;
  Step other = start;
  other.target = "nginx",
  other.action = holdfast::Command{.argv = {Text("supervisorctl"), Text("start"), Text("nginx")}};
  shown->plan.stages = {{.name = "start", .steps = {start, other}}};
  RoundReport report = Report(Sight::kKnown, Readiness::Is::kNo, "Down");
  report.plan = shown;
  script.board.Report(0, std::move(report));
  script.leases = {json::object{{"kind", "ServiceStack"}, {"name", "site"}, {"line", Line(start.action)}}};
  const Ran ran = Try(script, {"stop-all", "--freeze"});
  const auto lines = ran.lines();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), Line(start.action)), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), Line(other.action)), 1);
  const auto document = ParseJson(Try(script, {"stop-all", "--freeze", "-o", "json"}).out);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->at("leases").as_array().size(), 1u);
}

TEST(Freeze, SaysWhenNothingIsPutAside) {
  Script script;
  script.happens = {NothingHappens};
  EXPECT_THAT(Try(script, {"stop-all", "--freeze"}).out, HasSubstr("nothing is put aside"));
}

}  // namespace
}  // namespace holdfast::cli
