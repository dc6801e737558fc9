#include "examples/sandbox/supervisord.h"

#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/xml_rpc.h"

namespace holdfast::sandbox {
namespace {

constexpr int64_t kUnknownMethod = 1, kIncorrectParameters = 2, kBadName = 10, kBadSignal = 11, kNoFile = 20,
                  kAlreadyStarted = 60, kNotRunning = 70;

// By name or number, with or without "SIG"; 0 when there is none.
int SignalNumber(std::string_view text) {
  if (text.starts_with("SIG")) text.remove_prefix(3);
  constexpr std::pair<std::string_view, int> kSignals[] = {{"HUP", 1},   {"INT", 2},   {"QUIT", 3},
                                                           {"KILL", 9},  {"USR1", 10}, {"USR2", 12},
                                                           {"TERM", 15}, {"CONT", 18}, {"STOP", 19}};
  for (const auto& [name, number] : kSignals)
    if (text == name || text == Cat(number)) return number;
  return 0;
}

int64_t Seconds(absl::Time time) { return time == absl::InfinitePast() ? 0 : absl::ToUnixSeconds(time); }

struct Address {
  std::string group, name;
};
Address AddressOf(const Unit& unit) {
  const std::string& whole = unit.program.name;
  const size_t colon = whole.find(':');
  return {whole.substr(0, colon), colon == std::string::npos ? whole : whole.substr(colon + 1)};
}

json::object ConfigOf(const Hosts&, const Unit& unit) {
  const auto [group, name] = AddressOf(unit);
  return {{"name", JsonView(name)},
          {"group", JsonView(group)},
          {"command", JsonView(Cat("/srv/", unit.program.name))},
          {"autostart", unit.program.autostart == Program::AutoStart::kYes},
          {"startsecs", absl::ToInt64Seconds(unit.program.startsecs)},
          {"stopwaitsecs", absl::ToInt64Seconds(unit.program.stopwaitsecs)}};
}

json::object InfoOf(const Hosts& hosts, const Unit& unit) {
  const auto [group, name] = AddressOf(unit);
  return {{"name", JsonView(name)},
          {"group", JsonView(group)},
          {"description", unit.state == UnitState::kRunning ? JsonView("pid and uptime") : JsonView("")},
          {"start", Seconds(unit.started)},
          {"stop", Seconds(unit.stopped)},
          {"now", Seconds(hosts.now())},
          {"state", static_cast<int64_t>(unit.state)},
          {"statename", JsonView(UnitStateName(unit.state))},
          {"spawnerr", JsonView(unit.spawn_error)},
          {"exitstatus", int64_t{0}},
          {"logfile", ""},
          {"stdout_logfile", ""},
          {"stderr_logfile", ""},
          {"pid", unit.pid}};
}

std::string TextParam(const RpcCall& call, size_t index) {
  if (index >= call.params.size() || !call.params[index].is_string()) return {};
  return std::string(Chars(call.params[index].get_string()));
}

json::value FromAnswer(Hosts::Answer answer, std::string_view name) {
  switch (answer) {
    case Hosts::Answer::kDone:
      return true;
    case Hosts::Answer::kAlready:
      return Fault(kAlreadyStarted, Cat("ALREADY_STARTED: ", name));
    case Hosts::Answer::kNotRunning:
      return Fault(kNotRunning, Cat("NOT_RUNNING: ", name));
    case Hosts::Answer::kNoFile:
      return Fault(kNoFile, Cat("NO_FILE: ", name));
    case Hosts::Answer::kNoSuch:
    case Hosts::Answer::kDaemonDown:
      break;
  }
  return Fault(kBadName, Cat("BAD_NAME: ", name));
}

class Server {
 public:
  Server(Hosts& hosts, const std::string& endpoint, By by) : hosts_(hosts), endpoint_(endpoint), by_(by) {}

