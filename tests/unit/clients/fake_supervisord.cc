#include "tests/unit/clients/fake_supervisord.h"

#include "controller/base/text.h"
#include "reconcilers/clients/control/xmlrpc.h"

namespace holdfast::clients {

namespace {

std::string Xml(const json::value& value) {
  if (value.is_bool()) return Cat("<value><boolean>", value.get_bool() ? 1 : 0, "</boolean></value>");
  if (value.is_int64()) return Cat("<value><int>", value.get_int64(), "</int></value>");
  if (value.is_string()) {
    std::string escaped;
    for (const char c : value.get_string())
      escaped += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    return Cat("<value><string>", escaped, "</string></value>");
  }
  std::string out;
  if (const json::array* list = value.if_array()) {
    for (const json::value& one : *list) out += Xml(one);
    return Cat("<value><array><data>", out, "</data></array></value>");
  }
  for (const auto& [key, one] : value.get_object())
    Append(out, "<member><name>", Chars(key), "</name>", Xml(one), "</member>");
  return Cat("<value><struct>", out, "</struct></value>");
}

json::value Fault(int64_t code) {
  return json::object{{"faultCode", code}, {"faultString", Cat("FAULT_", code)}};
}

json::value InfoOf(const FakeProgram& program) {
  return json::object{{"name", program.name}, {"group", program.group}, {"state", program.state},
                      {"statename", "X"},     {"pid", program.pid},     {"start", program.start},
                      {"stop", program.stop}, {"now", 1'800'000'000},   {"spawnerr", program.spawnerr},
                      {"exitstatus", 0},      {"description", ""}};
}

// A request is read with the reader of answers: both carry params in the same shape.
json::value ParamsOf(std::string body) {
  const size_t name = body.find("<methodName>");
  body.erase(name, body.find("</methodName>") + 13 - name);
  for (size_t at = body.find("methodCall"); at != std::string::npos; at = body.find("methodCall"))
    body.replace(at, 10, "methodResponse");
  return DecodeAnswer(body)->value;
}

}  // namespace

std::string XmlAnswer(const json::value& value) {
  return Cat("<?xml version='1.0'?><methodResponse><params><param>", Xml(value),
             "</param></params></methodResponse>");
}

FakeProgram& FakeSupervisord::Add(std::string name, std::string group) {
  if (group.empty()) group = name;
  FakeProgram& program = programs[group == name ? name : Cat(group, ":", name)];
  program.name = std::move(name);
  program.group = std::move(group);
  return program;
}

json::value FakeSupervisord::Call(const std::string& method, const json::array& params) {
  ++calls[method];
  const std::string name =
      params.empty() || !params.front().is_string() ? "" : std::string(Chars(params.front().get_string()));
  for (const std::string& key : {method, Cat(method, " ", name)})
    if (faults.contains(key)) return Fault(faults[key]);
  if (method == "supervisor.getPID") return daemon_pid;
  if (method == "supervisor.getAllProcessInfo") {
    json::array list;
    for (const auto& [address, program] : programs) list.push_back(InfoOf(program));
    return list;
  }
  if (method == "supervisor.getAllConfigInfo") {
    json::array list;
    for (const auto& [address, program] : programs)
      list.push_back(
          json::object{{"name", program.name}, {"group", program.group}, {"command", program.command}});
    return list;
  }
  if (!programs.contains(name)) return Fault(10);
  if (method == "supervisor.getProcessInfo") return InfoOf(programs[name]);
  acted.push_back(Cat(method.substr(method.find('.') + 1), " ", name));
  return true;
}

Result<HttpResponse> FakeSupervisord::Answer(const HttpRequest& request) {
  ++exchanges;
  json::array answers;
  const json::value asked = ParamsOf(request.body);
  for (const json::value& call : asked.get_array()) {
    const json::object& object = call.get_object();
    answers.push_back(
        Call(std::string(Chars(object.at("methodName").get_string())), object.at("params").get_array()));
  }
  HttpResponse response;
  response.status = 200;
  response.body = XmlAnswer(answers);
  return response;
}

}  // namespace holdfast::clients
