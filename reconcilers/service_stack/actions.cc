#include "reconcilers/service_stack/actions.h"

#include <csignal>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/control/systemd.h"
#include "reconcilers/clients/control/sysv.h"

namespace holdfast::stack {
namespace {

XmlRpcCall Call(const SupervisordControl& control, const Target& target, std::string method) {
  const clients::SupervisordEndpoint endpoint = EndpointOf(control, target);
  XmlRpcCall call;
  call.unix_socket = endpoint.unix_socket;
  call.url = endpoint.url;
  if (!endpoint.user.empty()) call.auth = BasicAuth{endpoint.user, endpoint.password};
  call.method = std::move(method);
  call.params = {Expanded(control.program, target)};
  return call;
}

Command Run(const Layout& layout, uint32_t t, const std::vector<std::string>& argv) {
  Command command;
  command.where = ReachOf(layout, t);
  if (layout.ServiceOf(t).become == Become::kSudo) command.argv = {Text("sudo"), Text("-n"), Text("--")};
  for (const std::string& word : argv) command.argv.emplace_back(word);
  return command;
}

std::string UnitOf(const SystemdControl& control, const Target& target) {
  return clients::WholeUnitName(Expanded(control.unit, target));
}

// --no-block: whether it came up is observed, and a start that takes an hour must not hold the door open.
Command Systemctl(const Layout& layout, uint32_t t, const SystemdControl& control,
                  std::vector<std::string> verb, std::string_view incarnation) {
  const std::string unit = UnitOf(control, layout.targets[t]);
  std::vector<std::string> argv = {"systemctl"};
  for (std::string& word : verb) argv.push_back(std::move(word));
  argv.insert(argv.end(), {"--", unit});
  Command command = Run(layout, t, argv);
  if (!incarnation.empty())
    command.only_if = OnlyIf{clients::ShowInvocationArgv(unit), std::string(incarnation)};
  return command;
}

OnlyIf IfItExists(std::string_view pid) {
  const std::string place = Cat("/proc/", pid);
  return {{"stat", "-c", "%n", place}, place};
}

}  // namespace

Reach ReachOf(const Layout& layout, uint32_t t) {
  const Via* via = layout.ServiceOf(t).via;
  const auto* ssh = via == nullptr ? nullptr : std::get_if<SshVia>(via);
  const Target& target = layout.targets[t];
  if (ssh == nullptr || (target.host().empty() && ssh->host.empty())) return {};
  return {.host = ssh->host.empty() ? std::string(target.host()) : Expanded(ssh->host, target),
          .user = ssh->user,
          .port = static_cast<uint16_t>(ssh->port),
          .identity_file = ssh->identity_file,
          .known_hosts = ssh->known_hosts};
}

clients::SupervisordEndpoint EndpointOf(const SupervisordControl& control, const Target& target) {
  return {.unix_socket = Expanded(control.socket, target),
          .url = Expanded(*control.url, target),
          .user = *control.user,
          .password = {control.password ? specs::SecretName(*control.password) : std::string()}};
}

std::vector<std::string> ExpandedWords(const specs::Argv& argv, const Target& target) {
  std::vector<std::string> words;
  for (const std::string& word : argv.words) words.push_back(Expanded(word, target));
  return words;
}

bool IsOnThisMachine(const Layout& layout, uint32_t t) {
  if (!ReachOf(layout, t).host.empty()) return false;
  if (const auto* supervisord = std::get_if<SupervisordControl>(&layout.ServiceOf(t).spec->control))
    return EndpointOf(*supervisord, layout.targets[t]).IsLocal();
  return true;
}

Action StartAction(const Layout& layout, uint32_t t) {
  const Control& control = layout.ServiceOf(t).spec->control;
  const Target& target = layout.targets[t];
  if (const auto* supervisord = std::get_if<SupervisordControl>(&control)) {
    XmlRpcCall call = Call(*supervisord, target, "supervisor.startProcess");
    call.params.emplace_back(false);
    return call;
  }
  if (const auto* systemd = std::get_if<SystemdControl>(&control))
    return Systemctl(layout, t, *systemd, {"start", "--no-block"}, "");
  if (const auto* sysv = std::get_if<SysvControl>(&control))
    return Run(layout, t, clients::ServiceArgv(Expanded(sysv->service, target), "start"));
  return Run(layout, t, ExpandedWords(std::get<CommandControl>(control).start, target));
}

Action StopAction(const Layout& layout, uint32_t t, std::string_view incarnation) {
  const Control& control = layout.ServiceOf(t).spec->control;
  const Target& target = layout.targets[t];
  if (const auto* supervisord = std::get_if<SupervisordControl>(&control)) {
    XmlRpcCall call = Call(*supervisord, target, "supervisor.stopProcess");
    call.params.emplace_back(false);
    call.only_if_incarnation = std::string(incarnation);
    return call;
  }
  if (const auto* systemd = std::get_if<SystemdControl>(&control))
    return Systemctl(layout, t, *systemd, {"stop", "--no-block"}, incarnation);
  const auto* sysv = std::get_if<SysvControl>(&control);
  Command command = Run(layout, t,
                        sysv != nullptr ? clients::ServiceArgv(Expanded(sysv->service, target), "stop")
                                        : ExpandedWords(std::get<CommandControl>(control).stop, target));
  // A script stops whatever runs; that this one still does is all that can be asked just before.
  if (!incarnation.empty()) command.only_if = IfItExists(incarnation);
  return command;
}

std::optional<Action> KillAction(const Layout& layout, uint32_t t, std::string_view incarnation,
                                 const Finding* looked_at) {
  if (incarnation.empty()) return std::nullopt;
  const Control& control = layout.ServiceOf(t).spec->control;
  if (const auto* supervisord = std::get_if<SupervisordControl>(&control)) {
    XmlRpcCall call = Call(*supervisord, layout.targets[t], "supervisor.signalProcess");
    call.params.emplace_back(std::string("KILL"));
    call.only_if_incarnation = std::string(incarnation);
    return call;
  }
  if (const auto* systemd = std::get_if<SystemdControl>(&control))
    return Systemctl(layout, t, *systemd, {"kill", "--signal=KILL"}, incarnation);
  const size_t ticks = looked_at == nullptr ? std::string::npos : looked_at->run.find(':');
  if (ticks == std::string::npos || Cat(looked_at->pid) != incarnation) return std::nullopt;
  if (layout.ServiceOf(t).become == Become::kSudo) {
    Command command = Run(layout, t, {"kill", "-KILL", "--", std::string(incarnation)});
    // The 22nd word tells when it was started. A name with blanks in it shifts the words: then it is refused.
    command.only_if = OnlyIf{{"cut", "-d", " ", "-f", "22", Cat("/proc/", incarnation, "/stat")},
                             looked_at->run.substr(ticks + 1)};
    return command;
  }
  return Signal{
      .where = ReachOf(layout, t), .pid = looked_at->pid, .incarnation = looked_at->run, .number = SIGKILL};
}

}  // namespace holdfast::stack
