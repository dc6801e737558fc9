#include "controller/cli/main.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "controller/api/why.h"
#include "controller/base/text.h"
#include "controller/cli/completion.h"
#include "controller/cli/exit_codes.h"
#include "reconcilers/kinds.h"
#include "tests/unit/api/population.h"

namespace holdfast::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Answers from a populated board; what it was told to change is kept.
struct FakeDaemon : Daemon {
  static inline Status down;                  // what every question gets instead of an answer
  static inline Status refuses;               // what every change gets
  static inline int interrupted_by = 0;
  static inline std::vector<std::pair<std::string, json::object>> posted;

  static void Reset() { down = {}, refuses = {}, interrupted_by = 0, posted.clear(); }

  Result<Answer> Get(const std::string& path, absl::Duration) override {
    if (interrupted_by != 0) return Aborted("interrupted");
    if (!down.ok()) return down;
    Board board;
    Populate(board);
    if (path == "/api/v1/status") return Answer{200, StatusDocument(board, FrameOfTests())};
    const size_t slash = path.rfind('/');
    const ResourceKey key{"ServiceStack", path.substr(slash + 1)};
    const auto document = path.starts_with("/api/v1/why/")    ? WhyDocument(board, FrameOfTests(), key)
                          : path.starts_with("/api/v1/plan/") ? PlanDocument(board, FrameOfTests(), key)
                                                              : Result<json::object>(HistoryDocument(SomeHistory()));
    if (document.ok()) return Answer{200, *document};
    return Answer{404, ErrorDocument(document.status(), "")};
  }
  Result<Answer> Post(const std::string& path, const json::object& body, absl::Duration) override {
    if (!down.ok()) return down;
    posted.emplace_back(path, body);
    if (!refuses.ok()) return Answer{409, ErrorDocument(refuses, "")};
    return Answer{200, json::object{{"formatVersion", 1}, {"done", "done so"}}};
  }
  Status Pause(absl::Duration) override { return interrupted_by == 0 ? Status() : Status(Code::kAborted, "interrupted"); }
  int signal() const override { return interrupted_by; }
};

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran Run(const std::vector<std::string>& arguments, std::map<std::string, std::string> environment = {}) {
  std::ostringstream out, err;
  environment.emplace("HOLDFAST_STATE", "/nonexistent/state");
  Surroundings surroundings{.out = out, .err = err, .environment = std::move(environment), .kinds = Kinds(), .version = "9.9.9",
                            .daemon = [](const std::string&) -> std::unique_ptr<Daemon> { return std::make_unique<FakeDaemon>(); }};
  Ran ran;
  ran.code = Main(arguments, surroundings);
  ran.out = out.str(), ran.err = err.str();
  return ran;
}

class Cli : public ::testing::Test {
 protected:
  void SetUp() override {
    FakeDaemon::Reset();
    std::string pattern = std::filesystem::temp_directory_path() / "holdfast-cli-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  std::string directory_;
};

constexpr const char* kBroken = "apiVersion: holdfast/v1\nkind: ServiceStac\nmetadata: {name: x}\nspec: {}\n";

// One test for each row of the table of exit codes.
TEST_F(Cli, Exit0_Done) { EXPECT_EQ(Run({"version"}).code, 0); }

TEST_F(Cli, Exit1_FailedAndDiffFoundDifferences) {
  Write("a.yaml", kBroken);
  const Ran ran = Run({"validate", directory_});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("ServiceStack"));
  EXPECT_EQ(Run({"diff", "ServiceStack/db"}).code, 1);
  EXPECT_EQ(Run({"diff", "ServiceStack/order"}).code, 0);
}

