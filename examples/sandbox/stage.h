// A scenario that is played: the model under the real clock, its sockets as its processes have them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/clock.h"
#include "examples/sandbox/hosts.h"
#include "examples/sandbox/port.h"
#include "examples/sandbox/rpc_door.h"
#include "examples/sandbox/scenario.h"
#include "examples/sandbox/served_account.h"

namespace holdfast::sandbox {

// Engine thread only. `clock` outlives it; it outlives the loop.
class Stage {
 public:
  // No process of this machine has such a number, so nothing that is done to a process of the model by its
  // number can hit a real one.
  static constexpr int64_t kFirstPid = 1 << 23;
  static constexpr absl::Duration kBeat = absl::Milliseconds(50);

  Stage(boost::asio::any_io_executor executor, Clock& clock, Scenario scenario);

  // Every supervisord listens when this returns ok, and so does the account.
  Status Open();
  // Lets the world go on until it is told to end; nothing listens any more when it returns.
  Task<void> Run();
  void End() { ending_ = true; }
  // Returns when the sockets are as the model is now.
  Task<void> Settled();

  Hosts& hosts() { return hosts_; }
  const Scenario& scenario() const { return scenario_; }
  ServedAccount* account() { return account_ ? &*account_ : nullptr; }
  // From the next start on.
  void Behave(const std::string& id, const Behaviour& behaviour);
  // Everything as the scenario says; processes that ended stay as they are.
  void Heal();

 private:
  struct Place {
    std::string unit;
    std::unique_ptr<Port> port;
  };
  Task<void> Beat();
  void SettlePorts();
  Task<void> SettleDoors();

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  const Scenario scenario_;
  Hosts hosts_;
  std::map<std::string, const Role*> roles_;  // by unit
  std::list<RpcDoor> doors_;
  std::vector<Place> places_;
  std::optional<ServedAccount> account_;
  bool ending_ = false;
  uint64_t begun_ = 0, settled_ = 0;  // beats
};

}  // namespace holdfast::sandbox
