// Help and its pages, from the table of commands.
#pragma once

#include <string>

#include "controller/cli/command.h"

namespace holdfast::cli {

std::string OverviewText();
std::string CommandText(const Command& command);
// docs/cli.md
std::string CommandsMarkdown();

}  // namespace holdfast::cli
