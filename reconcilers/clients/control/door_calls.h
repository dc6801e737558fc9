// Calls to one supervisord that travel together.
#pragma once

#include <optional>
#include <vector>

#include "reconcilers/clients/control/doors.h"
#include "reconcilers/clients/control/supervisord.h"
#include "reconcilers/clients/gather.h"

namespace holdfast::clients {

class ControlDoors::Calls {
 public:
  // `secrets` outlives this.
  Calls(World world, Secrets& secrets, SupervisordEndpoint endpoint);

  Task<Outcome> Make(XmlRpcCall call, absl::Duration deadline);

 private:
  struct Ask {
    XmlRpcCall call;
    absl::Duration until;  // on the steady clock
  };
  Task<std::vector<Outcome>> Exchange(std::vector<Ask> asks);
  // Refuses those whose process is another one than the call was meant for, and those that cannot be
  // compared.
  Task<std::vector<std::optional<Outcome>>> Compare(std::vector<Ask> asks, absl::Duration until);

  World world_;
  Secrets& secrets_;
  const SupervisordEndpoint endpoint_;
  Gather<Ask, Outcome> calls_;
};

}  // namespace holdfast::clients
