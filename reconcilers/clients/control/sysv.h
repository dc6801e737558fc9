// The commands of System V services: `service NAME start|stop|status`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::clients {

// Its answer is read by StatusCommands::Look, which also knows "unrecognized service" as Absent.
inline std::vector<std::string> ServiceArgv(std::string_view service, std::string_view verb) {
  return {"service", std::string(service), std::string(verb)};
}

}  // namespace holdfast::clients
