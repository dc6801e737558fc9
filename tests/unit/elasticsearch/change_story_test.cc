// Decisions one after the other on a small cluster that does what they say: a change of configuration comes
// to its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>

#include "controller/base/json.h"
#include "controller/base/sha256.h"
#include "reconcilers/elasticsearch/node_files.h"
#include "tests/unit/elasticsearch/case.h"

namespace holdfast::elasticsearch {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPath = "/etc/elasticsearch/elasticsearch.yml";
const std::string kFrom = "/specs/es.txt";
constexpr absl::Duration kRound = absl::Seconds(6);

// Nodes that hold everything twice, with one file each. A node whose file says "broken" never comes up.
class Story {
 public:
  enum class Masters { kOfTheirOwn, kTwoOfTheNodes };
  explicit Story(Masters masters = Masters::kOfTheirOwn) : masters_(masters) {
    for (const char* name : {"n1", "n2", "n3", "n4"})
      nodes_[name] = {.started = Scene::Now() - absl::Hours(100), .text = "old"};
    operation_.name = "heap";
    operation_.want.verb = Operation::Verb::kConfigChange;
    operation_.want.nodes.name = "n*";
    operation_.want.files = {{.path = kPath, .from = {.written = "es.txt", .path = kFrom}}};
  }
  Operation& want() { return operation_.want; }
  void Text(std::string text) { text_ = std::move(text); }
  // As the engine has it when the Operation has another digest: for that, the text need not be its own.
  void BeginAnew() { operation_.phase = OperationPhase::kPending; }
  // A person gave the node that text and started it.
  void HasBeenGiven(const std::string& node, const std::string& text) {
    nodes_.at(node).text = text;
    nodes_.at(node).changed = nodes_.at(node).started - absl::Minutes(1);
  }
  void ForgetTheJournal() { past_ = {}; }

  // Rounds until the Operation is at its end and nothing is open, or `most` are over.
  void Run(int most = 400) {
    for (int i = 0; i < most && !IsOver(); ++i) Round();
  }
  void RunUntil(std::string_view line) {
    for (int i = 0; i < 400 && (did.empty() || did.back() != line); ++i) Round();
    ASSERT_EQ(did.back(), line);
  }
  bool IsOver() const {
    return IsSpent(operation_.phase) && past_.open.empty() &&
           std::none_of(settings_.begin(), settings_.end(),
                        [](const auto& entry) { return entry.first.starts_with(kMirrorPrefix); });
  }
  OperationPhase phase() const { return operation_.phase; }
  const std::string& message() const { return message_; }
  std::string TextOf(const std::string& node) const { return nodes_.at(node).text; }
  bool IsUp(const std::string& node) const { return nodes_.at(node).up; }
  const std::map<std::string, std::string>& settings() const { return settings_; }
  const std::vector<std::string>& excluded_voters() const { return no_vote_; }
  int starts(const std::string& node) const { return nodes_.at(node).starts; }

  std::vector<std::string> did;    // "stop n1"
  std::vector<std::string> waits;  // of the last round

 private:
  struct Machine {
    bool up = true;
    int starts = 0;
    absl::Time started;
    std::string text;
    absl::Time changed = Scene::Now() - absl::Hours(200);
    std::map<std::string, std::string> beside;  // by digest in the name
  };

  View Seen() const {
    Scene scene;
    std::set<std::string> excluded;
    if (const auto token = settings_.find(Key("_name")); token != settings_.end())
      for (std::string& name : Split(token->second, ',')) excluded.insert(std::move(name));
    std::vector<std::string> take;  // where shards may be
    for (const auto& [name, machine] : nodes_) {
      if (!machine.up) continue;
      scene.Node(name).Disk(1000, 900);
      if (masters_ == Masters::kTwoOfTheNodes && name < "n3") scene.Master();
      if (!excluded.contains(name)) take.push_back(name);
    }
    if (masters_ == Masters::kOfTheirOwn)
      for (const char* name : {"m1", "m2", "m3"}) scene.Node(name).Roles("master");
    scene.Index("i3", 1);
    for (size_t i = 0; i < take.size(); ++i) scene.Shard(Cat(take[i], " ", take[(i + 1) % take.size()]), 10);
    for (const auto& [key, value] : settings_) scene.Persistent(key, value);
    View view = scene.view();
    for (Node& node : view.nodes) {
      const auto machine = nodes_.find(node.name);
      node.started = machine == nodes_.end() ? Scene::Now() - absl::Hours(300) : machine->second.started;
      node.ephemeral_id = Cat(node.name, "-", machine == nodes_.end() ? 0 : machine->second.starts);
    }
    view.voting_exclusions = no_vote_;
    if (masters_ == Masters::kTwoOfTheNodes)
      view.voting_config = no_vote_.empty() ? std::vector<std::string>{"n1", "n2"}
                                            : std::vector<std::string>{no_vote_[0] == "n1" ? "n2" : "n1"};
    return view;
  }

