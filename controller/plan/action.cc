#include "controller/plan/action.h"

#include <array>
#include <csignal>
#include <cstring>
#include <string>

#include "controller/base/sha256.h"
#include "controller/base/text.h"

namespace holdfast {

std::string Printed(const Text& text) {
  std::string out;
  for (const auto& piece : text.pieces) {
    if (const auto* plain = std::get_if<std::string>(&piece))
      out.append(*plain);
    else
      Append(out, "<secret:", std::get<SecretRef>(piece).name, ">");
  }
  return out;
}

namespace {

std::string OnHost(const Reach& where, const std::vector<std::string>& argv) {
  if (where.host.empty()) return ShellLine(argv);
  std::string line = "ssh";
  if (where.port != 0) Append(line, " -p ", where.port);
  if (!where.identity_file.empty()) Append(line, " -i ", ShellQuoted(where.identity_file));
  if (!where.known_hosts.empty())
    Append(line, " -o ", ShellQuoted(Cat("UserKnownHostsFile=", where.known_hosts)));
  Append(line, " ", where.user.empty() ? "" : Cat(where.user, "@"), where.host, " -- ");
  // What ssh is given is run by the remote shell, so the remote words are quoted once for it and once for
  // ours.
  return line + ShellQuoted(ShellLine(argv));
}

std::vector<std::string> PrintedWords(const std::vector<Text>& argv) {
  std::vector<std::string> words;
  for (const Text& word : argv) words.push_back(Printed(word));
  return words;
}

std::string LineOf(const HttpCall& call) {
  std::string line = Cat("curl -sS -X ", call.method);
  if (!call.unix_socket.empty()) Append(line, " --unix-socket ", ShellQuoted(call.unix_socket));
  if (!call.ca_file.empty()) Append(line, " --cacert ", ShellQuoted(call.ca_file));
  if (call.auth)
    Append(line, " -u ", ShellQuoted(Cat(call.auth->user, ":<secret:", call.auth->password.name, ">")));
  for (const auto& [name, value] : call.headers)
    Append(line, " -H ", ShellQuoted(Cat(name, ": ", Printed(value))));
  if (!call.body.pieces.empty()) Append(line, " --data-binary ", ShellQuoted(Printed(call.body)));
  return Cat(line, " ", ShellQuoted(call.url));
}

std::string ParamText(const std::variant<std::string, bool, int64_t>& param) {
  if (const auto* text = std::get_if<std::string>(&param)) return *text;
  if (const auto* flag = std::get_if<bool>(&param)) return *flag ? "true" : "false";
  return Cat(std::get<int64_t>(param));
}

struct SupervisorctlVerb {
  std::string_view method, verb;
};
constexpr std::array<SupervisorctlVerb, 3> kSupervisorctl = {{{"supervisor.startProcess", "start"},
                                                              {"supervisor.stopProcess", "stop"},
                                                              {"supervisor.signalProcess", "signal"}}};

std::string LineOf(const XmlRpcCall& call) {
  std::string line = Cat("supervisorctl -s ",
                         ShellQuoted(call.unix_socket.empty() ? call.url : Cat("unix://", call.unix_socket)));
  if (call.auth)
    Append(line, " -u ", ShellQuoted(call.auth->user), " -p ",
           ShellQuoted(Cat("<secret:", call.auth->password.name, ">")));
  for (const auto& [method, verb] : kSupervisorctl) {
    if (call.method != method || call.params.empty()) continue;
    Append(line, " ", verb);
    if (verb == "signal" && call.params.size() > 1) Append(line, " ", ShellQuoted(ParamText(call.params[1])));
    return Cat(line, " ", ShellQuoted(ParamText(call.params[0])));
  }
  Append(line, " ", call.method);
  for (const auto& param : call.params) Append(line, " ", ShellQuoted(ParamText(param)));
  return line;
}

std::string LineOf(const Command& command) {
  std::string line = OnHost(command.where, PrintedWords(command.argv));
  if (!command.input.pieces.empty())
    line = Cat("printf %s ", ShellQuoted(Printed(command.input)), " | ", line);
  if (!command.only_if) return line;
  return Cat("[ \"$(", OnHost(command.where, command.only_if->argv),
             ")\" = ", ShellQuoted(command.only_if->output), " ] && ", line);
}

std::string LineOf(const Signal& signal) {
  const char* name = sigabbrev_np(signal.number);
  return OnHost(signal.where, {"kill", Cat("-", name == nullptr ? Cat(signal.number) : std::string(name)),
                               Cat(signal.pid)});
}

// "DescribeAutoScalingGroups" is describe-auto-scaling-groups.
std::string CommandOf(std::string_view operation) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  std::string out;
  for (size_t i = 0; i < operation.size(); ++i) {
    const bool ends_a_run = i + 1 < operation.size() && !is_upper(operation[i + 1]);
    if (i > 0 && is_upper(operation[i]) && (!is_upper(operation[i - 1]) || ends_a_run)) out += '-';
    out += is_upper(operation[i]) ? static_cast<char>(operation[i] - 'A' + 'a') : operation[i];
  }
  return out;
}

std::string LineOf(const AwsCall& call) {
  // `aws s3` is another program that copies files.
  std::string line = Cat("aws ", call.service == "s3" ? "s3api" : call.service, " ",
                         CommandOf(call.operation), " --region ", ShellQuoted(call.region));
  if (!call.profile.empty()) Append(line, " --profile ", ShellQuoted(call.profile));
  if (!call.endpoint.empty()) Append(line, " --endpoint-url ", ShellQuoted(call.endpoint));
  return Cat(line, " --cli-input-json ", ShellQuoted(Printed(call.parameters)));
}

void Add(Canonical& to, const Text& text) {
  to.Add(static_cast<int64_t>(text.pieces.size()));
  for (const auto& piece : text.pieces) {
    if (const auto* plain = std::get_if<std::string>(&piece))
      to.Add("plain").Add(*plain);
    else
      to.Add("secret").Add(std::get<SecretRef>(piece).name);
  }
}
void Add(Canonical& to, const Reach& where) {
  to.Add(where.host).Add(where.user).Add(int64_t{where.port}).Add(where.identity_file).Add(where.known_hosts);
}
void Add(Canonical& to, const std::optional<BasicAuth>& auth) {
  to.Add(auth ? auth->user : "").Add(auth ? auth->password.name : "");
}
void Add(Canonical& to, const HttpCall& call) {
  to.Add("http").Add(call.method).Add(call.url).Add(call.unix_socket).Add(call.ca_file);
  to.Add(static_cast<int64_t>(call.headers.size()));
  for (const auto& [name, value] : call.headers) to.Add(name), Add(to, value);
  Add(to, call.auth);
  Add(to, call.body);
}
void Add(Canonical& to, const XmlRpcCall& call) {
  to.Add("xmlrpc").Add(call.unix_socket).Add(call.url);
  Add(to, call.auth);
  to.Add(call.method).Add(call.only_if_incarnation).Add(static_cast<int64_t>(call.params.size()));
  for (const auto& param : call.params) to.Add(static_cast<int64_t>(param.index())).Add(ParamText(param));
}
void Add(Canonical& to, const Command& command) {
  to.Add("command");
  Add(to, command.where);
  to.Add(static_cast<int64_t>(command.argv.size()));
  for (const Text& word : command.argv) Add(to, word);
  Add(to, command.input);
  to.Add(static_cast<int64_t>(command.done_codes.size()));
  for (int code : command.done_codes) to.Add(int64_t{code});
  if (!command.only_if) return;
  to.Add(static_cast<int64_t>(command.only_if->argv.size()));
  for (const std::string& word : command.only_if->argv) to.Add(word);
  to.Add(command.only_if->output);
}
void Add(Canonical& to, const Signal& signal) {
  to.Add("signal");
  Add(to, signal.where);
  to.Add(signal.pid).Add(signal.incarnation).Add(int64_t{signal.number});
}
void Add(Canonical& to, const AwsCall& call) {
  to.Add("aws").Add(call.account).Add(call.region).Add(call.profile).Add(call.endpoint);
  to.Add(call.service).Add(call.operation);
  Add(to, call.parameters);
}

}  // namespace

std::string Line(const Action& action) {
  return std::visit([](const auto& which) { return LineOf(which); }, action);
}

std::string Digest(const Action& action) {
  Canonical bytes;
  std::visit([&](const auto& which) { Add(bytes, which); }, action);
  return Sha256Hex(bytes.bytes());
}

}  // namespace holdfast
