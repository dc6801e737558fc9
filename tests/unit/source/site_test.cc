#include "controller/source/site.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "controller/world/real/real_files.h"
#include "tests/sim/memory_journal.h"
#include "tests/unit/kind/toy_kind.h"
#include "tests/unit/kind/toy_rig.h"
#include "tests/unit/source/tree.h"

namespace holdfast {
namespace {

std::string ToyText(const std::string& name, const std::string& value) {
  return "apiVersion: holdfast/v1\nkind: Toy\nmetadata: {name: " + name + "}\nspec: {value: " + value +
         "}\n---\n";
}

// The files of a real directory, with a watch that says what the test tells it to say.
class WatchedFiles : public Files {
 public:
  WatchedFiles(boost::asio::any_io_executor executor, Clock& clock) : real_(executor), clock_(clock) {}
  Result<std::string> Read(const std::string& path, size_t most) override { return real_.Read(path, most); }
  Result<std::vector<FileInfo>> List(const std::string& directory) override { return real_.List(directory); }
  Result<FileInfo> Stat(const std::string& path) override { return real_.Stat(path); }
  Status Replace(const std::string& path, const std::string& content, int mode) override {
    return real_.Replace(path, content, mode);
  }
  Status Remove(const std::string& path) override { return real_.Remove(path); }
  Result<std::unique_ptr<Watch>> WatchTree(const std::string&) override {
    return std::unique_ptr<Watch>(new Told(*this));
  }

  std::deque<std::vector<std::string>> told;

 private:
  struct Told : Watch {
    explicit Told(WatchedFiles& of) : files(of) {}
    Task<Result<std::vector<std::string>>> Next() override {
      while (files.told.empty()) co_await files.clock_.Sleep(absl::Milliseconds(5));
      std::vector<std::string> paths = files.told.front();
      files.told.pop_front();
      co_return paths;
    }
    WatchedFiles& files;
  };
  RealFiles real_;
  Clock& clock_;
};

class NoDoors : public Doors {
  Task<Outcome> Perform(Action, absl::Duration) override { co_return Outcome{}; }
};

// One life of a controller that only looks at toys; the journal outlives it.
struct Life {
  Life(ToyRig& rig, WatchedFiles& files, Journal& journal, const std::string& root)
      : world(rig.WorldWith(files)),
        systems(world, engine),
        engine(rig.loop.executor(), world, doors, journal, metrics, {}, Engine::Hands::kAct),
        site(world, systems, engine, metrics, kinds, root) {
    engine.Restore(*journal.Load());
  }

  World world;
  NoDoors doors;
  Metrics metrics;
  const std::vector<AnyKind> kinds = {Erase<Toy>("")};
  Systems systems;
  Engine engine;
  Site site;
};

class SiteTest : public testing::Test {
 protected:
  void SetUp() override { Live(); }
  void TearDown() override { Die(); }

  void Live() {
    life_ = std::make_unique<Life>(rig_, files_, journal_, tree_.root());
    life_->systems.Use<ToyWorld>().seen = Observed<std::string>("red", rig_.clock.Now());
  }
  void Run() { boost::asio::co_spawn(rig_.loop.executor(), life_->engine.Run(), boost::asio::detached); }
  void Follow() { boost::asio::co_spawn(rig_.loop.executor(), life_->site.Follow(), boost::asio::detached); }
  void Die() {
    rig_.loop.Drop();
    life_.reset();
    rig_.loop.Renew();
  }
  Status Load() { return rig_.loop.Await(life_->site.Load()); }
  Status LookNow() { return rig_.loop.Await(life_->site.LookNow()); }
  bool Has(const std::string& name) { return life_->engine.IsDeclared({"Toy", name}); }
  const Row* RowOf(const std::string& name) { return life_->engine.board().Find(ResourceKey{"Toy", name}); }
  std::string FirstWait(const std::string& name) {
    rig_.loop.RunFor(absl::Seconds(1));
    for (const ShownWait& shown : RowOf(name)->waits)
      if (shown.wait.on == Wait::On::kSpec) return shown.wait.name;
    return "";
  }

