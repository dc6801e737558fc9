// Given this state, this plan: files of nodes are changed one by one, and what does not come back gets its
// old ones.
#include "reconcilers/elasticsearch/change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/sha256.h"
#include "reconcilers/elasticsearch/node_files.h"
#include "tests/unit/elasticsearch/case.h"

namespace holdfast::elasticsearch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kPath = "/etc/elasticsearch/elasticsearch.yml";
const std::string kFrom = "/specs/templates/es.yml";
const std::string kNew = "node.attr.rack: b\n";
const std::string kOld = "node.attr.rack: a\n";

absl::Time Started() { return Scene::Now() - absl::Hours(100); }

// The file of one node as its host tells it.
NodeFile Holds(const std::string& node, const std::string& text,
               absl::Time changed = Started() - absl::Hours(1)) {
  NodeFile file{
      .node = node, .path = kPath, .is = NodeFile::Is::kThere, .changed = changed, .at = Scene::Now()};
  file.sha256 = Sha256Hex(text);
  return file;
}
void LieBeside(NodeFile& file, const std::string& text) {
  file.beside[std::string(ShortDigest(Sha256Hex(text)))].sha256 = Sha256Hex(text);
}
NodeFile Ready(const std::string& node) {
  NodeFile file = Holds(node, kOld);
  LieBeside(file, kOld);
  LieBeside(file, kNew);
  return file;
}

// n1, n2, n3 hold two copies of everything; n4 has room for what is emptied.
Scene FourAndMasters() {
  Scene scene = Scene().Nodes("n1 n2 n3 n4");
  for (const char* name : {"m1", "m2", "m3"}) scene.Node(name).Roles("master");
  return scene.Index("i3", 1).Shard("n1 n2", 10).Shard("n2 n3", 10).Shard("n3 n1", 10);
}

