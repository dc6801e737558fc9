// Asking the clients about one target, in their words, and saying it in ours.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>

#include "controller/base/task.h"
#include "controller/plan/observed.h"
#include "reconcilers/clients/clients.h"
#include "reconcilers/service_stack/layers.h"
#include "reconcilers/service_stack/state.h"

namespace holdfast::stack {

// `layout` and `clients` outlive the call; a look owns both.
Task<Observed<Process>> ReadProcess(clients::Clients& clients, const Layout& layout, uint32_t target,
                                    absl::Time not_older_than);

// Whether a failing probe is worth a second one on the host itself.
enum class Effort : uint8_t { kFromHere, kUntilSure };
// Unknown when nothing was learnt. The target must have a probe.
Task<Observed<Answer>> ReadAnswer(clients::Clients& clients, const Layout& layout, uint32_t target,
                                  Effort effort);

// Descriptors, load, disk, last log lines. Empty texts when nothing could be learnt.
Task<Finding> Diagnose(clients::Clients& clients, const Layout& layout, uint32_t target,
                       std::string incarnation);

// Processes of the target that its supervisord does not know, because they outlived its predecessor. Nothing
// when there is nothing to tell. Cheap unless the supervisord is new.
Task<std::optional<Finding>> ReadOrphans(clients::Clients& clients, const Layout& layout, uint32_t target);

// Pure, for tests.
Observed<Process> FromSupervisord(Observed<clients::ProcessInfo> seen,
                                  const clients::SupervisordEndpoint& endpoint);
Observed<Process> FromSystemd(Observed<clients::UnitInfo> seen);
Observed<Process> FromStatus(Observed<clients::ServiceStatus> seen);
clients::Probe ClientProbe(const Probe& probe, const Target& target, Become become);

}  // namespace holdfast::stack