  Tree tree_;
  ToyRig rig_;
  WatchedFiles files_{rig_.loop.executor(), rig_.clock};
  sim::MemoryDisk disk_;
  sim::MemoryJournal journal_{disk_, rig_.clock};
  std::unique_ptr<Life> life_;
};

TEST_F(SiteTest, WhatIsGoodComesIntoForce) {
  tree_.Write("a.yaml", ToyText("one", "red") + ToyText("two", "blue"));
  EXPECT_TRUE(Load().ok());
  EXPECT_TRUE(Has("one") && Has("two"));
  EXPECT_EQ(RowOf("two")->source.line, 6);
  EXPECT_EQ(RowOf("two")->source.file, tree_.Path("a.yaml"));
}

TEST_F(SiteTest, ABrokenFileLeavesItsLastGoodVersionInForceAndTheOthersGoOn) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  tree_.Write("b.yaml", ToyText("two", "red"));
  (void)Load();
  Run();
  tree_.Write("a.yaml", ToyText("one", "[red"));
  tree_.Write("b.yaml", ToyText("two", "blue"));
  (void)LookNow();
  EXPECT_TRUE(Has("one"));
  EXPECT_EQ(RowOf("one")->generation, 1);
  EXPECT_EQ(RowOf("two")->generation, 2);
  EXPECT_EQ(FirstWait("one"), "stale");
  tree_.Write("a.yaml", ToyText("one", "red"));
  (void)LookNow();
  EXPECT_EQ(FirstWait("one"), "");
  EXPECT_EQ(RowOf("one")->generation, 1);
}

TEST_F(SiteTest, AnEmptySourceChangesNothing) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  (void)Load();
  tree_.Remove("a.yaml");
  (void)LookNow();
  EXPECT_TRUE(Has("one"));
  EXPECT_NE(life_->site.trouble().find("holds no specs"), std::string::npos);
}

TEST_F(SiteTest, ASourceThatCannotBeReadChangesNothingAndSaysSo) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  (void)Load();
  std::filesystem::rename(tree_.root(), tree_.root() + ".away");
  EXPECT_FALSE(LookNow().ok());
  EXPECT_TRUE(Has("one"));
  EXPECT_NE(life_->site.trouble().find("nothing is changed"), std::string::npos);
  std::filesystem::rename(tree_.root() + ".away", tree_.root());
  EXPECT_TRUE(LookNow().ok());
  EXPECT_EQ(life_->site.trouble(), "");
}

TEST_F(SiteTest, ARemovedDocumentIsReleased) {
  tree_.Write("a.yaml", ToyText("one", "red") + ToyText("two", "red"));
  (void)Load();
  tree_.Write("a.yaml", ToyText("one", "red"));
  (void)LookNow();
  EXPECT_TRUE(Has("one"));
  EXPECT_FALSE(Has("two"));
}

TEST_F(SiteTest, AFileThatIsGoneForABlinkIsNotGone) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  tree_.Write("b.yaml", ToyText("two", "red"));
  (void)Load();
  Follow();
  rig_.loop.RunFor(absl::Milliseconds(50));
  tree_.Remove("a.yaml");
  files_.told.push_back({tree_.Path("a.yaml")});
  rig_.loop.RunFor(absl::Milliseconds(100));
  EXPECT_TRUE(Has("one"));
  tree_.Write("a.yaml", ToyText("one", "blue"));
  rig_.loop.RunFor(absl::Seconds(1));
  EXPECT_TRUE(Has("one"));
  EXPECT_EQ(RowOf("one")->generation, 2);
  tree_.Remove("a.yaml");
  files_.told.push_back({tree_.Path("a.yaml")});
  rig_.loop.RunFor(absl::Seconds(1));
  EXPECT_FALSE(Has("one"));
}

