// From a command line to an exit code.
#pragma once

#include <string>
#include <vector>

#include "controller/cli/surroundings.h"

namespace holdfast::cli {

// `arguments` without the program's name.
int Main(const std::vector<std::string>& arguments, Surroundings& surroundings);

}  // namespace holdfast::cli
