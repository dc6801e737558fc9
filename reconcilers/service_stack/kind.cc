#include "reconcilers/service_stack/kind.h"

#include <string>

#include "controller/base/text.h"
#include "reconcilers/clients/control/systemd.h"
#include "reconcilers/service_stack/actions.h"
#include "reconcilers/service_stack/layers.h"

namespace holdfast {
namespace {

using namespace stack;

std::string HostOf(const Layout& layout, uint32_t t) {
  const Reach reach = ReachOf(layout, t);
  return reach.host.empty() ? std::string("localhost") : reach.host;
}

// Identities as the world has them: two specs that name one process would pull at it from both sides.
std::string ClaimOf(const Layout& layout, uint32_t t) {
  const Target& target = layout.targets[t];
  const Control& control = layout.ServiceOf(t).spec->control;
  if (const auto* supervisord = std::get_if<SupervisordControl>(&control)) {
    const auto endpoint = EndpointOf(*supervisord, target);
    return Cat("supervisord:", endpoint.unix_socket.empty() ? endpoint.url : endpoint.unix_socket,
               "/program:", Expanded(supervisord->program, target));
  }
  if (const auto* systemd = std::get_if<SystemdControl>(&control))
    return Cat("host:", HostOf(layout, t), "/unit:", clients::WholeUnitName(Expanded(systemd->unit, target)));
  if (const auto* sysv = std::get_if<SysvControl>(&control))
    return Cat("host:", HostOf(layout, t), "/service:", Expanded(sysv->service, target));
  return Cat("host:", HostOf(layout, t),
             "/command:", Join(ExpandedWords(std::get<CommandControl>(control).start, target), " "));
}

}  // namespace

std::vector<std::string> ServiceStack::Claims(const Spec& spec) {
  const Layout& layout = LayoutOf(spec);
  std::vector<std::string> claims;
  claims.reserve(layout.targets.size());
  for (uint32_t t = 0; t < layout.targets.size(); ++t) claims.push_back(ClaimOf(layout, t));
  return claims;
}

std::vector<specs::OperationVerb> ServiceStack::OperationFields() {
  return {{"restart", &RestartFields().Erase(),
           "Restarts services once, one member at a time, within their redundancy."}};
}

}  // namespace holdfast
