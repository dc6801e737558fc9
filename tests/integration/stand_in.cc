#include "tests/integration/stand_in.h"

#include <unistd.h>

namespace holdfast::clients {

StandIn::StandIn(Lab& lab, const std::string& scenario) : lab_(lab) {
  lab.Write("scenario.yaml", scenario);
  pid_ = lab.Start("sandbox",
                   {HOLDFAST_SANDBOX, "serve", lab.Path("scenario.yaml"), "--socket", lab.Path("ctl.sock")});
  EXPECT_TRUE(WaitUntil([&] { return access(lab.Path("ctl.sock").c_str(), F_OK) == 0; }))
      << lab.Log("sandbox");
}

void StandIn::Tell(std::vector<std::string> words) {
  words.insert(words.begin(), {HOLDFAST_SANDBOX, "ctl", "--socket", lab_.Path("ctl.sock")});
  EXPECT_EQ(lab_.Run(words), 0) << lab_.Log("run");
}

}  // namespace holdfast::clients
