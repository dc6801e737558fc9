// Sending XML-RPC to a supervisord.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/sent.h"
#include "reconcilers/clients/control/supervisord.h"
#include "reconcilers/clients/control/xmlrpc.h"
#include "reconcilers/clients/secrets.h"

namespace holdfast::clients {

// Faults of supervisord's API, as far as anybody acts upon them.
enum SupervisordFault : int64_t {
  kUnknownMethod = 1,
  kShutdownState = 6,
  kBadName = 10,
  kBadSignal = 11,
  kNoFile = 20,
  kNotExecutable = 21,
  kFailed = 30,
  kAbnormalTermination = 40,
  kSpawnError = 50,
  kAlreadyStarted = 60,
  kNotRunning = 70,
};

struct Posted {
  Sent sent = Sent::kNo;
  Result<std::string> body;
};
// One exchange. An error names the endpoint and what to do. Reports to world.vitals. What is referred to
// outlives it.
Task<Posted> PostXmlRpc(World world, Secrets& secrets, SupervisordEndpoint endpoint, std::string call,
                        Limits limits);

// What a fault means for a person: "fault 50 SPAWN_ERROR: worker: look at its log (supervisorctl tail
// worker)".
std::string FaultText(const XmlRpcFault& fault);

// "PID@START" of a getProcessInfo answer.
std::string IncarnationOf(const json::object& info);
// Nothing when a field that matters is missing or of another type.
std::optional<ProcessInfo> ReadProcessInfo(const json::value& value);

}  // namespace holdfast::clients
