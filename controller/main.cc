// holdfast: flags to command to exit code.
#include "controller/cli/main.h"

#include <unistd.h>

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "reconcilers/kinds.h"

namespace {

std::map<std::string, std::string> EnvironmentOf(char** variables) {
  std::map<std::string, std::string> out;
  for (; *variables != nullptr; ++variables) {
    const std::string_view entry = *variables;
    const size_t equals = entry.find('=');
    if (equals != std::string_view::npos) out.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace holdfast;  // NOLINT(google-build-using-namespace): this file binds the house together
  cli::Surroundings surroundings{
      .out = std::cout,
      .err = std::cerr,
      .out_is = isatty(STDOUT_FILENO) != 0 ? cli::StreamIs::kTerminal : cli::StreamIs::kFile,
      .environment = EnvironmentOf(environ),
      .zone = absl::LocalTimeZone(),
      .kinds = Kinds(),
      .version = HOLDFAST_VERSION};
  const int code = cli::Main(std::vector<std::string>(arguments + 1, arguments + count), surroundings);
  std::cout.flush();
  return code;
}
