// The calls that start, stop and kill one target, as data.
#pragma once

#include <optional>
#include <string_view>

#include "controller/plan/action.h"
#include "reconcilers/clients/control/ssh.h"
#include "reconcilers/clients/control/supervisord.h"
#include "reconcilers/service_stack/layers.h"

namespace holdfast::stack {

Action StartAction(const Layout& layout, uint32_t target);
// Refused by the door when another run of the process is alive by then, where its supervisor can tell runs
// apart.
Action StopAction(const Layout& layout, uint32_t target, std::string_view incarnation);
// Nothing when its control cannot kill one particular run.
std::optional<Action> KillAction(const Layout& layout, uint32_t target, std::string_view incarnation);

// The same places, for reading.
Reach ReachOf(const Layout& layout, uint32_t target);
clients::SupervisordEndpoint EndpointOf(const SupervisordControl& control, const Target& target);
std::vector<std::string> ExpandedWords(const specs::Argv& argv, const Target& target);
// The target's program runs on the machine on which we run.
bool IsOnThisMachine(const Layout& layout, uint32_t target);

}  // namespace holdfast::stack
