// A simulated AWS account in one region, in time: what is asked of it, what befalls it, and what it makes of
// that.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/sandbox/aws/call.h"
#include "examples/sandbox/aws/ground.h"
#include "examples/sandbox/aws/wire.h"

namespace holdfast::sandbox::aws {

// One operation that the account knows.
struct Row {
  std::string_view service, operation;
  Said (*answer)(Call& call);
  enum class Effect { kReads, kWrites } effect = Effect::kReads;
  Output output = Output::kDocument;
};
// Everything that may be asked, by service and operation.
std::span<const Row> Rows();
const Row* FindRow(std::string_view service, std::string_view operation);

// A group that stands there, with instances that have served for a day.
struct NewGroup {
  std::string name, image = "ami-steady";
  int64_t min = 1, max = 4, desired = 2;
  std::vector<std::string> balancers, target_groups;  // made when they are not there
  std::string health_check = "EC2";
};

// Engine thread only. Time goes on only by Advance, which every request is preceded by.
class Account {
 public:
  // kLagging: every read is so old. kAlternating: every other one is, as of replicas.
  enum class Reads { kCurrent, kLagging, kAlternating };
  enum class Rates { kPublished, kNone };
  struct Setup {
    std::string id = "123456789012", region = "us-east-1";
    Reads reads = Reads::kCurrent;
    absl::Duration lag = absl::Seconds(2);
    Rates rates = Rates::kPublished;
  };
  static constexpr size_t kMostEffects = 1 << 20;

  Account(absl::Time now, Setup setup);

  void Advance(absl::Time now);
  absl::Time NextEvent() const;

  // As a client does. A person's hand edits with By::kPerson and the same operations.
  Said Ask(const Asked& asked, By by);
  // By a person; throws when it is refused, because a scene wants what it says.
  void Edit(std::string service, std::string operation, json::value parameters);

  // ── the scene ──
  const Ground& ground() const { return ground_; }
  Ground& scene() { return ground_; }
  Table& AddTable(const std::string& name, Throughput throughput);
  void AddIndex(const std::string& table, const std::string& index, Throughput throughput);
  Group& AddGroup(const NewGroup& group);

  // ── what befalls it ──
  void SetLoad(const std::string& table, Load load, const std::string& index = "");
  void SetMetric(const MetricName& metric, std::optional<double> value);
  void Confirm(const std::string& endpoint);        // of a subscription, by whoever reads its letters
  void Break(const std::string& instance);          // it stops to serve, and its balancers will notice
  void SeesUnhealthy(const std::string& instance);  // so does its group
  void RefuseNext(std::string service, std::string operation, Fault fault, int times = 1);
  void ThrottleNext(const std::string& service, const std::string& operation, int times);
  void Deny(const std::string& action) { denied_.insert(action); }  // "dynamodb:UpdateTable"
  void Allow(const std::string& action) { denied_.erase(action); }

  // ── what was seen ──
  const std::vector<AccountEffect>& effects() const { return effects_; }
  // After each of them, with what was before. A termination is told when it begins.
  std::function<void(const AccountEffect&, const Ground& before)> on_effect;
  // How often clients asked, by "service:Operation", and were told to ask less.
  const std::map<std::string, int>& asked() const { return asked_; }
  int throttled() const { return throttled_; }
  // Writes of clients that were refused, but for rates and for what was under way.
  int refused() const { return refused_; }

 private:
  struct Refusal {
    std::string service, operation;
    Fault fault;
    int times;
  };
  struct Tokens {
    double left = 0;
    absl::Time at;
  };
  std::optional<Fault> Refuse(const Asked& asked);
  bool TakeToken(const Asked& asked);
  const Ground& View();
  void Remember();
  void TellNews(const Ground& before);
  void Tell(const AccountEffect& effect, const Ground& before);
  absl::Time NextMinute() const;

  const Setup setup_;
  Ground ground_;
  // What stood until then; only as far back as reads lag.
  std::deque<std::pair<absl::Time, std::shared_ptr<const Ground>>> past_;
  uint64_t reads_ = 0;
  std::deque<Refusal> refusals_;
  std::set<std::string> denied_;
  std::map<std::string, Tokens> tokens_;
  std::map<std::string, int> asked_;
  int throttled_ = 0, refused_ = 0;
  std::vector<AccountEffect> effects_;
};

}  // namespace holdfast::sandbox::aws