  void Round() {
    Case c((Scene()).Node("x").Master());
    const View view = Seen();
    const std::string endpoint = c.view.endpoint, uuid = c.view.cluster_uuid;
    c.view = view;
    c.view.endpoint = endpoint, c.view.cluster_uuid = uuid, c.view.confirmed = true, c.view.has_sizes = true;
    c.view.state_version = ++version_;
    c.want.disruption.control = NodeControl{.systemd = control::SystemdControl{.unit = "elasticsearch"}};
    c.past = past_;
    c.past.pins = {{"holder", std::string(kUs)}, {"cluster_uuid", "uuid-1"}};
    c.trail = trail_;
    if (!IsSpent(operation_.phase)) c.operations = {operation_};
    if (begun_) c.past.operations["heap"] = {.phase = operation_.phase, .since = *begun_};
    for (const std::string& ask : ask_) Answer(ask, c.view);
    const Plan plan = c.Decide();
    trail_ = c.trail;
    ask_ = plan.ask;
    Settle(plan);
    if (const Step* step = FirstStep(plan); Goes(step)) Perform(*step);
    Pass();
  }

  void Answer(const std::string& ask, View& view) const {
    if (ParseTemplateAsk(ask))
      view.templates.push_back({.path = kFrom, .text = text_, .sha256 = Sha256Hex(text_)});
    const auto file = ParseFileAsk(ask);
    if (!file || view.FindFile(file->node.name, file->path) != nullptr) return;
    const Machine& machine = nodes_.at(file->node.name);
    NodeFile seen{.node = file->node.name, .path = kPath, .is = NodeFile::Is::kThere};
    seen.sha256 = Sha256Hex(machine.text);
    seen.changed = machine.changed;
    for (const auto& [digest, text] : machine.beside) seen.beside[digest].sha256 = Sha256Hex(text);
    view.files.push_back(std::move(seen));
  }

  // A lease that a plan names nowhere is restored by the engine at once.
  static bool Names(const Plan& plan, const std::string& object) {
    for (const Stage& stage : plan.stages)
      for (const Step& step : stage.steps)
        if (step.puts_back == object) return true;
    for (const Wait& wait : plan.waits)
      if (wait.name == RestoreName(object)) return true;
    return std::any_of(plan.restored.begin(), plan.restored.end(),
                       [&](const auto& one) { return one.first == object; });
  }

  void Settle(const Plan& plan) {
    waits.clear();
    for (const Wait& wait : plan.waits) waits.push_back(Cat(wait.name, ": ", wait.detail));
    for (const Lease& lease : past_.open)
      EXPECT_TRUE(Names(plan, lease.object)) << lease.object << " after\n" << Join(did, "\n");
    for (const auto& [object, how] : plan.restored)
      std::erase_if(past_.open, [&](const Lease& lease) { return lease.object == object; });
    for (const OperationProgress& told : plan.operations) {
      using Phase = OperationProgress::Phase;
      message_ = told.message;
      const OperationPhase phase = told.phase == Phase::kSucceeded ? OperationPhase::kSucceeded
                                   : told.phase == Phase::kFailed  ? OperationPhase::kFailed
                                   : told.phase == Phase::kRunning ? OperationPhase::kRunning
                                                                   : operation_.phase;
      if (phase != operation_.phase) begun_ = Scene::Now();
      operation_.phase = phase;
    }
  }

  void Perform(const Step& step) {
    did.push_back(Cat(step.verb, " ", step.target));
    Outcome outcome{Outcome::Kind::kDone, "", ""};
    if (const auto* call = std::get_if<HttpCall>(&step.action))
      Call(*call, step);
    else
      Command(step, &outcome);
    past_.attempts.push_back({step.key, "", Scene::Now(), outcome, step.target});
    if (!step.puts_aside) return;
    std::erase_if(past_.open, [&](const Lease& lease) { return lease.object == step.puts_aside->object; });
    past_.open.push_back(*step.puts_aside);
  }

