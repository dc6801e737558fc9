// Performing actions on services: by HTTP, XML-RPC, command and signal.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>

#include "controller/plan/doors.h"
#include "controller/world/world.h"
#include "reconcilers/clients/clients.h"

namespace holdfast::clients {

// Outcomes of what is not plain from the contract:
//   XML-RPC   ALREADY_STARTED and NOT_RUNNING are done; every other fault is a refusal with supervisord's
//   words command   a code that is not among `done_codes` is a refusal with its last lines; ssh's 255 and a
//   kill are unknown HTTP      2xx is done, 4xx refused, 5xx unknown (the server may have done it)
// Calls to one supervisord that are begun in the same turn of the loop travel in one multicall, after one
// multicall that compares the incarnations. No secret appears in an Outcome.
class ControlDoors : public Doors {
 public:
  // `clients` outlives this.
  ControlDoors(World world, Clients& clients);
  ~ControlDoors() override;

  Task<Outcome> Perform(Action action, absl::Duration deadline) override;

  static constexpr size_t kMostAnswerBytes = 1 << 20;
  static constexpr size_t kMostDetail = 400;
  static constexpr size_t kMostPerCall = 1024;

 private:
  class Calls;
  Task<Outcome> Do(HttpCall call, absl::Duration deadline);
  Task<Outcome> Do(XmlRpcCall call, absl::Duration deadline);
  Task<Outcome> Do(Command command, absl::Duration deadline);
  Task<Outcome> Do(Signal signal, absl::Duration deadline);
  Task<Outcome> SignalElsewhere(Signal signal, absl::Duration deadline);

  World world_;
  Clients& clients_;
  std::map<std::string, std::unique_ptr<Calls>> endpoints_;
};

}  // namespace holdfast::clients