Case Asked(const Scene& scene = FourAndMasters()) {
  Case c(scene);
  c.want.disruption.control = NodeControl{.systemd = control::SystemdControl{.unit = "elasticsearch"},
                                          .via = control::SshVia{.user = "ops", .host = "{ip}"},
                                          .become = control::Become::kSudo};
  for (Node& node : c.view.nodes) {
    node.started = Started();
    node.disk_total = 1000, node.disk_available = 900;
    node.ephemeral_id = Cat("run-of-", node.name);
  }
  OperationIn<Operation> change;
  change.name = "heap";
  change.want.verb = Operation::Verb::kConfigChange;
  change.want.nodes.name = "n*";
  change.want.files = {{.path = kPath, .from = {.written = "templates/es.yml", .path = kFrom}}};
  change.phase = OperationPhase::kRunning;
  c.operations = {change};
  c.past.operations["heap"] = {.phase = OperationPhase::kRunning, .since = Scene::Now() - absl::Minutes(30)};
  for (const char* name : {"n1", "n2", "n3", "n4"}) c.view.files.push_back(Holds(name, kOld));
  c.view.templates = {{.path = kFrom, .text = kNew, .sha256 = Sha256Hex(kNew)}};
  return c;
}
NodeFile& FileOf(Case& c, std::string_view node) {
  for (NodeFile& file : c.view.files)
    if (file.node == node) return file;
  ADD_FAILURE() << node;
  return c.view.files[0];
}
void Tried(Case& c, std::string key, absl::Duration ago, Outcome::Kind kind = Outcome::Kind::kDone,
           std::string detail = "") {
  c.past.attempts.push_back({.key = std::move(key),
                             .sent = Scene::Now() - ago,
                             .outcome = {kind, std::move(detail), ""},
                             .target = "n1"});
}
// n1 has its files laid ready, allocation is off for it, it was stopped, and is out of the cluster.
Case Stopped() {
  Case c = Asked();
  FileOf(c, "n1") = Ready("n1");
  Tried(c, "flush n1#run-of-n1", absl::Seconds(30));
  const Plan plan = c.Decide();
  const Step* freeze = StepCalled(plan, "freeze for");
  EXPECT_TRUE(Goes(freeze)) << (freeze == nullptr ? "no step" : HeldBy(*freeze));
  const Step* stop = StepCalled(plan, "stop");
  c.past.open = {*freeze->puts_aside,
                 {.object = "node:n1",
                  .before = IdentityText(Remember(*c.view.FindNode("n1"))),
                  .wrote = "stopped",
                  .why = stop->why}};
  Tried(c, freeze->key, absl::Seconds(8));
  Tried(c, stop->key, absl::Seconds(4));
  const auto files = c.view.files;
  const auto templates = c.view.templates;
  Scene left = Scene().Nodes("n2 n3 n4");
  for (const char* name : {"m1", "m2", "m3"}) left.Node(name).Roles("master");
  c.view = Case(left.Index("i3", 1).Shard("n2 -").Shard("n2 n3").Shard("n3 -")).view;
  for (Node& node : c.view.nodes) node.started = Started();
  c.view.files = files;
  c.view.templates = templates;
  c.view.settings.persistent[std::string(kEnableKey)] = "primaries";
  c.view.settings.persistent["cluster.metadata.holdfast.owner"] = "us 1";
  for (const Lease& lease : c.past.open)
    c.view.settings.persistent[MirrorKeyOf(lease.object)] = MirrorText(lease);
  return c;
}
// And its file was changed and it was started.
Case Changed(absl::Duration started_ago) {
  Case c = Stopped();
  const Plan plan = c.Decide();
  const Step* change = FirstStep(plan);
  EXPECT_EQ(change->verb, "change");
  c.past.open.push_back(*change->puts_aside);
  Tried(c, change->key, started_ago + absl::Seconds(2));
  Tried(c, "start n1#run-of-n1", started_ago);
  FileOf(c, "n1") = Holds("n1", kNew, Scene::Now() - started_ago - absl::Seconds(2));
  LieBeside(FileOf(c, "n1"), kOld);
  return c;
}
Case Back() {
  Case c = Changed(absl::Seconds(20));
  const auto files = c.view.files;
  const auto templates = c.view.templates;
  const auto settings = c.view.settings;
  c.view = Asked().view;
  c.view.files = files, c.view.templates = templates, c.view.settings = settings;
  for (Node& node : c.view.nodes)
    if (node.name == "n1") node.started = Scene::Now() - absl::Seconds(15), node.ephemeral_id = "another";
  return c;
}
std::vector<std::string> Verbs(const Plan& plan) {
  std::vector<std::string> verbs;
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) verbs.push_back(Cat(step.verb, " ", step.target));
  return verbs;
}

// ── before the stop ──

TEST(Change, AsksForTheTextAndForEachNodesFile) {
  Case c = Asked();
  c.view.files.clear(), c.view.templates.clear();
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.ask, testing::Contains(AskTemplate(kFrom)));
  int files = 0;
  for (const std::string& ask : plan.ask)
    if (const auto file = ParseFileAsk(ask)) {
      ++files;
      EXPECT_EQ(file->path, kPath);
      EXPECT_FALSE(file->node.ip.empty()) << "how its host is reached";
    }
  EXPECT_EQ(files, 4);
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) EXPECT_FALSE(step.verb == "freeze for" && Goes(&step)) << step.key;
}

TEST(Change, TheOldFileIsKeptAndTheNewOneLaidBesideItWhileTheNodeRuns) {
  Case c = Asked();
  Tried(c, "flush n1#run-of-n1", absl::Seconds(30));
  Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  const std::string kept = BesidePath(kPath, Sha256Hex(kOld)), laid = BesidePath(kPath, Sha256Hex(kNew));
  EXPECT_EQ(FirstStep(plan)->verb, "keep");
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Cat("sudo -n -- cp --preserve=all -- ", kPath, " ", kept)));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Sha256Hex(kOld))) << "only if it still holds that";
  EXPECT_EQ(FirstStep(plan)->danger, Danger::kReversible);
  EXPECT_FALSE(Goes(StepCalled(plan, "freeze for")));
  LieBeside(FileOf(c, "n1"), kOld);
  plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "make room for");
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Cat("--attributes-only -- ", kPath, " ", laid)));
  FileOf(c, "n1").beside[std::string(ShortDigest(Sha256Hex(kNew)))].sha256 = Sha256Hex("");
  plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "lay");
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Cat("dd of=", laid)));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr("node.attr.rack: b"));
  LieBeside(FileOf(c, "n1"), kNew);
  EXPECT_EQ(FirstStep(c.Decide())->verb, "freeze for");
  FileOf(c, "n1").beside.erase(std::string(ShortDigest(Sha256Hex(kOld))));
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "freeze for")), HasSubstr("not kept yet"));
}

