// A supervisord that answers XML-RPC from memory.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/world/http.h"

namespace holdfast::clients {

struct FakeProgram {
  std::string name, group;
  int64_t state = 20, pid = 100, start = 1'799'999'000, stop = 0;
  std::string spawnerr;
  std::string command;  // "" = its configuration does not tell
};

class FakeSupervisord {
 public:
  FakeProgram& Add(std::string name, std::string group = {});
  // One HTTP exchange; counts what was called.
  Result<HttpResponse> Answer(const HttpRequest& request);

  std::map<std::string, FakeProgram> programs;  // by address
  std::map<std::string, int> calls;             // by method
  std::map<std::string, int64_t> faults;        // method or "method NAME" → fault code
  std::vector<std::string> acted;               // "startProcess redis"
  int exchanges = 0;
  int64_t daemon_pid = 4242;

 private:
  json::value Call(const std::string& method, const json::array& params);
};

// `value` as the params of an answer; an object {"faultCode", "faultString"} as it is.
std::string XmlAnswer(const json::value& value);

}  // namespace holdfast::clients
