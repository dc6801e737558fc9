// Processes that outlived the supervisord that had started them.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/event.h"
#include "controller/base/task.h"
#include "controller/plan/action.h"
#include "controller/plan/observed.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/processes.h"
#include "reconcilers/clients/control/supervisord.h"

namespace holdfast::clients {

// A supervisord that is killed leaves its children to process 1, and its successor knows nothing of them: it
// would start everything a second time. So the process table is read once for every supervisord that is new,
// and again as long as something was found.
class Orphans {
 public:
  // `supervisors` and `processes` outlive this.
  Orphans(World world, Supervisors& supervisors, Processes& processes)
      : world_(world), supervisors_(supervisors), processes_(processes) {}

  // What runs outside of the supervisord at `endpoint` as `program` would, at `where`, which is the machine
  // of that supervisord. Absent: nobody can look, because this supervisord does not tell what it starts its
  // programs with. Unknown: looking failed. Who asks while somebody looks waits for that.
  Task<Observed<std::vector<FoundProcess>>> Look(SupervisordEndpoint endpoint, Reach where,
                                                 std::string program);

  // As long as something is left, or could not be looked for.
  static constexpr absl::Duration kLookAgain = absl::Seconds(5);

 private:
  using Found = std::map<std::string, std::vector<FoundProcess>>;
  // Only of those that are still new.
  struct Place {
    int64_t daemon_pid = 0;
    Observed<Found> found;
    absl::Time again = absl::InfinitePast();
    Event over;
    bool under_way = false;
  };
  Task<Observed<Found>> Search(SupervisordEndpoint endpoint, Reach where);

  World world_;
  Supervisors& supervisors_;
  Processes& processes_;
  std::map<std::string, std::shared_ptr<Place>> places_;  // by endpoint
};

// The words of a command as supervisord divides it: blanks, quotes and backslashes as in a shell, nothing
// else. Nothing when a quote is left open.
std::vector<std::string> WordsOf(std::string_view command);

}  // namespace holdfast::clients