  void Call(const HttpCall& call, const Step& step) {
    if (call.url.find("voting_config_exclusions") != std::string::npos) {
      no_vote_ = call.method == "POST" ? std::vector{step.target} : std::vector<std::string>();
    } else if (call.method == "PUT") {
      const auto body = ParseJson(Printed(call.body));
      for (const auto& [key, value] : body->get_object().at("persistent").get_object()) {
        if (value.is_null())
          settings_.erase(std::string(Chars(key)));
        else
          settings_[std::string(Chars(key))] = Chars(value.get_string());
      }
    }
  }

  void Command(const Step& step, Outcome* outcome) {
    Machine& machine = nodes_.at(step.target);
    const auto lay = [&](const std::string& text) {
      machine.beside[std::string(ShortDigest(Sha256Hex(text)))] = text;
    };
    const auto take = [&](const std::string& text) {
      ASSERT_EQ(machine.beside.erase(std::string(ShortDigest(Sha256Hex(text)))), 1U) << step.verb;
      ASSERT_FALSE(machine.up) << "files are replaced while the node is down";
      machine.text = text;
      machine.changed = Scene::Now();
    };
    if (step.verb == "keep") lay(machine.text);
    if (step.verb == "make room for") machine.beside[std::string(ShortDigest(Sha256Hex(text_)))] = "";
    if (step.verb == "lay") lay(text_);
    if (step.verb == "change") take(text_);
    if (step.verb == "put back") take("old");
    if (step.verb == "stop") {
      for (const auto& [name, other] : nodes_) ASSERT_TRUE(other.up) << name << " is down when another stops";
      machine.up = false;
    }
    if (step.verb != "start") return;
    if (machine.text == "refused") *outcome = {Outcome::Kind::kRefused, "exit code 1: Job failed", ""};
    if (machine.text == "refused" || machine.text == "broken") return;
    machine.up = true;
    ++machine.starts;
    machine.started = Scene::Now() + absl::Seconds(1);
  }

  // Everything is a while ago.
  void Pass() {
    for (Attempt& attempt : past_.attempts) attempt.sent -= kRound;
    for (auto& [name, machine] : nodes_) machine.started -= kRound, machine.changed -= kRound;
    for (auto& [id, empty] : trail_.empty) empty.first_at -= kRound, empty.last_at -= kRound;
    if (begun_) *begun_ -= kRound;
  }