TEST_F(SiteTest, AFileThatIsEmptyForABlinkIsNotEmpty) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  tree_.Write("b.yaml", ToyText("two", "red"));
  (void)Load();
  Follow();
  rig_.loop.RunFor(absl::Milliseconds(50));
  tree_.Write("a.yaml", "");
  files_.told.push_back({tree_.Path("a.yaml")});
  rig_.loop.RunFor(absl::Milliseconds(100));
  EXPECT_TRUE(Has("one"));
  tree_.Write("a.yaml", ToyText("one", "red"));
  rig_.loop.RunFor(absl::Seconds(1));
  EXPECT_TRUE(Has("one"));
  EXPECT_EQ(RowOf("one")->generation, 1);
}

// ── texts beside Operations ──

std::string PaintText(const std::string& like) {
  return ToyText("one", "red") +
         "apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: brush}\n"
         "spec: {target: Toy/one, paint: {colour: red, like: \"" +
         like + "\"}}\n";
}

class TextsTest : public SiteTest {
 protected:
  void Begin(const std::string& like) {
    tree_.Write("a.yaml", PaintText(tree_.Path(like)));
    (void)Load();
    Run();
    rig_.loop.RunFor(absl::Seconds(1));
    ASSERT_EQ(Life().phase, OperationPhase::kSucceeded);
    boost::asio::co_spawn(rig_.loop.executor(), life_->site.FollowTexts(), boost::asio::detached);
  }
  // Of the Operation, as the journal has it.
  Past::Operation Life() { return journal_.Load()->resources[{"Toy", "one"}].past.operations["brush"]; }
  // It was begun anew and has come to its end again.
  bool IsDoneAnew(const std::string& than) { return Life().digest != than; }
};

TEST_F(TextsTest, AnotherTextIsAnotherOperation) {
  tree_.Write("templates/like.txt", "as the sky\n");
  Begin("templates/like.txt");
  const std::string first = Life().digest;
  tree_.Write("templates/like.txt", "as the sea\n");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_TRUE(IsDoneAnew(first));
  EXPECT_EQ(Life().phase, OperationPhase::kSucceeded);
  tree_.Write("templates/like.txt", "as the sky\n");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_EQ(Life().digest, first) << "the same text is the same Operation";
}

TEST_F(TextsTest, ATextThatOnlyOneLookFindsIsHalfWritten) {
  tree_.Write("templates/like.txt", "as the sky\n");
  Begin("templates/like.txt");
  const std::string first = Life().digest;
  for (const char* half : {"as", "as the", "as the s", "as the se"}) {
    tree_.Write("templates/like.txt", half);
    rig_.loop.RunFor(Site::kLookThroughEvery);
    EXPECT_EQ(Life().digest, first) << half;
  }
  tree_.Write("templates/like.txt", "as the sea\n");
  (void)LookNow();
  rig_.loop.RunFor(absl::Milliseconds(100));
  EXPECT_TRUE(IsDoneAnew(first)) << "a person says that it is whole";
}

TEST_F(TextsTest, AMissingOrEmptyTextChangesNothingNotEvenOverARestart) {
  tree_.Write("templates/like.txt", "as the sky\n");
  Begin("templates/like.txt");
  const std::string first = Life().digest;
  tree_.Write("templates/like.txt", " \n");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_EQ(Life().digest, first);
  tree_.Remove("templates/like.txt");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_EQ(Life().digest, first);
  Die();
  Live();
  Begin("templates/like.txt");
  EXPECT_EQ(Life().digest, first);
}

TEST_F(TextsTest, ATextThatChangedWhileTheControllerWasDownIsNoticed) {
  tree_.Write("templates/like.txt", "as the sky\n");
  Begin("templates/like.txt");
  const std::string first = Life().digest;
  Die();
  tree_.Write("templates/like.txt", "as the sea\n");
  Live();
  Begin("templates/like.txt");
  EXPECT_TRUE(IsDoneAnew(first));
}

