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
#include "controller/cli/command.h"
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
  static inline Status down;     // what every question gets instead of an answer
  static inline Status refuses;  // what every change gets
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
    const auto document = path.starts_with("/api/v1/why/") ? WhyDocument(board, FrameOfTests(), key)
                          : path.starts_with("/api/v1/plan/")
                              ? PlanDocument(board, FrameOfTests(), key)
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
  Status Pause(absl::Duration) override {
    return interrupted_by == 0 ? Status() : Status(Code::kAborted, "interrupted");
  }
  int signal() const override { return interrupted_by; }
};

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran Try(const std::vector<std::string>& arguments, std::map<std::string, std::string> environment = {}) {
  std::ostringstream out, err;
  environment.emplace("HOLDFAST_STATE", "/nonexistent/state");
  Surroundings surroundings{
      .out = out,
      .err = err,
      .environment = std::move(environment),
      .kinds = Kinds(),
      .version = "9.9.9",
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
TEST_F(Cli, Exit0_Done) { EXPECT_EQ(Try({"version"}).code, 0); }

TEST_F(Cli, RecoverRefusesWhatCannotBeLookedAt) {
  const auto recover = [&](const std::string& url) {
    return Try({"recover", "--state", directory_, "--timeout", "1s", "--from", url});
  };
  EXPECT_EQ(recover("elsewhere").code, 64);
  EXPECT_THAT(recover("elsewhere").err, HasSubstr("http://HOST:PORT"));
  EXPECT_EQ(Try({"recover", "--state", directory_}).code, 64);
  EXPECT_NE(recover("http://127.0.0.1:1").code, 0) << "nobody answers there";
}

TEST_F(Cli, Exit1_FailedAndDiffFoundDifferences) {
  Write("a.yaml", kBroken);
  const Ran ran = Try({"validate", directory_});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("ServiceStack"));
  EXPECT_EQ(Try({"diff", "ServiceStack/db"}).code, 1);
  EXPECT_EQ(Try({"diff", "ServiceStack/order"}).code, 0);
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
  const Ran ran =
      Try({"plan", "--specs", directory_, "--detailed-exitcode", "--timeout", "5s", "-o", "json"});
  EXPECT_EQ(ran.code, 2) << ran.out << ran.err;
  EXPECT_EQ(Try({"plan", "--specs", directory_, "--timeout", "5s"}).code, 0);
  EXPECT_EQ(Try({"diff", "ServiceStack/far"}).code, 2);
  FakeDaemon::down = NotFound("no such file");
  EXPECT_EQ(Try({"diff", "ServiceStack/db"}).code, 2);
}

TEST_F(Cli, Exit3_KnownButNotReady) {
  EXPECT_EQ(Try({"status", "--exit-code"}).code, 3);
  EXPECT_EQ(Try({"status", "order", "--exit-code"}).code, 0);
  const Ran ran = Try({"wait", "db", "--timeout", "0s"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, HasSubstr("gate mode"));
}

TEST_F(Cli, Exit4_NoSuch) {
  EXPECT_EQ(Try({"why", "ServiceStack/no"}).code, 4);
  EXPECT_EQ(Try({"explain", "ServiceStac"}).code, 4);
  EXPECT_EQ(Try({"schema", "Nothing"}).code, 4);
  EXPECT_EQ(Try({"journal", "verify", "--state", directory_}).code, 4);
  const Ran ran = Try({"status", "oder"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("did you mean order?"));
}

TEST_F(Cli, Exit5_RefusedByARule) {
  FakeDaemon::refuses = FailedPrecondition("the plan is another by now");
  const Ran ran = Try({"apply", "db", "--digest", "0123456789ab"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.err, HasSubstr("another by now"));
}

TEST_F(Cli, Exit6_NotPermitted) {
  FakeDaemon::down = PermissionDenied("/run/holdfast.sock: Permission denied");
  EXPECT_EQ(Try({"status"}).code, 6);
  EXPECT_EQ(Try({"resume", "db"}).code, 6);
}

TEST_F(Cli, Exit7_TimedOutOrNotKnown) {
  EXPECT_EQ(Try({"wait", "db", "--timeout", "1ms"}).code, 7);
  EXPECT_EQ(Try({"status", "far", "--exit-code"}).code, 7);
  FakeDaemon::down = DeadlineExceeded("no answer in 30s");
  EXPECT_EQ(Try({"status"}).code, 7);
}

TEST_F(Cli, Exit64_WrongUsage) {
  EXPECT_EQ(Try({}).code, 64);
  EXPECT_EQ(Try({"why"}).code, 64);
  EXPECT_EQ(Try({"version", "extra"}).code, 64);
  EXPECT_EQ(Try({"status", "-o", "yaml"}).code, 64);
  EXPECT_EQ(Try({"status", "--timeout", "soon"}).code, 64);
  EXPECT_EQ(Try({"suspend", "db"}).code, 64);
  EXPECT_EQ(Try({"suspend", "--reason", "x"}).code, 64);
  EXPECT_EQ(Try({"apply", "db", "--digest", "12"}).code, 64);
  EXPECT_EQ(Try({"wait", "db", "--for", "condition=Reddy"}).code, 64);
  EXPECT_EQ(Try({"status", "--config", "/nonexistent"}).code, 64);
}

TEST_F(Cli, Exit130And143_InterruptedAndTerminated) {
  FakeDaemon::interrupted_by = SIGINT;
  const Ran ran = Try({"wait", "db"});
  EXPECT_EQ(ran.code, 130);
  EXPECT_THAT(ran.err, HasSubstr("goes on there"));
  FakeDaemon::interrupted_by = SIGTERM;
  EXPECT_EQ(Try({"wait", "db"}).code, 143);
}

TEST_F(Cli, SuggestsCommandsFlagsAndTopics) {
  EXPECT_THAT(Try({"plna"}).err, HasSubstr("did you mean `holdfast plan`?"));
  EXPECT_THAT(Try({"status", "--exitcode"}).err, HasSubstr("did you mean `--exit-code`?"));
  EXPECT_THAT(Try({"help", "exit-code"}).err, HasSubstr("did you mean `holdfast help exit-codes`?"));
  EXPECT_THAT(Try({"journal"}).err, HasSubstr("holdfast journal verify"));
}

TEST_F(Cli, EveryCommandHasHelpOnStandardOutput) {
  for (const cli::Command& command : cli::Commands()) {
    std::vector<std::string> words;
    for (const std::string& word : Split(command.name, ' ')) words.push_back(word);
    words.push_back("--help");
    const Ran ran = Try(words);
    EXPECT_EQ(ran.code, 0) << command.name;
    EXPECT_THAT(ran.out, HasSubstr(std::string(command.summary)));
    EXPECT_EQ(ran.err, "");
  }
  EXPECT_THAT(Try({"help", "environment"}).out, HasSubstr("HOLDFAST_SOCKET"));
  EXPECT_THAT(Try({"--help"}).out, HasSubstr("journal verify"));
}

TEST_F(Cli, GlobalFlagsMayStandBeforeTheCommand) {
  const Ran ran = Try({"-o", "json", "version"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("\"formatVersion\": 1"));
}

TEST_F(Cli, WithoutADaemonTheRemedyIsSaid) {
  FakeDaemon::down = Unavailable("connection refused");
  for (const std::vector<std::string>& line :
       std::vector<std::vector<std::string>>{{"status"}, {"wait", "db"}, {"stop-all"}, {"history"}}) {
    const Ran ran = Try(line);
    EXPECT_EQ(ran.code, 1) << line[0];
    EXPECT_THAT(ran.err, HasSubstr("no daemon answers")) << line[0];
    EXPECT_THAT(ran.err, HasSubstr("help: ")) << line[0];
  }
}

TEST_F(Cli, ChangesAreSentWithReasonAndEnd) {
  EXPECT_EQ(
      Try({"suspend", "ServiceStack/db", "--reason", "disk swap", "--until", "2026-11-21T10:00:00Z"}).code,
      0);
  ASSERT_EQ(FakeDaemon::posted.size(), 1u);
  EXPECT_EQ(FakeDaemon::posted[0].first, "/api/v1/suspend");
  EXPECT_EQ(Compact(FakeDaemon::posted[0].second),
            R"({"reason":"disk swap","until":"2026-11-21T10:00:00Z","kind":"ServiceStack","name":"db"})");
  FakeDaemon::posted.clear();
  EXPECT_EQ(Try({"resume", "--all"}).code, 0);
  EXPECT_EQ(FakeDaemon::posted.size(), 4u);
  EXPECT_EQ(Try({"stop-all", "--freeze", "--reason", "x"}).code, 0);
  EXPECT_TRUE(FakeDaemon::posted.back().second.at("freeze").as_bool());
}

TEST_F(Cli, FlagsWinOverTheEnvironmentAndThatOverTheConfigFile) {
  const std::string config = Write("holdfast.yaml", "output: json\nsocket: /from/file\n");
  EXPECT_THAT(Try({"version", "--config", config}).out, HasSubstr("formatVersion"));
  EXPECT_THAT(Try({"version"}, {{"HOLDFAST_CONFIG", config}}).out, HasSubstr("formatVersion"));
  EXPECT_THAT(Try({"version"}, {{"HOLDFAST_CONFIG", config}, {"HOLDFAST_OUTPUT", "text"}}).out,
              Not(HasSubstr("formatVersion")));
  EXPECT_THAT(Try({"version", "-o", "text", "--config", config}).out, Not(HasSubstr("formatVersion")));
  const Ran ran = Try({"version", "--config", Write("bad.yaml", "spces: x\n")});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("bad.yaml:1:1: there is no setting `spces`; did you mean `specs`?"));
}

TEST_F(Cli, ColoursFollowTheFlagThenTheEnvironment) {
  EXPECT_THAT(Try({"status"}).out, Not(HasSubstr("\033[")));
  EXPECT_THAT(Try({"status"}, {{"FORCE_COLOR", "1"}}).out, HasSubstr("\033["));
  EXPECT_THAT(Try({"status"}, {{"FORCE_COLOR", "1"}, {"NO_COLOR", "1"}}).out, Not(HasSubstr("\033[")));
  EXPECT_THAT(Try({"status", "--color", "always"}, {{"NO_COLOR", "1"}}).out, HasSubstr("\033["));
}

TEST_F(Cli, ValidateAnswersInThreeForms) {
  Write("a.yaml", kBroken);
  EXPECT_THAT(Try({"validate", directory_}).out, HasSubstr("error[HF0302]"));
  EXPECT_THAT(Try({"validate", directory_, "-o", "github"}).out, HasSubstr("::error file="));
  const auto document = ParseJson(Try({"validate", directory_, "-o", "json"}).out);
  ASSERT_TRUE(document.ok());
  EXPECT_FALSE(document->at("valid").as_bool());
  for (const char* field : {"code", "severity", "message", "file", "line", "column", "help"})
    EXPECT_TRUE(document->at("diagnostics").as_array()[0].as_object().contains(field)) << field;
}

TEST_F(Cli, ValidateOfNothingSaysSo) {
  const Ran ran = Try({"validate", directory_});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("HF0406"));
  EXPECT_EQ(Try({"validate", directory_ + "/no"}).code, 1);
}

TEST_F(Cli, ExplainsFieldsAndNumbers) {
  EXPECT_THAT(Try({"explain", "HF0107"}).out, HasSubstr("HF0107"));
  EXPECT_THAT(Try({"explain", "ServiceStack.spec.layers"}).out, HasSubstr("layers"));
}

TEST_F(Cli, SchemasAreWrittenOnePerKindAndOneForAll) {
  EXPECT_EQ(Try({"schema", "--out", directory_}).code, 0);
  for (const char* name : {"ServiceStack.json", "Operation.json", "holdfast.json"})
    EXPECT_TRUE(std::filesystem::exists(directory_ + "/" + name)) << name;
  EXPECT_TRUE(ParseJson(Try({"schema", "ServiceStack"}).out).ok());
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
    return OutputOf(Cat("bash -c 'source ", script, "; COMP_WORDS=(", words, "); COMP_CWORD=", at,
                        "; _holdfast; echo \"${COMPREPLY[@]}\"'"));
  };
  EXPECT_EQ(complete("holdfast sta", 1), "status start-all\n");
  EXPECT_EQ(complete("holdfast plan --det", 2), "--detailed-exitcode\n");
  EXPECT_EQ(complete("holdfast journal ver", 2), "verify\n");
  EXPECT_EQ(complete("holdfast completion z", 2), "zsh\n");
  EXPECT_EQ(complete("holdfast status -o j", 3), "json\n");
}

TEST_F(Cli, OtherShellsGetTheirScripts) {
  EXPECT_THAT(Try({"completion", "zsh"}).out, HasSubstr("#compdef holdfast"));
  EXPECT_THAT(Try({"completion", "fish"}).out,
              HasSubstr("complete -c holdfast -n __fish_use_subcommand -a journal"));
  EXPECT_EQ(Try({"completion", "tcsh"}).code, 64);
}

TEST_F(Cli, TellsShellsWhichResourcesThereAre) {
  EXPECT_THAT(Try({std::string(kCompleteCommand)}).out, HasSubstr("ServiceStack/db\n"));
}

}  // namespace
}  // namespace holdfast::cli
