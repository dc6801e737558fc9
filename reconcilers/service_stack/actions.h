// The calls that start, stop and kill one target, as data.
#pragma once

#include <optional>
#include <string_view>

#include "controller/plan/action.h"
#include "reconcilers/clients/control/ssh.h"
#include "reconcilers/clients/control/supervisord.h"
#include "reconcilers/service_stack/layers.h"
#include "reconcilers/service_stack/state.h"

namespace holdfast::stack {

Action StartAction(const Layout& layout, uint32_t target);
// Refused by the door when another run of the process is alive by then, where runs can be told apart: always
// by supervisord and systemd; by the others when their status or a pid file names the process.
Action StopAction(const Layout& layout, uint32_t target, std::string_view incarnation);
// Nothing when its control cannot kill one particular run. `looked_at` is what was found out about the
// process of that run; only the controls that have no kill of their own need it, and may be nullptr.
std::optional<Action> KillAction(const Layout& layout, uint32_t target, std::string_view incarnation,
                                 const Finding* looked_at);

// The same places, for reading.
Reach ReachOf(const Layout& layout, uint32_t target);
clients::SupervisordEndpoint EndpointOf(const SupervisordControl& control, const Target& target);
std::vector<std::string> ExpandedWords(const specs::Argv& argv, const Target& target);
// The target's program runs on the machine on which we run.
bool IsOnThisMachine(const Layout& layout, uint32_t target);

}  // namespace holdfast::stack
