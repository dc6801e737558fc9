#include "tests/integration/dynalite_lab.h"

#include <unistd.h>

#include <filesystem>

#include "controller/base/text.h"

namespace holdfast::aws {

std::string Dynalite::Program() {
  // Where tests/setup puts it.
  const std::string program = std::filesystem::absolute("build/dynalite/node_modules/.bin/dynalite");
  return access(program.c_str(), X_OK) == 0 ? program : "";
}

Dynalite::Dynalite(clients::Lab& lab, clients::RealRig& rig, absl::Duration window) {
  constexpr absl::Duration kStart = absl::Seconds(60);
  const uint16_t port = clients::FreePort();
  const std::string milliseconds = Cat(absl::ToInt64Milliseconds(window));
  url_ = Cat("http://127.0.0.1:", port);
  lab.Start("dynalite", {Program(), "--host", "127.0.0.1", "--port", Cat(port), "--createTableMs",
                         milliseconds, "--updateTableMs", milliseconds});
  const bool answers = clients::WaitUntil(
      [&] {
        // What is not signed is refused, and that is an answer.
        return rig.Wait(rig.real.http.Send({.method = "GET", .url = url_ + "/"}, {absl::Seconds(5)})).ok();
      },
      kStart);
  EXPECT_TRUE(answers) << lab.Log("dynalite");
}

}  // namespace holdfast::aws
