// Scripts that complete commands, flags and resources in a shell.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::cli {

// "bash", "zsh" or "fish"; "" for any other.
std::string CompletionScript(std::string_view shell);
// The hidden command by which the scripts ask for resources: one KIND/NAME a line.
inline constexpr std::string_view kCompleteCommand = "__resources";

}  // namespace holdfast::cli
