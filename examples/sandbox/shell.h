// What the programs of the model's hosts print: systemctl, service, ps, and ssh to get there.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

#include "controller/world/commands.h"
#include "examples/sandbox/hosts.h"

namespace holdfast::sandbox {

struct Ran {
  Exit exit;
  absl::Duration took = absl::Milliseconds(10);
};

// Runs `argv` on the controller's own machine ("ssh …" goes on to another host). Starts and stops are the
// controller's.
Ran RunHere(Hosts& hosts, const std::vector<std::string>& argv, std::string_view input);
Ran RunOn(Hosts& hosts, const std::string& host, std::vector<std::string> argv, std::string_view input);

// The words of a line as a POSIX shell splits them, with single quotes only.
std::vector<std::string> ShellWords(std::string_view line);

// The texts of /proc that tell about a process.
std::string ProcStatText(const Hosts& hosts, const Process& process);
std::string_view BootIdText();
absl::Time BootTime();

}  // namespace holdfast::sandbox
