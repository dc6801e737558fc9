#include "specs/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "tests/unit/specs/example_kind.h"

namespace holdfast::specs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

Parsed Read(std::string text) { return ParseFile("a.yaml", std::move(text), ExampleKinds(), kNow); }
std::vector<std::string> Wrong(std::string text) {
  std::vector<std::string> out;
  for (const Diagnostic& d : Read(std::move(text)).problems)
    out.push_back(ProblemLine(d) + (d.label.empty() ? "" : " (" + d.label + ")"));
  return out;
}

TEST(Document, HasHeadAndSpec) {
  const Parsed parsed = Read(R"(# a comment
apiVersion: holdfast/v1
kind: Example
metadata: {name: web-1, labels: {team: search}, annotations: {note: ""}}
dependsOn: [Example/storage, Quiet/other]
policy: {mode: {reversible: act, disruptive: propose}, interval: 10s, prune: true}
spec: {name: web}
)");
  ASSERT_EQ(ProblemsText(parsed.problems), "");
  ASSERT_EQ(parsed.documents.size(), 1u);
  const Document& document = parsed.documents[0];
  EXPECT_EQ(document.kind_name(), "Example");
  EXPECT_EQ(document.key(), (Ref{"Example", "web-1"}));
  EXPECT_EQ(document.line, 2u);
  EXPECT_THAT(*document.depends_on, ElementsAre(Ref{"Example", "storage"}, Ref{"Quiet", "other"}));
  EXPECT_EQ(document.policy, (Policy{{Mode::kAct, Mode::kPropose, Mode::kObserve}, absl::Seconds(10), true}));
  EXPECT_EQ(static_cast<const ExampleSpec*>(document.spec.get())->name, "web");
  EXPECT_EQ(document.Canonical(), R"({"name":"web"})");
  EXPECT_THAT(document.Claims(), ElementsAre("service web"));
  EXPECT_EQ(parsed.source->text.substr(document.name_place.begin,
                                       document.name_place.end - document.name_place.begin),
            "web-1");
}

TEST(Document, ObservesEvery30SecondsWhenNothingIsSaid) {
  const Parsed parsed = Read(ExampleDocument("web", "name: web"));
  ASSERT_EQ(parsed.documents.size(), 1u);
  EXPECT_EQ(parsed.documents[0].policy,
            (Policy{{Mode::kObserve, Mode::kObserve, Mode::kObserve}, absl::Seconds(30), false}));
  const Parsed act = Read(ExampleDocument("web", "name: web", "policy: {mode: act}\n"));
  EXPECT_EQ(act.documents[0].policy.mode, (ModeByDanger{Mode::kAct, Mode::kAct, Mode::kAct}));
}

TEST(Document, DigestsFollowMeaningNotWriting) {
  const Parsed first = Read(ExampleDocument("web", "name: web\nport: 80"));
  const Parsed second =
      Read("# other text\n" + ExampleDocument("web", "port: 80 # comment\nname: \"web\"\nloud: false"));
  const Parsed policy = Read(ExampleDocument("web", "name: web\nport: 80", "policy: {mode: act}\n"));
  const Parsed spec = Read(ExampleDocument("web", "name: web\nport: 81"));
  EXPECT_EQ(first.documents[0].spec_digest, second.documents[0].spec_digest);
  EXPECT_EQ(first.documents[0].head_digest, second.documents[0].head_digest);
  EXPECT_EQ(first.documents[0].spec_digest, policy.documents[0].spec_digest);
  EXPECT_NE(first.documents[0].head_digest, policy.documents[0].head_digest);
  EXPECT_NE(first.documents[0].spec_digest, spec.documents[0].spec_digest);
}

TEST(Document, TellsAllProblemsOfAllDocuments) {
  EXPECT_THAT(
      Wrong(Cat(ExampleDocument("a", "name: a\nport: 0"), "---\n", ExampleDocument("B", "name: b"),
                "---\n- a list\n")),
      ElementsAre("a.yaml:6:9: HF0206: `port` is too small (allowed: 1–65535)",
                  "a.yaml:10:18: HF0207: `name`: `B` is not a name of small letters, digits, - and .",
                  "a.yaml:14:1: HF0201: `the document` is a list here (expected a mapping: DocumentHead)"));
}

TEST(Document, RefusesOtherVersionsWithOneSentence) {
  EXPECT_THAT(
      Wrong("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: X}\nspec: {}\n"),
      ElementsAre(
          "a.yaml:1:13: HF0301: `apps/v1` is not a version that this holdfast reads (expected holdfast/v1)"));
}

TEST(Document, GuessesTheKindThatWasMeant) {
  EXPECT_THAT(Wrong("apiVersion: holdfast/v1\nkind: Exmaple\nmetadata: {name: x}\nspec: {}\n"),
              ElementsAre("a.yaml:2:7: HF0302: unknown kind `Exmaple` (did you mean `Example`?)"));
}

