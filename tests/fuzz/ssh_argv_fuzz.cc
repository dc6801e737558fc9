// Whatever words a command has, a shell at the other end hands exactly them to the program.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/control/ssh.h"

namespace {

constexpr size_t kMostBytes = 4096;  // a shell's own limits are far away

// The input's words, divided by NUL, which no argument can contain.
std::vector<std::string> WordsOf(std::string_view input) { return holdfast::Split(input, '\0'); }

// sshd gives the line to the user's shell as `sh -c LINE`, and so does popen.
std::string Run(const std::string& line) {
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) std::abort();
  std::string out;
  char buffer[4096];
  for (size_t got = 0; (got = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) out.append(buffer, got);
  if (pclose(pipe) != 0) std::abort();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace holdfast::clients;
  if (size > kMostBytes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // As a host it is refused, or arrives behind the end of the options.
  holdfast::Reach strange;
  strange.host = std::string(input);
  const auto refused = SshArgv(strange, {"true"}, {}, absl::Seconds(1));
  if (refused.ok() && (input.empty() || input.front() == '-' || (*refused)[refused->size() - 3] != "--"))
    std::abort();

  const std::vector<std::string> words = WordsOf(input);
  std::vector<std::string> argv = {"printf", "%s\\0"};
  argv.insert(argv.end(), words.begin(), words.end());
  holdfast::Reach where;
  where.host = "db1";
  const auto client = SshArgv(where, argv, {}, absl::Seconds(1));
  if (!client.ok()) std::abort();
  std::string expected;
  for (const std::string& word : words) expected += word + '\0';
  if (Run(client->back()) != expected) std::abort();
  return 0;
}