TEST_F(Cli, Exit2_ChangesAndDiffTrouble) {
  Write("stack.yaml", R"(apiVersion: holdfast/v1
kind: ServiceStack
metadata: {name: site}
policy: {mode: act}
spec:
  state: up
  layers:
    - name: one
      services:
        - {name: worker, hosts: [localhost], control: {command: {start: ["true"], stop: ["true"], status: ["false"]}}, probe: none}
)");
  const Ran ran = Run({"plan", "--specs", directory_, "--detailed-exitcode", "--timeout", "5s", "-o", "json"});
  EXPECT_EQ(ran.code, 2) << ran.out << ran.err;
  EXPECT_EQ(Run({"plan", "--specs", directory_, "--timeout", "5s"}).code, 0);
  EXPECT_EQ(Run({"diff", "ServiceStack/far"}).code, 2);
  FakeDaemon::down = NotFound("no such file");
  EXPECT_EQ(Run({"diff", "ServiceStack/db"}).code, 2);
}

TEST_F(Cli, Exit3_KnownButNotReady) {
  EXPECT_EQ(Run({"status", "--exit-code"}).code, 3);
  EXPECT_EQ(Run({"status", "order", "--exit-code"}).code, 0);
  const Ran ran = Run({"wait", "db", "--timeout", "0s"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, HasSubstr("gate mode"));
}

TEST_F(Cli, Exit4_NoSuch) {
  EXPECT_EQ(Run({"why", "ServiceStack/no"}).code, 4);
  EXPECT_EQ(Run({"explain", "ServiceStac"}).code, 4);
  EXPECT_EQ(Run({"schema", "Nothing"}).code, 4);
  EXPECT_EQ(Run({"journal", "verify", "--state", directory_}).code, 4);
  const Ran ran = Run({"status", "oder"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("did you mean order?"));
}

TEST_F(Cli, Exit5_RefusedByARule) {
  FakeDaemon::refuses = FailedPrecondition("the plan is another by now");
  const Ran ran = Run({"apply", "db", "--digest", "0123456789ab"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.err, HasSubstr("another by now"));
}

TEST_F(Cli, Exit6_NotPermitted) {
  FakeDaemon::down = PermissionDenied("/run/holdfast.sock: Permission denied");
  EXPECT_EQ(Run({"status"}).code, 6);
  EXPECT_EQ(Run({"resume", "db"}).code, 6);
}

TEST_F(Cli, Exit7_TimedOutOrNotKnown) {
  EXPECT_EQ(Run({"wait", "db", "--timeout", "1ms"}).code, 7);
  EXPECT_EQ(Run({"status", "far", "--exit-code"}).code, 7);
  FakeDaemon::down = DeadlineExceeded("no answer in 30s");
  EXPECT_EQ(Run({"status"}).code, 7);
}

TEST_F(Cli, Exit64_WrongUsage) {
  EXPECT_EQ(Run({}).code, 64);
  EXPECT_EQ(Run({"why"}).code, 64);
  EXPECT_EQ(Run({"version", "extra"}).code, 64);
  EXPECT_EQ(Run({"status", "-o", "yaml"}).code, 64);
  EXPECT_EQ(Run({"status", "--timeout", "soon"}).code, 64);
  EXPECT_EQ(Run({"suspend", "db"}).code, 64);
  EXPECT_EQ(Run({"suspend", "--reason", "x"}).code, 64);
  EXPECT_EQ(Run({"apply", "db", "--digest", "12"}).code, 64);
  EXPECT_EQ(Run({"wait", "db", "--for", "condition=Reddy"}).code, 64);
  EXPECT_EQ(Run({"status", "--config", "/nonexistent"}).code, 64);
}

TEST_F(Cli, Exit130And143_InterruptedAndTerminated) {
  FakeDaemon::interrupted_by = SIGINT;
  const Ran ran = Run({"wait", "db"});
  EXPECT_EQ(ran.code, 130);
  EXPECT_THAT(ran.err, HasSubstr("goes on there"));
  FakeDaemon::interrupted_by = SIGTERM;
  EXPECT_EQ(Run({"wait", "db"}).code, 143);
}

TEST_F(Cli, SuggestsCommandsFlagsAndTopics) {
  EXPECT_THAT(Run({"plna"}).err, HasSubstr("did you mean `holdfast plan`?"));
  EXPECT_THAT(Run({"status", "--exitcode"}).err, HasSubstr("did you mean `--exit-code`?"));
  EXPECT_THAT(Run({"help", "exit-code"}).err, HasSubstr("did you mean `holdfast help exit-codes`?"));
  EXPECT_THAT(Run({"journal"}).err, HasSubstr("holdfast journal verify"));
}

TEST_F(Cli, EveryCommandHasHelpOnStandardOutput) {
  for (const Command& command : Commands()) {
    std::vector<std::string> words;
    for (const std::string& word : Split(command.name, ' ')) words.push_back(word);
    words.push_back("--help");
    const Ran ran = Run(words);
    EXPECT_EQ(ran.code, 0) << command.name;
    EXPECT_THAT(ran.out, HasSubstr(std::string(command.summary)));
    EXPECT_EQ(ran.err, "");
  }
  EXPECT_THAT(Run({"help", "environment"}).out, HasSubstr("HOLDFAST_SOCKET"));
  EXPECT_THAT(Run({"--help"}).out, HasSubstr("journal verify"));
}

TEST_F(Cli, GlobalFlagsMayStandBeforeTheCommand) {
  const Ran ran = Run({"-o", "json", "version"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("\"formatVersion\": 1"));
}

TEST_F(Cli, WithoutADaemonTheRemedyIsSaid) {
  FakeDaemon::down = Unavailable("connection refused");
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{{"status"}, {"wait", "db"}, {"stop-all"}, {"history"}}) {
    const Ran ran = Run(line);
    EXPECT_EQ(ran.code, 1) << line[0];
    EXPECT_THAT(ran.err, HasSubstr("no daemon answers")) << line[0];
    EXPECT_THAT(ran.err, HasSubstr("help: ")) << line[0];
  }
}

TEST_F(Cli, ChangesAreSentWithReasonAndEnd) {
  EXPECT_EQ(Run({"suspend", "ServiceStack/db", "--reason", "disk swap", "--until", "2026-11-21T10:00:00Z"}).code, 0);
  ASSERT_EQ(FakeDaemon::posted.size(), 1u);
  EXPECT_EQ(FakeDaemon::posted[0].first, "/api/v1/suspend");
  EXPECT_EQ(Compact(FakeDaemon::posted[0].second),
            R"({"reason":"disk swap","until":"2026-11-21T10:00:00Z","kind":"ServiceStack","name":"db"})");
  FakeDaemon::posted.clear();
  EXPECT_EQ(Run({"resume", "--all"}).code, 0);
  EXPECT_EQ(FakeDaemon::posted.size(), 4u);
  EXPECT_EQ(Run({"stop-all", "--freeze", "--reason", "x"}).code, 0);
  EXPECT_TRUE(FakeDaemon::posted.back().second.at("freeze").as_bool());
}

TEST_F(Cli, FlagsWinOverTheEnvironmentAndThatOverTheConfigFile) {
  const std::string config = Write("holdfast.yaml", "output: json\nsocket: /from/file\n");
  EXPECT_THAT(Run({"version", "--config", config}).out, HasSubstr("formatVersion"));
  EXPECT_THAT(Run({"version"}, {{"HOLDFAST_CONFIG", config}}).out, HasSubstr("formatVersion"));
  EXPECT_THAT(Run({"version"}, {{"HOLDFAST_CONFIG", config}, {"HOLDFAST_OUTPUT", "text"}}).out, Not(HasSubstr("formatVersion")));
  EXPECT_THAT(Run({"version", "-o", "text", "--config", config}).out, Not(HasSubstr("formatVersion")));
  const Ran ran = Run({"version", "--config", Write("bad.yaml", "spces: x\n")});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("bad.yaml:1:1: there is no setting `spces`; did you mean `specs`?"));
}

TEST_F(Cli, ColoursFollowTheFlagThenTheEnvironment) {
  EXPECT_THAT(Run({"status"}).out, Not(HasSubstr("\033[")));
  EXPECT_THAT(Run({"status"}, {{"FORCE_COLOR", "1"}}).out, HasSubstr("\033["));
  EXPECT_THAT(Run({"status"}, {{"FORCE_COLOR", "1"}, {"NO_COLOR", "1"}}).out, Not(HasSubstr("\033[")));
  EXPECT_THAT(Run({"status", "--color", "always"}, {{"NO_COLOR", "1"}}).out, HasSubstr("\033["));
}

TEST_F(Cli, ValidateAnswersInThreeForms) {
  Write("a.yaml", kBroken);
  EXPECT_THAT(Run({"validate", directory_}).out, HasSubstr("error[HF0302]"));
  EXPECT_THAT(Run({"validate", directory_, "-o", "github"}).out, HasSubstr("::error file="));
  const auto document = ParseJson(Run({"validate", directory_, "-o", "json"}).out);
  ASSERT_TRUE(document.ok());
  EXPECT_FALSE(document->at("valid").as_bool());
  for (const char* field : {"code", "severity", "message", "file", "line", "column", "help"})
    EXPECT_TRUE(document->at("diagnostics").as_array()[0].as_object().contains(field)) << field;
}

TEST_F(Cli, ValidateOfNothingSaysSo) {
  const Ran ran = Run({"validate", directory_});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("HF0406"));
  EXPECT_EQ(Run({"validate", directory_ + "/no"}).code, 1);
}

TEST_F(Cli, ExplainsFieldsAndNumbers) {
  EXPECT_THAT(Run({"explain", "HF0107"}).out, HasSubstr("HF0107"));
  EXPECT_THAT(Run({"explain", "ServiceStack.spec.layers"}).out, HasSubstr("layers"));
}

TEST_F(Cli, SchemasAreWrittenOnePerKindAndOneForAll) {
  EXPECT_EQ(Run({"schema", "--out", directory_}).code, 0);
  for (const char* name : {"ServiceStack.json", "Operation.json", "holdfast.json"})
    EXPECT_TRUE(std::filesystem::exists(directory_ + "/" + name)) << name;
  EXPECT_TRUE(ParseJson(Run({"schema", "ServiceStack"}).out).ok());
}

std::string OutputOf(const std::string& line) {
  FILE* pipe = popen(line.c_str(), "r");
  std::string out;
  char buffer[4096];
  for (size_t got; (got = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) out.append(buffer, got);
  pclose(pipe);
  return out;
}

TEST_F(Cli, BashReallyCompletes) {
  const std::string script = Write("completion.bash", CompletionScript("bash"));
  EXPECT_EQ(std::system(("bash -n " + script).c_str()), 0);
  const auto complete = [&](const std::string& words, int at) {
    return OutputOf(Cat("bash -c 'source ", script, "; COMP_WORDS=(", words, "); COMP_CWORD=", at, "; _holdfast; echo \"${COMPREPLY[@]}\"'"));
  };
  EXPECT_EQ(complete("holdfast sta", 1), "status start-all\n");
  EXPECT_EQ(complete("holdfast plan --det", 2), "--detailed-exitcode\n");
  EXPECT_EQ(complete("holdfast journal ver", 2), "verify\n");
  EXPECT_EQ(complete("holdfast completion z", 2), "zsh\n");
  EXPECT_EQ(complete("holdfast status -o j", 3), "json\n");
}

TEST_F(Cli, OtherShellsGetTheirScripts) {
  EXPECT_THAT(Run({"completion", "zsh"}).out, HasSubstr("#compdef holdfast"));
  EXPECT_THAT(Run({"completion", "fish"}).out, HasSubstr("complete -c holdfast -n __fish_use_subcommand -a journal"));
  EXPECT_EQ(Run({"completion", "tcsh"}).code, 64);
}

TEST_F(Cli, TellsShellsWhichResourcesThereAre) { EXPECT_THAT(Run({std::string(kCompleteCommand)}).out, HasSubstr("ServiceStack/db\n")); }

}  // namespace
}  // namespace holdfast::cli
