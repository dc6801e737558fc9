// Taking a command line apart by the table of commands.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "controller/cli/command.h"

namespace holdfast::cli {

struct Parsed {
  const Command* command = nullptr;  // nullptr: nothing was asked, or only --help
  std::vector<std::string> words;
  std::map<std::string, std::string, std::less<>> flags;  // as written last; "" for a flag without a value

  bool Has(std::string_view flag) const { return flags.contains(flag); }
};

// Flags may stand before and after the command. InvalidArgument, with a suggestion, for what is in no row.
Result<Parsed> ParseLine(const std::vector<std::string>& arguments);

}  // namespace holdfast::cli
