#include "examples/sandbox/scenario.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <string>

#include "controller/base/text.h"

namespace holdfast::sandbox {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string ReadWhole(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

constexpr std::string_view kGood = R"(hosts:
  - name: here
    supervisord: {socket: /tmp/x.sock, listen: "127.0.0.1:9001", user: hf, password: word}
    programs:
      - {name: redis, speaks: redis, listen: "127.0.0.1:6379", autostart: true, comesUp: 3s, behaviour: {dies: 10s}}
      - name: "web:web_127.0.0.[31-33]"
        service: web
        speaks: http
        listen: "127.0.0.[31-33]:7680"
        needs: [redis]
        behaviour: ignoresTerm
  - name: db1
    supervisord: {listen: "127.0.0.21:9001"}
    programs: [{name: redis, stopwaitsecs: 4s, behaviour: {stopsIn: 20s}}]
)";

TEST(Scenario, IsReadWithRangesAndBehaviours) {
  const ReadScenario read = ParseScenario("world.yaml", std::string(kGood));
  ASSERT_EQ(read.is, ReadScenario::Is::kFine) << specs::ProblemsText(read.problems);
  ASSERT_THAT(read.scenario.supervisords, SizeIs(2));
  EXPECT_EQ(read.scenario.supervisords[0].endpoint, "/tmp/x.sock");
  EXPECT_EQ(read.scenario.supervisords[0].user, "hf");
  EXPECT_EQ(read.scenario.supervisords[1].endpoint, "http://127.0.0.21:9001");
  ASSERT_THAT(read.scenario.roles, SizeIs(5));
  const Program redis = Behaving(read.scenario.roles[0].plain, read.scenario.roles[0].behaviour);
  EXPECT_EQ(redis.speaks, Speaks::kRedis);
  EXPECT_EQ(redis.autostart, Program::AutoStart::kYes);
  EXPECT_EQ(redis.comes_up, absl::Seconds(3));
  EXPECT_EQ(redis.dies_after, absl::Seconds(10));
  EXPECT_EQ(read.scenario.roles[0].plain.dies_after, absl::InfiniteDuration());
  const Program web = Behaving(read.scenario.roles[3].plain, read.scenario.roles[3].behaviour);
  EXPECT_EQ(web.name, "web:web_127.0.0.33");
  EXPECT_EQ(web.service, "web");
  EXPECT_EQ(web.address, "127.0.0.33");
  EXPECT_EQ(web.port, 7680);
  EXPECT_EQ(web.endpoint, "/tmp/x.sock");
  EXPECT_EQ(web.on_term, Program::OnTerm::kIgnores);
  const Program other = Behaving(read.scenario.roles[4].plain, read.scenario.roles[4].behaviour);
  EXPECT_EQ(other.host, "db1");
  EXPECT_EQ(other.goes_down, absl::Seconds(20));
}

TEST(Scenario, OfTheQuickStartIsFine) {
  std::string text = ReadWhole("examples/quickstart/sandbox.yaml.in");
  for (size_t at = 0; (at = text.find("@D@")) != std::string::npos;) text.replace(at, 3, "/tmp/x");
  const ReadScenario read = ParseScenario("sandbox.yaml", text);
  EXPECT_EQ(read.is, ReadScenario::Is::kFine) << specs::ProblemsText(read.problems);
  EXPECT_THAT(read.scenario.roles, SizeIs(6));
}

TEST(Scenario, ItsReferenceStandsInTheDocuments) {
  const std::string page = ReadWhole("docs/sandbox.md");
  std::string fields = ScenarioFields().Markdown("scenario");
  EXPECT_THAT(page, HasSubstr(fields)) << "append what `holdfast-sandbox fields` prints";
}

struct Wrong {
  std::string name;
  std::string old_text, new_text;  // in kGood
  std::string line;                // "world.yaml:5:60: HF0209"
  std::string says;
};
struct BadScenario : testing::TestWithParam<Wrong> {};

TEST_P(BadScenario, IsToldWithItsPlace) {
  std::string text(kGood);
  const size_t at = text.find(GetParam().old_text);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, GetParam().old_text.size(), GetParam().new_text);
  const ReadScenario read = ParseScenario("world.yaml", text);
  EXPECT_EQ(read.is, ReadScenario::Is::kBroken);
  EXPECT_TRUE(read.scenario.roles.empty() || !read.problems.empty());
  ASSERT_FALSE(read.problems.empty());
  EXPECT_THAT(specs::ProblemLine(read.problems[0]), HasSubstr(GetParam().line));
  EXPECT_THAT(specs::ProblemsText(read.problems), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadScenario,
    testing::Values(
        Wrong{"UnknownField", "comesUp", "comesup", "world.yaml:5:81: HF0203", "comesUp"},
        Wrong{"UnknownBehaviour", "{dies: 10s}", "{dis: 10s}", "world.yaml:5:106: HF0209",
              "did you mean `dies`"},
        Wrong{"UnknownWord", "ignoresTerm", "ignoresterm", "world.yaml:11:20: HF0209", "ignoresTerm"},
        Wrong{"UnknownNeed", "[redis]", "[reds]", "world.yaml:10:17: HF0403", "did you mean `redis`"},
        Wrong{"RangesOfTwoSizes", "[31-33]:7680", "[31-34]:7680", "world.yaml:9:17: HF0208",
              "3 programs and 4 addresses"},
        Wrong{"TheSameAddress", "127.0.0.1:6379", "127.0.0.1:9001", "world.yaml:5:46: HF0401", "first here"},
        Wrong{"TheSameHost", "name: db1", "name: here", "world.yaml:12:11: HF0401",
              "the host here is given twice"},
        Wrong{"NotLoopback", "127.0.0.1:6379", "10.0.0.1:6379", "world.yaml:5:46: HF0207", "loopback"},
        Wrong{"NoSuchPort", "127.0.0.1:6379", "127.0.0.1:70000", "world.yaml:5:46: HF0214",
              "not an address of loopback"},
        Wrong{"NoSupervisord", "{listen: \"127.0.0.21:9001\"}", "{}", "world.yaml:13:", "`socket`"},
        Wrong{"ADurationWithoutUnit", "stopwaitsecs: 4s", "stopwaitsecs: 4", "world.yaml:14:44: HF0210",
              "stopwaitsecs"},
        Wrong{"KeyTwice", "service: web", "name: web", "world.yaml:7:9: HF0107", "given twice"},
        Wrong{"TwoDocuments", "  - name: db1", "---\nhosts:\n  - name: db1", "HF0406", "one document"}),
    [](const testing::TestParamInfo<Wrong>& info) { return info.param.name; });

TEST(Scenario, NothingAndRubbishAreToldToo) {
  for (const std::string& text : {std::string(), std::string("\0\1\2", 3), std::string("hosts: []\n"),
                                  std::string("- a\n"), std::string("hosts: {a: b\n")}) {
    const ReadScenario read = ParseScenario("world.yaml", text);
    EXPECT_EQ(read.is, ReadScenario::Is::kBroken) << Excerpt(text);
    EXPECT_FALSE(read.problems.empty()) << Excerpt(text);
  }
}

TEST(Behaviour, IsReadAloneAsInAScenario) {
  const auto dies = ParseBehaviour("{dies: 3s}");
  ASSERT_TRUE(dies.ok()) << dies.status().message();
  EXPECT_EQ(Behaving({}, *dies).dies_after, absl::Seconds(3));
  EXPECT_TRUE(ParseBehaviour("normal").ok());
  const auto wrong = ParseBehaviour("{dis: 3s}");
  ASSERT_FALSE(wrong.ok());
  EXPECT_THAT(wrong.status().message(), HasSubstr("dies"));
  EXPECT_FALSE(ParseBehaviour("normal\nother: 1").ok());
  EXPECT_FALSE(ParseBehaviour("").ok());
}

}  // namespace
}  // namespace holdfast::sandbox
