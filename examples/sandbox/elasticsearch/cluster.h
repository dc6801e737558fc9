// A simulated cluster in time: what befalls it, and what it makes of that.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "examples/sandbox/elasticsearch/ground.h"
#include "examples/sandbox/elasticsearch/settings.h"
#include "examples/sandbox/hosts.h"

namespace holdfast::sandbox::elasticsearch {

// Something that was done, by whom. Told when it has taken effect, but a stop while every copy is still where
// it was.
struct ClusterEffect {
  enum class What {
    kSettings,          // `whom` = the changed keys
    kStop,              // of a node: SIGTERM
    kStart,             //
    kKill,              //
    kVotingExclusions,  // `whom` = the names, "" = taken away
    kReroute,
    kFlush,
    kFile,    // `whom` = NODE:PATH
    kUpload,  // anything else that was written
  };
  absl::Time at;
  What what;
  By by;
  std::string whom;
};
std::string_view EffectName(ClusterEffect::What what);

struct NewIndex {
  std::string name;
  int shards = 1, replicas = 1;
  int64_t bytes = 10 << 20;  // of each copy of each shard
  int64_t docs = 100;        // in each shard
  Texts settings;            // flat
  Index::Is is = Index::Is::kOpen;
};

// How the next write of settings is answered, other than rightly.
enum class WriteAnswer {
  kErrorButApplied,     // 500
  kTimedOutNotApplied,  // 503
  kNotAcknowledged,     // applied, acknowledged:false
};

// What is other when a node comes back. Only what is set.
struct Returning {
  std::optional<std::string> ip, zone;
  enum class Disk { kKept, kWiped } disk = Disk::kKept;
  std::optional<Version> version;
  std::optional<Texts> yml;
};

// Engine thread only. Time goes on only by Advance, which every request is preceded by.
class Cluster {
 public:
  struct Setup {
    std::string name = "sandbox";
    Flavor flavor = Flavor::kOpenSearch;
    Version version{2, 19, 4};
  };
  static constexpr absl::Duration kNoticesFrozen = absl::Seconds(30);
  static constexpr absl::Duration kElection = absl::Seconds(3);
  static constexpr absl::Duration kGoesDown = absl::Seconds(2);
  static constexpr absl::Duration kLooksAtDisks = absl::Seconds(30);
  static constexpr size_t kMostEffects = 1 << 20;

  Cluster(absl::Time now, Setup setup);

  // Before Form. A node without ip gets 10.0.0.11, .12, …; a node without host is its own.
  void AddNode(Node node);
  // Before Form: it stands there, whole. Later: it is being made.
  void AddIndex(NewIndex index);
  // Every node is up and in, every copy is where the deciders let it be.
  void Form();

  void Advance(absl::Time now);
  absl::Time NextEvent() const;
  const Ground& ground() const { return ground_; }
  // For tests that set a scene by hand. Follow it with Changed.
  Ground& scene() { return ground_; }
  void Changed();

  // ── as an operator's control does; by node name ──
  Status Stop(const std::string& node, By by);
  Status Start(const std::string& node, By by);
  Status Kill(const std::string& node, By by);
  void PutFile(const std::string& node, const std::string& path, std::string text, By by);

  // ── what befalls it ──
  void Freeze(const std::string& node);
  void Thaw(const std::string& node);
  void Crash(const std::string& node) { (void)Kill(node, By::kNature); }
  // Of a node that is down: it will come back like this.
  void ReturnsWith(const std::string& node, const Returning& returning);
  void FillDisk(const std::string& node, int64_t other_bytes);
  void SetIndex(const std::string& index, const std::string& key, const std::string& value);
  void CloseIndex(const std::string& index);
  void OpenIndex(const std::string& index);
  // As _cluster/reroute with a move: deciders count, but not `enable`.
  Status Move(const std::string& index, uint32_t shard, const std::string& from, const std::string& to,
              By by);
  void BeginSnapshot(const std::string& repository, const std::string& name);
  void EndSnapshot(const std::string& name);
  void AnswerNextWrite(WriteAnswer answer) { write_answers_.push_back(answer); }
  // A recovery of this copy fails so often that nobody tries any more, until retry_failed.
  void ExhaustRetries(const CopyRef& ref);

  // ── what requests do ──
  Status Change(const SettingsChange& change, By by);
  void ChangeIndices(const std::vector<std::string>& names, const std::string& key,
                     const std::optional<std::string>& value, By by);
  std::optional<WriteAnswer> TakeWriteAnswer();
  Status ExcludeVoters(const std::vector<std::string>& names, By by);
  void ClearVotingExclusions(By by);
  void Reroute(By by);
  void RetryFailed(By by);
  void Flush(By by);
  // Documents for every open shard; how many were acknowledged.
  int64_t Index(int64_t documents);

  // ── ground truth ──
  int64_t LostDocuments() const;
  enum class Health { kGreen, kYellow, kRed };
  Health health() const;
  std::vector<std::string> NodesNotUp() const;
  // What the elected master has in force, whatever the settings say.
  Filters InForce() const;
  // As text, to compare before and after: scope and key with value.
  Texts AllSettings() const;

  const std::vector<ClusterEffect>& effects() const { return effects_; }
  std::function<void(const ClusterEffect&)> on_effect;

 private:
  void Tell(ClusterEffect::What what, By by, std::string whom);
  void Due(Node& node);
  void SettleMembership();
  void LoseMaster(absl::Duration until_election);
  void LookAtDisks();
  Node* Find(const std::string& node);
  Result<Node*> Known(const std::string& node);
  void ForgetTransients();

  Ground ground_;
  std::deque<WriteAnswer> write_answers_;
  std::vector<ClusterEffect> effects_;
  absl::Time disks_due_ = absl::InfiniteFuture();
  enum class Stage { kBeingSet, kFormed } stage_ = Stage::kBeingSet;
};

}  // namespace holdfast::sandbox::elasticsearch

namespace holdfast::sandbox {
using elasticsearch::Cluster;
}
