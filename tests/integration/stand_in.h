// A simulated world that stands in for real servers in tests that real ones pass too.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/integration/lab.h"

namespace holdfast::clients {

enum class Who { kReal, kSandbox };
inline std::string WhoText(const testing::TestParamInfo<Who>& info) {
  return info.param == Who::kReal ? "Real" : "Sandbox";
}

// holdfast-sandbox with a scenario, until the lab ends it.
class StandIn {
 public:
  // Returns when it serves; a test failure when it does not.
  StandIn(Lab& lab, const std::string& scenario);

  pid_t pid() const { return pid_; }
  // A command such as {"hang", "redis"}; a test failure when it is refused.
  void Tell(std::vector<std::string> words);

 private:
  Lab& lab_;
  pid_t pid_ = 0;
};

}  // namespace holdfast::clients