TEST(Document, SaysWhichPartIsMissing) {
  EXPECT_THAT(Wrong("kind: Example\n"), ElementsAre("a.yaml:1:1: HF0202: `apiVersion` is missing in Example",
                                                    "a.yaml:1:1: HF0202: `metadata` is missing in Example",
                                                    "a.yaml:1:1: HF0202: `spec` is missing in Example"));
  EXPECT_THAT(Wrong(ExampleDocument("x", "name: a", "policy: {mode: atc}\n")),
              ElementsAre("a.yaml:4:16: HF0209: `mode`: `atc` is not one of `observe`, `propose` and `act` "
                          "(did you mean `act`?)"));
  EXPECT_THAT(Wrong(ExampleDocument("x", "name: a", "policy: {interval: 1ms}\n")),
              ElementsAre("a.yaml:4:20: HF0206: `interval` is too small (allowed: 1s–1d)"));
}

std::string OperationText(std::string_view spec) {
  return Cat("apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: bounce}\nspec: ", spec, "\n");
}

TEST(Document, ReadsOperationsByTheTargetsKind) {
  const Parsed parsed =
      Read(OperationText("{target: Example/web, notAfter: 2026-11-21T00:00:00Z, restart: {startedBefore: "
                         "2026-01-01T00:00:00Z}}"));
  ASSERT_EQ(ProblemsText(parsed.problems), "");
  const Document& document = parsed.documents[0];
  EXPECT_EQ(document.kind, nullptr);
  EXPECT_EQ(document.key(), (Ref{"Operation", "bounce"}));
  ASSERT_TRUE(document.operation);
  EXPECT_EQ(document.operation->target, (Ref{"Example", "web"}));
  EXPECT_EQ(document.operation->verb, "restart");
  EXPECT_EQ(static_cast<const Restart*>(document.operation->arguments.get())->started_before,
            absl::FromUnixSeconds(1767225600));
  EXPECT_EQ(
      document.Canonical(),
      R"({"target":"Example/web","notAfter":"2026-11-21T00:00:00Z","restart":{"startedBefore":"2026-01-01T00:00:00Z"}})");
}

TEST(Document, RefusesOperationsThatMakeNoSense) {
  EXPECT_THAT(
      Wrong(OperationText("{target: Example/web, restrat: {}}")),
      ElementsAre("a.yaml:4:29: HF0303: `Example` knows no operation `restrat` (did you mean `restart`?)"));
  EXPECT_THAT(Wrong(OperationText("{target: Example/web}")),
              ElementsAre("a.yaml:4:1: HF0303: this Operation does not say what is to be done"));
  EXPECT_THAT(Wrong(OperationText("{target: Quiet/web, restart: {}}")),
              ElementsAre("a.yaml:4:16: HF0304: the kind `Quiet` has no operations"));
  EXPECT_THAT(Wrong(OperationText("{restart: {}}")),
              ElementsAre("a.yaml:4:1: HF0202: `target` is missing in Operation.spec"));
  EXPECT_THAT(
      Wrong(OperationText("{target: Example/web, restart: {startedBefore: 2999-01-01T00:00:00Z}}")),
      ElementsAre(
          "a.yaml:4:54: HF0223: `startedBefore`: lies in the future (now it is 2026-09-21T14:13:20Z)"));
  EXPECT_THAT(Wrong(OperationText("[]")),
              ElementsAre("a.yaml:4:7: HF0201: `Operation.spec` is a list here (expected a mapping: target, "
                          "notAfter and what is to be done)"));
}

TEST(Document, RefusesOneNameTwiceInAFile) {
  const Parsed parsed = Read(Cat(ExampleDocument("a", "name: a"), "---\n", ExampleDocument("a", "name: b")));
  EXPECT_TRUE(parsed.broken);
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_EQ(ProblemLine(parsed.problems[0]), "a.yaml:9:18: HF0401: Example/a is described twice");
  EXPECT_EQ(parsed.problems[0].also[0].span.line, 3u);
}

TEST(Document, ABrokenFileGivesNoDocuments) {
  const Parsed parsed = Read(Cat(ExampleDocument("a", "name: a"), "---\n", ExampleDocument("b", "name: [")));
  EXPECT_TRUE(parsed.broken);
  EXPECT_TRUE(parsed.documents.empty());
}

TEST(Document, SchemasAndPagesCoverTheEnvelope) {
  const std::string schema = Compact(DocumentSchema(*ExampleKinds().Find("Example")));
  EXPECT_THAT(schema, HasSubstr(R"("kind":{"description":"A thing for tests.","const":"Example"})"));
  EXPECT_THAT(schema, HasSubstr(R"("$ref":"#/definitions/ExampleSpec")"));
  EXPECT_THAT(Compact(OperationSchema(ExampleKinds())), HasSubstr(R"("pattern":"^Example/)"));
  EXPECT_THAT(*ExplainPath(ExampleKinds(), "Example.policy.mode"), HasSubstr("observe | propose | act"));
  EXPECT_THAT(*ExplainPath(ExampleKinds(), "Example.spec.port"), HasSubstr("A whole number with limits."));
  EXPECT_THAT(*ExplainPath(ExampleKinds(), "Operation.spec.restart.startedBefore"),
              HasSubstr("not in the future"));
  EXPECT_THAT(*ExplainPath(ExampleKinds(), "Operation.spec"), HasSubstr("restart  (target: Example)"));
  EXPECT_EQ(ExplainPath(ExampleKinds(), "Exampel").status().message(),
            "there is no kind `Exampel`; did you mean `Example`?");
}

}  // namespace
}  // namespace holdfast::specs