TEST(Change, TheWholeOrderIsShown) {
  const std::vector<std::string> verbs = Verbs(Asked().Decide());
  EXPECT_THAT(std::vector(verbs.begin(), verbs.begin() + 9),
              ElementsAre("keep n1", "make room for n1", "lay n1", "flush n1", "freeze for n1", "stop n1",
                          "change n1", "start n1", "restore allocation after n1"));
  EXPECT_THAT(std::vector(verbs.begin() + 9, verbs.begin() + 12),
              ElementsAre("freeze for n2", "stop n2", "change n2"));
}

TEST(Change, TheFreezeNotesTheFileToo) {
  Case c = Asked();
  FileOf(c, "n1") = Ready("n1");
  Tried(c, "flush n1#run-of-n1", absl::Seconds(30));
  const Plan plan = c.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(MirrorKeyOf(Cat("file:n1:", kPath))));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(MirrorKeyOf("node:n1")));
}

TEST(Change, WhoRunsWithTheFilesAlreadyIsLeftAlone) {
  Case c = Asked();
  for (NodeFile& file : c.view.files) file = Holds(file.node, kNew);
  const Plan plan = c.Decide();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_EQ(plan.operations[0].phase, OperationProgress::Phase::kSucceeded);
}

TEST(Change, WhoStartedBeforeTheFileWasChangedIsRestarted) {
  Case c = Asked();
  for (NodeFile& file : c.view.files) file = Holds(file.node, kNew);
  FileOf(c, "n3").changed = Scene::Now() - absl::Hours(1);
  const Plan plan = c.Decide();
  EXPECT_THAT(Verbs(plan),
              ElementsAre("flush n3", "freeze for n3", "stop n3", "start n3", "restore allocation after n3"));
  EXPECT_THAT(plan.operations[0].message, HasSubstr("3 of 4 nodes changed; next is n3"));
}

TEST(Change, ATextThatIsNotTheOneThatWasMeantChangesNothing) {
  Case c = Asked();
  c.operations[0].want.files[0].sha256 = Sha256Hex("another");
  const Plan plan = c.Decide();
  EXPECT_THAT(Verbs(plan), Not(testing::Contains("keep n1")));
  EXPECT_THAT(HeldBy(*StepCalled(plan, "flush")), HasSubstr("the Operation is about"));
  c.view.templates[0].why = "it is empty";
  EXPECT_FALSE(Goes(FirstStep(c.Decide())));
}

TEST(Change, AFileThatIsNotThereOrCannotBeSeenHoldsTheStop) {
  Case c = Asked();
  FileOf(c, "n1").is = NodeFile::Is::kMissing;
  EXPECT_THAT(HeldBy(*FirstStep(c.Decide())), HasSubstr("is not there as a plain file"));
  FileOf(c, "n1").is = NodeFile::Is::kUnknown;
  FileOf(c, "n1").why = "ops@127.0.0.1: connection refused";
  EXPECT_THAT(HeldBy(*FirstStep(c.Decide())), HasSubstr("connection refused"));
}