TEST_F(TextsTest, ALinkIsFollowedToWhatItLeadsToNow) {
  tree_.Write("one/like.txt", "as the sky\n");
  tree_.Write("two/like.txt", "as the sea\n");
  tree_.Link("..data", "one");
  tree_.Link("like.txt", "..data/like.txt");
  Begin("like.txt");
  const std::string first = Life().digest;
  tree_.Remove("..data");
  tree_.Link("..data", "two");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_TRUE(IsDoneAnew(first));
}

TEST_F(TextsTest, WordsInBracesStandForAnyTextThere) {
  tree_.Write("templates/n1/like.txt", "as the sky\n");
  tree_.Write("templates/n2/other.txt", "as nothing\n");
  Begin("templates/{name}/like.txt");
  std::string last = Life().digest;
  tree_.Write("templates/n2/other.txt", "as something\n");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_EQ(Life().digest, last);
  tree_.Write("templates/n2/like.txt", "as the sea\n");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_TRUE(IsDoneAnew(last)) << "one came";
  last = Life().digest;
  tree_.Write("templates/n1/like.txt", "as the sea\n");
  rig_.loop.RunFor(3 * Site::kLookThroughEvery);
  EXPECT_TRUE(IsDoneAnew(last)) << "one changed";
}

TEST_F(SiteTest, TheLastGoodVersionOutlivesTheProcess) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  tree_.Write("b.yaml", ToyText("two", "red"));
  (void)Load();
  Run();
  rig_.loop.RunFor(absl::Seconds(1));
  Die();
  tree_.Write("a.yaml", "nonsense: [");
  Live();
  (void)Load();
  Run();
  EXPECT_TRUE(Has("one"));
  EXPECT_EQ(RowOf("one")->generation, 1);
  EXPECT_EQ(FirstWait("one"), "remembered");
  // Mended without the document: then it is gone.
  tree_.Write("a.yaml", ToyText("three", "red"));
  (void)LookNow();
  EXPECT_FALSE(Has("one"));
  EXPECT_TRUE(Has("three"));
}

TEST_F(SiteTest, ASpecThatWasDeletedWhileTheControllerWasDownIsReleased) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  tree_.Write("b.yaml", ToyText("two", "red"));
  (void)Load();
  Run();
  rig_.loop.RunFor(absl::Seconds(1));
  Die();
  tree_.Remove("a.yaml");
  Live();
  (void)Load();
  EXPECT_FALSE(Has("one"));
  EXPECT_TRUE(Has("two"));
}

TEST_F(SiteTest, TheSameSpecAgainIsTheSameGeneration) {
  tree_.Write("a.yaml", ToyText("one", "red"));
  (void)Load();
  Run();
  rig_.loop.RunFor(absl::Seconds(1));
  const int64_t commits = disk_.commits;
  tree_.Write("a.yaml", "# a comment\n" + ToyText("one", "\"red\""));
  (void)LookNow();
  rig_.loop.RunFor(absl::Seconds(1));
  EXPECT_EQ(RowOf("one")->generation, 1);
  EXPECT_EQ(disk_.commits, commits);
}

TEST_F(SiteTest, TwoSpecsThatClaimOneThingHoldEachOtherAndSaySo) {
  const auto claiming = [](const std::string& name) {
    return "apiVersion: holdfast/v1\nkind: Toy\nmetadata: {name: " + name +
           "}\nspec: {value: red, claims: disk7}\n";
  };
  tree_.Write("a.yaml", claiming("one"));
  tree_.Write("b.yaml", claiming("two"));
  (void)Load();
  Run();
  EXPECT_EQ(FirstWait("one"), "claimed twice");
  EXPECT_EQ(FirstWait("two"), "claimed twice");
}

}  // namespace
}  // namespace holdfast