  json::value Do(const RpcCall& call) {
    const std::string& method = call.method;
    if (method == "system.multicall") return Many(call);
    if (method == "supervisor.getPID") return hosts_.DaemonPid(endpoint_);
    if (method == "supervisor.getState")
      return json::object{{"statecode", int64_t{1}}, {"statename", "RUNNING"}};
    if (method == "supervisor.getSupervisorVersion") return "4.2.5";
    if (method == "supervisor.getAPIVersion") return "3.0";
    if (method == "supervisor.getIdentification") return "sandbox";
    if (method == "supervisor.getAllProcessInfo") return All(InfoOf);
    if (method == "supervisor.getAllConfigInfo") return All(ConfigOf);
    const std::string name = TextParam(call, 0);
    const Unit* unit = Named(name);
    if (!method.starts_with("supervisor.")) return Fault(kUnknownMethod, "UNKNOWN_METHOD");
    if (name.empty()) return Fault(kIncorrectParameters, "INCORRECT_PARAMETERS");
    if (unit == nullptr) return Fault(kBadName, Cat("BAD_NAME: ", name));
    if (method == "supervisor.getProcessInfo") return InfoOf(hosts_, *unit);
    if (method == "supervisor.startProcess") return FromAnswer(hosts_.Start(unit->id, by_), name);
    if (method == "supervisor.stopProcess") return FromAnswer(hosts_.Stop(unit->id, by_), name);
    if (method == "supervisor.signalProcess") {
      const int number = SignalNumber(TextParam(call, 1));
      if (number == 0) return Fault(kBadSignal, Cat("BAD_SIGNAL: ", TextParam(call, 1)));
      return FromAnswer(hosts_.Signal(unit->id, number, by_), name);
    }
    if (method.ends_with("Log"))
      return json::array{JsonView(unit->spawn_error.empty() ? "" : "sandbox: it exits at once\n"), int64_t{0},
                         false};
    return Fault(kUnknownMethod, "UNKNOWN_METHOD");
  }

 private:
  const Unit* Named(std::string_view name) const {
    for (const auto& [id, unit] : hosts_.units())
      if (unit.program.endpoint == endpoint_ && unit.program.name == name) return &unit;
    return nullptr;
  }
  json::value All(json::object (*of)(const Hosts&, const Unit&)) const {
    json::array all;
    for (const auto& [id, unit] : hosts_.units())
      if (unit.program.endpoint == endpoint_) all.push_back(of(hosts_, unit));
    return all;
  }
  json::value Many(const RpcCall& call) {
    json::array answers;
    if (call.params.size() != 1 || !call.params[0].is_array())
      return Fault(kIncorrectParameters, "INCORRECT_PARAMETERS");
    for (const json::value& one : call.params[0].get_array()) {
      const json::object* object = one.if_object();
      const json::value* name = object == nullptr ? nullptr : object->if_contains("methodName");
      const json::value* params = object == nullptr ? nullptr : object->if_contains("params");
      if (name == nullptr || !name->is_string()) {
        answers.push_back(Fault(kIncorrectParameters, "INCORRECT_PARAMETERS"));
        continue;
      }
      RpcCall inner{std::string(Chars(name->get_string())),
                    params != nullptr && params->is_array() ? params->get_array() : json::array()};
      json::value answer = Do(inner);
      const bool is_fault = answer.is_object() && answer.get_object().contains("faultCode");
      if (is_fault)
        answers.push_back(std::move(answer));
      else
        answers.push_back(json::array{std::move(answer)});
    }
    return answers;
  }

  Hosts& hosts_;
  const std::string& endpoint_;
  const By by_;
};

}  // namespace

std::string AnswerRpc(Hosts& hosts, const std::string& endpoint, std::string_view body, By by) {
  const auto call = ReadCall(body);
  if (!call) return WriteAnswer(Fault(kIncorrectParameters, "a call that cannot be read"));
  return WriteAnswer(Server(hosts, endpoint, by).Do(*call));
}

}  // namespace holdfast::sandbox