  const Masters masters_;
  std::map<std::string, Machine> nodes_;
  std::map<std::string, std::string> settings_;
  std::vector<std::string> no_vote_;
  std::string text_ = "new";
  OperationIn<Operation> operation_;
  std::optional<absl::Time> begun_;
  std::string message_;
  Past past_;
  Trail trail_;
  std::vector<std::string> ask_;
  uint64_t version_ = 10;
};

std::vector<std::string> Only(const std::vector<std::string>& did, std::string_view verb) {
  std::vector<std::string> out;
  for (const std::string& one : did)
    if (one.starts_with(verb)) out.push_back(one);
  return out;
}

TEST(ChangeStory, EveryNodeGetsItsFileAndIsStartedOnce) {
  Story story;
  story.Run();
  EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << story.message() << "\n" << Join(story.did, "\n");
  EXPECT_TRUE(story.IsOver()) << Join(story.waits, "\n");
  for (const char* node : {"n1", "n2", "n3", "n4"}) {
    EXPECT_EQ(story.TextOf(node), "new");
    EXPECT_EQ(story.starts(node), 1) << node;
  }
  EXPECT_THAT(story.settings(), testing::IsEmpty());
  EXPECT_THAT(std::vector(story.did.begin(), story.did.begin() + 9),
              ElementsAre("keep n1", "make room for n1", "lay n1", "flush n1", "freeze for n1", "stop n1",
                          "allow primaries without n1", "change n1", "start n1"));
}

TEST(ChangeStory, DrainFirstEmptiesEachAndReleasesIt) {
  Story story;
  story.want().strategy = Operation::Strategy::kDrainFirst;
  story.Run();
  EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << story.message() << "\n" << Join(story.did, "\n");
  EXPECT_TRUE(story.IsOver()) << Join(story.waits, "\n");
  EXPECT_THAT(Only(story.did, "exclude"),
              ElementsAre("exclude _name:n1", "exclude _name:n2", "exclude _name:n3", "exclude _name:n4"));
  EXPECT_EQ(Only(story.did, "release").size(), 4U);
  EXPECT_THAT(story.settings(), testing::IsEmpty());
}

TEST(ChangeStory, ABrokenFileIsPutBackOnTheFirstNodeAndNoOtherIsTouched) {
  for (const char* text : {"broken", "refused"}) {
    Story story;
    story.Text(text);
    story.Run();
    EXPECT_EQ(story.phase(), OperationPhase::kFailed) << text << "\n" << Join(story.did, "\n");
    EXPECT_TRUE(story.IsOver()) << Join(story.waits, "\n");
    EXPECT_THAT(story.message(), HasSubstr(kPath));
    EXPECT_TRUE(story.IsUp("n1")) << Join(story.did, "\n");
    EXPECT_EQ(story.TextOf("n1"), "old");
    EXPECT_THAT(story.did, Contains("put back n1"));
    EXPECT_THAT(story.did, Not(Contains("stop n2")));
    EXPECT_THAT(story.waits, Contains(HasSubstr("configuration of n1")));
    EXPECT_THAT(story.settings(), testing::IsEmpty());
  }
}

TEST(ChangeStory, AnotherTextIsGivenToWhoHasNotGotIt) {
  Story story;
  story.Run();
  ASSERT_EQ(story.phase(), OperationPhase::kSucceeded);
  story.Text("newer");
  story.HasBeenGiven("n3", "newer");
  story.BeginAnew();
  story.Run();
  EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << story.message() << "\n" << Join(story.did, "\n");
  EXPECT_TRUE(story.IsOver()) << Join(story.waits, "\n");
  EXPECT_THAT(Only(story.did, "stop"),
              ElementsAre("stop n1", "stop n2", "stop n3", "stop n4", "stop n1", "stop n2", "stop n4"));
  for (const char* node : {"n1", "n2", "n3", "n4"}) EXPECT_EQ(story.TextOf(node), "newer") << node;
}

TEST(ChangeStory, ATextThatIsMendedAfterItWasPutBackIsTriedAnew) {
  Story story;
  story.Text("broken");
  story.Run();
  ASSERT_EQ(story.phase(), OperationPhase::kFailed);
  story.Text("mended");
  story.BeginAnew();
  story.Run();
  EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << story.message() << "\n" << Join(story.did, "\n");
  for (const char* node : {"n1", "n2", "n3", "n4"}) EXPECT_EQ(story.TextOf(node), "mended") << node;
  EXPECT_THAT(story.waits, Not(Contains(HasSubstr("configuration of n1"))));
}

TEST(ChangeStory, ATextThatChangesWhileANodeIsInHandComesToAllOfThem) {
  for (const char* last : {"keep n1", "lay n1", "freeze for n1", "stop n1", "change n1", "start n1"}) {
    Story story;
    story.RunUntil(last);
    story.Text("newer");
    story.Run();
    EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << last << "\n" << Join(story.did, "\n");
    EXPECT_TRUE(story.IsOver()) << last << "\n" << Join(story.waits, "\n");
    for (const char* node : {"n1", "n2", "n3", "n4"}) EXPECT_EQ(story.TextOf(node), "newer") << last << node;
    EXPECT_LE(story.starts("n1"), 2) << last;
    EXPECT_THAT(story.settings(), testing::IsEmpty());
  }
}

TEST(ChangeStory, ATextThatIsMendedBeforeItWasPutBackHasNotFailed) {
  Story story;
  story.Text("broken");
  story.RunUntil("start n1");
  story.Text("mended");
  story.Run();
  EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << story.message() << "\n" << Join(story.did, "\n");
  EXPECT_TRUE(story.IsOver()) << Join(story.waits, "\n");
  for (const char* node : {"n1", "n2", "n3", "n4"}) EXPECT_EQ(story.TextOf(node), "mended") << node;
}

TEST(ChangeStory, AStateDirectoryThatIsLostWhileANodeIsDownCostsNothing) {
  for (const char* last : {"freeze for n1", "stop n1", "change n1", "start n1"}) {
    Story story;
    story.RunUntil(last);
    story.ForgetTheJournal();
    story.Run();
    EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << last << "\n" << Join(story.did, "\n");
    EXPECT_TRUE(story.IsOver()) << last << "\n" << Join(story.waits, "\n");
    EXPECT_THAT(story.settings(), testing::IsEmpty());
  }
}

TEST(ChangeStory, OfTwoMastersEachGivesItsVoteAwayAndGetsItBack) {
  Story story(Story::Masters::kTwoOfTheNodes);
  story.Run();
  EXPECT_EQ(story.phase(), OperationPhase::kSucceeded) << story.message() << "\n" << Join(story.did, "\n");
  EXPECT_TRUE(story.IsOver()) << Join(story.waits, "\n");
  EXPECT_EQ(Only(story.did, "give away").size(), 2U);
  EXPECT_EQ(Only(story.did, "give back").size(), 2U);
  EXPECT_THAT(story.excluded_voters(), testing::IsEmpty());
}

}  // namespace
}  // namespace holdfast::elasticsearch