TEST(Change, TheOthersFollowWhenTheFirstNodesHaveSettled) {
  Case c = Asked();
  c.operations[0].want.settle = absl::Minutes(10);
  FileOf(c, "n1") = Holds("n1", kNew, Scene::Now() - absl::Minutes(3));
  for (Node& node : c.view.nodes)
    if (node.name == "n1") node.started = Scene::Now() - absl::Minutes(2);
  FileOf(c, "n2") = Ready("n2");
  Plan plan = c.Decide();
  EXPECT_THAT(HeldBy(*StepCalled(plan, "flush")), HasSubstr("n1 has run with it for 2m"));
  c.operations[0].want.canary = 2;
  EXPECT_TRUE(Goes(StepCalled(c.Decide(), "flush"))) << "it is one of the first two";
  c.operations[0].want.canary = 1;
  for (Node& node : c.view.nodes)
    if (node.name == "n1") node.started = Scene::Now() - absl::Minutes(11);
  FileOf(c, "n1").changed = Scene::Now() - absl::Minutes(12);
  EXPECT_TRUE(Goes(StepCalled(c.Decide(), "flush")));
}

// ── drain first ──

TEST(Change, DrainFirstEmptiesTheNodeInHandBeforeAnythingElse) {
  Case c = Asked();
  c.operations[0].want.strategy = Operation::Strategy::kDrainFirst;
  Plan plan = c.Decide();
  ASSERT_EQ(FirstStep(plan)->verb, "exclude");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(FirstStep(plan)->target, "_name:n1");
  EXPECT_EQ(FirstStep(plan)->operation, "heap");
  c.past.open = {*FirstStep(plan)->puts_aside};
  c.view.settings.persistent[Key("_name")] = "n1";
  FileOf(c, "n1") = Ready("n1");
  plan = c.Decide();
  EXPECT_FALSE(Goes(StepCalled(plan, "flush"))) << "shards are on it";
  for (const std::string& verb : Verbs(plan)) EXPECT_NE(verb, "exclude _name:n2");
}

TEST(Change, DrainFirstStopsOnlyWhatTwoLooksSawEmpty) {
  Case c = Asked(Scene()
                     .Nodes("n1 n2 n3 n4")
                     .Node("m1")
                     .Roles("master")
                     .Node("m2")
                     .Roles("master")
                     .Node("m3")
                     .Roles("master")
                     .Index("i3", 1)
                     .Shard("n2 n3", 10));
  c.operations[0].want.strategy = Operation::Strategy::kDrainFirst;
  c.past.open = {*FirstStep(c.Decide())->puts_aside};
  c.view.settings.persistent[Key("_name")] = "n1";
  FileOf(c, "n1") = Ready("n1");
  c.trail = Trail();
  EXPECT_THAT(HeldBy(*StepCalled(c.Decide(), "flush")), HasSubstr("only one look"));
  ++c.view.state_version;
  c.trail.empty["n1"].first_at = Scene::Now() - absl::Seconds(10);
  EXPECT_TRUE(Goes(StepCalled(c.Decide(), "flush")));
}

TEST(Change, ItStaysExcludedWhileItIsAwayAndIsReleasedWhenItIsBack) {
  const std::string why = "Operation/heap empties it first";
  Case c = Stopped();
  c.operations[0].want.strategy = Operation::Strategy::kDrainFirst;
  c.past.open.push_back(
      {.object = "exclude:_name:n1", .before = "not excluded", .wrote = "excluded", .why = why});
  c.view.settings.persistent[Key("_name")] = "n1";
  EXPECT_NE(WaitCalled(c.Decide(), "restore exclude:_name:n1"), "none");
  Case back = Back();
  back.operations[0].want.strategy = Operation::Strategy::kDrainFirst;
  back.past.open = {
      {.object = "exclude:_name:n1", .before = "not excluded", .wrote = "excluded", .why = why}};
  back.view.settings.persistent.erase(std::string(kEnableKey));
  std::erase_if(back.view.settings.persistent, [](const auto& entry) {
    return entry.first.starts_with("cluster.metadata.holdfast.lease.");
  });
  back.view.settings.persistent[Key("_name")] = "n1";
  const Plan plan = back.Decide();
  ASSERT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(FirstStep(plan)->verb, "release");
}

// ── while it is down ──

