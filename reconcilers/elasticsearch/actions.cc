#include "reconcilers/elasticsearch/actions.h"

#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/control/systemd.h"
#include "reconcilers/clients/control/sysv.h"

namespace holdfast::elasticsearch {
namespace {

enum class Verb : uint8_t { kStop, kStart };

Reach ReachOf(const NodeControl& control, const NodeIdentity& node) {
  const auto* ssh = control.via ? std::get_if<control::SshVia>(&*control.via) : nullptr;
  if (ssh == nullptr) return {};
  return {.host = Expanded(ssh->host, node),
          .user = ssh->user,
          .port = static_cast<uint16_t>(ssh->port),
          .identity_file = ssh->identity_file,
          .known_hosts = ssh->known_hosts};
}

Action Call(const control::SupervisordControl& control, const NodeIdentity& node, Verb verb) {
  XmlRpcCall call;
  call.unix_socket = Expanded(control.socket, node);
  call.url = Expanded(*control.url, node);
  if (!control.user->empty())
    call.auth =
        BasicAuth{*control.user, {control.password ? specs::SecretName(*control.password) : std::string()}};
  call.method = verb == Verb::kStop ? "supervisor.stopProcess" : "supervisor.startProcess";
  call.params = {Expanded(control.program, node), true};
  return call;
}

std::vector<std::string> ArgvOf(const NodeControl& control, const NodeIdentity& node, Verb verb) {
  const std::string word = verb == Verb::kStop ? "stop" : "start";
  if (control.systemd)
    return {"systemctl", word, "--", clients::WholeUnitName(Expanded(control.systemd->unit, node))};
  if (control.sysv) return clients::ServiceArgv(Expanded(control.sysv->service, node), word);
  std::vector<std::string> argv;
  if (!control.command) return argv;
  for (const std::string& one : (verb == Verb::kStop ? control.command->stop : control.command->start).words)
    argv.push_back(Expanded(one, node));
  return argv;
}

Action Make(const NodeControl& control, const NodeIdentity& node, Verb verb) {
  if (control.supervisord) return Call(*control.supervisord, node, verb);
  return OnHost(control, node, ArgvOf(control, node, verb));
}

}  // namespace

std::string Expanded(std::string_view text, const NodeIdentity& node) {
  const std::pair<std::string_view, const std::string&> kWords[] = {
      {"{name}", node.name}, {"{ip}", node.ip}, {"{host}", node.host}, {"{id}", node.id}};
  std::string out;
  for (size_t i = 0; i < text.size();) {
    bool replaced = false;
    for (const auto& [word, value] : kWords) {
      if (!text.substr(i).starts_with(word)) continue;
      out += value;
      i += word.size();
      replaced = true;
      break;
    }
    if (!replaced) out += text[i++];
  }
  return out;
}

std::vector<std::string> Spoken(const NodeControl& control, std::vector<std::string> argv) {
  if (control.become == control::Become::kSudo) argv.insert(argv.begin(), {"sudo", "-n", "--"});
  return argv;
}

Command OnHost(const NodeControl& control, const NodeIdentity& node, std::vector<std::string> argv) {
  Command command;
  command.where = ReachOf(control, node);
  for (std::string& word : Spoken(control, std::move(argv))) command.argv.emplace_back(std::move(word));
  return command;
}

Action StopNode(const NodeControl& control, const NodeIdentity& node) {
  return Make(control, node, Verb::kStop);
}
Action StartNode(const NodeControl& control, const NodeIdentity& node) {
  return Make(control, node, Verb::kStart);
}

}  // namespace holdfast::elasticsearch
