// Looks at the ground truth after every effect and notes what must never happen to a stack.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "examples/sandbox/hosts.h"
#include "tests/contract/scenario.h"

namespace holdfast::contract {

// The stack as a person would draw it: units by layer, the lowest first.
struct Drawn {
  struct Service {
    std::vector<std::string> units;
    size_t ready_with = 0;  // so many must serve; 0 = all
  };
  std::vector<std::vector<Service>> layers;
};

// Judges what the controller does; what people and nature do is theirs.
class Watchman final : public Judge {
 public:
  // `hosts` outlives this.
  Watchman(sandbox::Hosts& hosts, Drawn drawn);

  // While an outage is declared layers are taken down from the top; else one unit at a time is taken out of
  // service.
  enum class Outage { kNone, kDeclared } outage = Outage::kNone;
  // A stop is right for a unit that hangs or because a restart was asked for; then it may serve.
  enum class Restart { kNobodyAsked, kAsked } restart = Restart::kNobodyAsked;
  // Nothing at all may be done to these.
  std::set<std::string> untouchable;

  // How often each unit may be started by the controller; -1 = not counted.
  int most_starts = 1;

  const std::vector<std::string>& complaints() const override { return complaints_; }
  std::string InTheEnd() const override;
  // How often the controller started this unit.
  int starts_of(const std::string& unit) const;
  int effects() const override { return effects_; }

 private:
  void See(const sandbox::Effect& effect);
  void SeeStart(const sandbox::Effect& effect);
  void SeeStop(const sandbox::Effect& effect);
  void Complain(const sandbox::Effect& effect, std::string_view what);
  bool IsReady(const Drawn::Service& service) const;
  size_t LayerOf(const std::string& unit) const;

  sandbox::Hosts& hosts_;
  const Drawn drawn_;
  std::vector<std::string> complaints_;
  std::map<std::string, int> starts_;
  std::map<std::string, int64_t> taken_out_;  // by the controller, and no other process of it serves yet
  int effects_ = 0;
};

}  // namespace holdfast::contract