TEST(Change, TheFileIsReplacedWhileTheNodeIsDownAndOnlyThenItIsStarted) {
  Case c = Stopped();
  Plan plan = c.Decide();
  ASSERT_EQ(FirstStep(plan)->verb, "change");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Cat("mv --force --no-target-directory -- ",
                                                     BesidePath(kPath, Sha256Hex(kNew)), " ", kPath)));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Sha256Hex(kNew))) << "only if it holds what was laid";
  EXPECT_EQ(FirstStep(plan)->duty, Step::Duty::kMustFinish) << "else the node waits for a person";
  ASSERT_TRUE(FirstStep(plan)->puts_aside.has_value());
  EXPECT_THAT(Line(FirstStep(plan)->puts_aside->restore), HasSubstr(BesidePath(kPath, Sha256Hex(kOld))));
  EXPECT_FALSE(Goes(StepCalled(plan, "start")));
  FileOf(c, "n1") = Holds("n1", kNew, Scene::Now());
  LieBeside(FileOf(c, "n1"), kOld);
  plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "start");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
}

TEST(Change, WithdrawnWhileANodeIsDownItIsStartedAsItIs) {
  Case c = Stopped();
  c.operations.clear();
  EXPECT_EQ(FirstStep(c.Decide())->verb, "start");
  c.purpose = Purpose::kRelease;
  EXPECT_EQ(FirstStep(c.Decide())->verb, "start");
}

TEST(Change, ANodeIsNotKeptDownForAFileThatCannotBeChanged) {
  Case c = Stopped();
  Tried(c, Cat("change n1:", kPath, " for heap#run-of-n1@", ShortDigest(Sha256Hex(kNew))), absl::Seconds(2),
        Outcome::Kind::kRefused, "exit code 1: read-only file system");
  Plan plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "start");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_EQ(plan.operations[0].phase, OperationProgress::Phase::kFailed);
  EXPECT_THAT(plan.operations[0].message, HasSubstr("read-only file system"));
  Case late = Stopped();
  late.past.attempts.back().sent = Scene::Now() - absl::Minutes(3);
  EXPECT_EQ(FirstStep(late.Decide())->verb, "start");
}

TEST(Change, ThePlanTellsWhichTextIsAnotherAndHow) {
  Case c = Asked();
  FileOf(c, "n2") = Holds("n2", kNew);
  const Plan plan = c.Decide();
  const std::string was(ShortDigest(Sha256Hex(kOld))), is(ShortDigest(Sha256Hex(kNew)));
  EXPECT_THAT(plan.operations[0].message,
              HasSubstr(Cat("n1: templates/es.yml changed (sha256 ", was, "… -> ", is, "…)")));
  std::vector<std::string> paths;
  for (const Diff& diff : plan.diffs) {
    paths.push_back(diff.path);
    EXPECT_EQ(diff.seen, Cat("sha256 ", was, "…"));
    EXPECT_EQ(diff.want, Cat("templates/es.yml (sha256 ", is, "…)"));
  }
  EXPECT_THAT(paths, ElementsAre("n1:" + kPath, "n3:" + kPath, "n4:" + kPath)) << "n2 has it";
}

TEST(Change, TheTextsAreAPartOfWhatIsDeclaredButForThoseWithADigest) {
  Operation operation;
  operation.files = {{.path = "/a", .from = {.written = "a.yml", .path = "/specs/a.yml"}},
                     {.path = "/b", .from = {.written = "b.yml", .path = "/specs/b.yml"}, .sha256 = "1234"}};
  EXPECT_THAT(ElasticsearchCluster::TextsOf(operation), ElementsAre("/specs/a.yml"));
}

// ── it does not come back ──

