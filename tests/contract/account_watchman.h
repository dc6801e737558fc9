// Looks at the ground truth of a simulated account after every effect and notes what must never happen to it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "examples/sandbox/aws/account.h"
#include "tests/contract/scenario.h"

namespace holdfast::contract {

// Judges what the controller does; what people and nature do is theirs.
class AccountWatchman final : public Judge {
 public:
  using Account = sandbox::aws::Account;

  // `account` outlives this.
  explicit AccountWatchman(Account& account);

  // What the declaration allows of a table ("users") or an index ("users/by-mail"), at every instant.
  struct Capacity {
    sandbox::aws::Throughput least, most;
    int decreases = 0;
  };
  std::map<std::string, Capacity> capacity;

  // What the declaration allows of a group.
  struct Size {
    int64_t least_serving = 1;
    int64_t most_desired = 0;       // 0 = as much as its maximum
    int64_t most_terminations = 0;  // those of a refresh that the controller began are its own
    int most_refreshes = 0;
    enum class Versions { kTogether, kNeverTogether } versions = Versions::kTogether;
    std::set<std::string> stays_suspended;
  };
  std::map<std::string, Size> groups;

  // Of an alarm's lists, as declared. Once an alarm has them no write of the controller may take them away.
  struct Actions {
    std::set<std::string> alarm, ok, insufficient;
    bool operator==(const Actions&) const = default;
  };
  std::map<std::string, Actions> alarms;

  std::set<std::string> may_delete;  // names
  int most_letters = 1;              // requests for confirmation to each subscriber
  int most_images = 0;
  // Writes that the service refused, but for its being busy or asked too often; a stale look may cost one.
  int most_refused = 1;

  const std::vector<std::string>& complaints() const override { return complaints_; }
  std::string InTheEnd() const override;
  std::string Tell() const override;
  int effects() const override { return effects_; }
  int writes(const std::string& operation) const;

 private:
  using Effect = sandbox::aws::AccountEffect;
  using Ground = sandbox::aws::Ground;
  void See(const Effect& effect, const Ground& before);
  void SeeSizes(const Effect& effect);
  void SeeTermination(const Effect& effect, const Ground& before);
  void SeeRefresh(const Effect& effect, const Ground& before);
  void SeeProcesses(const Effect& effect, const Ground& before);
  void SeeCapacity(const Effect& effect, const Ground& before);
  void SeeAlarm(const Effect& effect, const Ground& before);
  void SeeDeletion(const Effect& effect);
  void SeeVersions(const Effect& effect);
  void Complain(const Effect& effect, std::string_view what);

  Account& account_;
  std::vector<std::string> complaints_;
  std::map<std::string, int> writes_;                       // by operation
  std::map<std::string, int> decreases_;                    // by table or index
  std::map<std::string, int> terminated_, refreshed_;       // by group
  std::map<std::string, std::set<std::string>> put_aside_;  // processes by group
  int effects_ = 0;
};

}  // namespace holdfast::contract
