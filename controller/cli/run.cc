// holdfast run
#include "controller/cli/call.h"
#include "controller/host.h"

namespace holdfast::cli {

int RunRun(Call& call) {
  constexpr absl::Duration kOncePatience = absl::Minutes(10);
  const Settings& settings = call.settings();
  const HostOptions options{.specs = settings.Get("specs"),
                            .state = settings.Get("state"),
                            .listen = settings.Get("listen"),
                            .socket = settings.Get("socket"),
                            .environment = call.surroundings().environment,
                            .version = call.surroundings().version};
  if (options.state.empty())
    return call.Fail(kUsage, "--state is empty: nothing is done that cannot be written down");
  return RunDaemon(options, call.surroundings().kinds,
                   call.Has("once") ? RunUntil::kQuiet : RunUntil::kStopped, call.Timeout(kOncePatience));
}

}  // namespace holdfast::cli