TEST(Change, WhatDoesNotComeBackGetsItsOldFileAndTheOperationHasFailed) {
  Case c = Changed(absl::Minutes(11));
  Plan plan = c.Decide();
  ASSERT_EQ(FirstStep(plan)->verb, "put back");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_THAT(LineOf(FirstStep(plan)), HasSubstr(Cat(BesidePath(kPath, Sha256Hex(kOld)), " ", kPath)));
  EXPECT_EQ(FirstStep(plan)->duty, Step::Duty::kMustFinish);
  EXPECT_EQ(FirstStep(plan)->puts_back, Cat("file:n1:", kPath));
  Tried(c, FirstStep(plan)->key, absl::Seconds(1));
  FileOf(c, "n1") = Holds("n1", kOld, Scene::Now());
  plan = c.Decide();
  ASSERT_EQ(FirstStep(plan)->verb, "start");
  EXPECT_TRUE(Goes(FirstStep(plan))) << HeldBy(*FirstStep(plan));
  EXPECT_NE(FirstStep(plan)->key, "start n1#run-of-n1") << "another start than the one that did not help";
  EXPECT_EQ(plan.operations[0].phase, OperationProgress::Phase::kFailed);
  EXPECT_THAT(plan.operations[0].message, HasSubstr(kPath));
  EXPECT_THAT(WaitCalled(plan, "configuration of n1"), HasSubstr("did not come back with it"));
  for (const std::string& verb : Verbs(plan)) EXPECT_NE(verb, "freeze for n2");
}

TEST(Change, AStartThatIsRefusedIsNotWaitedFor) {
  Case c = Changed(absl::Seconds(5));
  c.past.attempts.back().outcome = {Outcome::Kind::kRefused, "exit code 1: Job failed", ""};
  const Plan plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "put back");
  EXPECT_THAT(FirstStep(plan)->why, HasSubstr("Job failed"));
}

TEST(Change, UntilThenItIsWaitedFor) {
  const Plan plan = Changed(absl::Minutes(5)).Decide();
  EXPECT_EQ(StepCalled(plan, "put back"), nullptr);
  EXPECT_THAT(WaitCalled(plan, "restore node:n1"), HasSubstr("not back yet"));
}

TEST(Change, AnEmptyStateDirectoryStillPutsTheOldFileBack) {
  Case c = Changed(absl::Minutes(11));
  for (const Lease& lease : c.past.open)
    c.view.settings.persistent[MirrorKeyOf(lease.object)] = MirrorText(lease);
  c.past.open.clear();
  c.past.operations.clear();
  c.past.attempts = {c.past.attempts.back()};
  EXPECT_EQ(c.past.attempts[0].key, "start n1#run-of-n1");
  c.operations.clear();
  const Plan plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "put back");
}

TEST(Change, WhenItIsBackTheFileStaysAndAllNotesGo) {
  const Plan plan = Back().Decide();
  std::vector<std::string> restored;
  for (const auto& [object, how] : plan.restored) restored.push_back(object);
  EXPECT_THAT(restored, testing::UnorderedElementsAre("node:n1", Cat("file:n1:", kPath)));
  EXPECT_EQ(FirstStep(plan)->verb, "restore allocation after");
  EXPECT_THAT(plan.operations[0].message, HasSubstr("1 of 4 nodes changed; next is n2"));
}

// ── files by the spec's own programs ──

Case WithOwnPrograms() {
  Case c = Asked();
  c.want.disruption.control =
      NodeControl{.command = NodeCommands{.stop = {{"ctl", "stop-node", "{name}"}},
                                          .start = {{"ctl", "start-node", "{name}"}},
                                          .put = {{"ctl", "put", "{name}", "{path}"}},
                                          .get = {{"ctl", "get", "{name}", "{path}"}}}};
  for (NodeFile& file : c.view.files) file.text = kOld, file.changed = absl::InfinitePast();
  return c;
}

TEST(Change, OwnProgramsKeepTheOldTextAndNeedNothingLaid) {
  Case c = WithOwnPrograms();
  const std::string kept = BesidePath(kPath, Sha256Hex(kOld));
  const Plan plan = c.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "keep");
  EXPECT_EQ(LineOf(FirstStep(plan)), Cat("printf %s 'node.attr.rack: a\n' | ctl put n1 ", kept));
  LieBeside(FileOf(c, "n1"), kOld);
  const Plan next = c.Decide();
  EXPECT_EQ(FirstStep(next)->verb, "flush");
  EXPECT_EQ(LineOf(StepCalled(next, "change")), Cat("printf %s 'node.attr.rack: b\n' | ctl put n1 ", kPath));
}

}  // namespace
}  // namespace holdfast::elasticsearch
