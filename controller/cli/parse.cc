#include "controller/cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::cli {
namespace {

const Flag* FindFlag(std::span<const Flag> flags, std::string_view written) {
  for (const Flag& flag : flags)
    if (written == Cat("--", flag.name) || (flag.letter != 0 && written == std::string{'-', flag.letter}))
      return &flag;
  return nullptr;
}

bool IsFlag(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

// Where the command stands among the arguments: the first word that is neither a flag nor a flag's value.
size_t CommandAt(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!IsFlag(arguments[i])) return i;
    const Flag* flag = FindFlag(GlobalFlags(), arguments[i]);
    if (flag != nullptr && !flag->value.empty()) ++i;
  }
  return arguments.size();
}

std::string Suggestion(std::string_view written, const std::vector<std::string>& candidates,
                       std::string_view before) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  const std::string_view meant = DidYouMean(written, views);
  return meant.empty() ? std::string() : Cat("; did you mean `", before, meant, "`?");
}

Status UnknownCommand(std::string_view word) {
  std::vector<std::string> names;
  for (const Command& command : Commands()) names.emplace_back(command.name);
  return InvalidArgument(
      Cat("there is no command `", Excerpt(word, 60), "`", Suggestion(word, names, "holdfast ")));
}

Status UnknownFlag(const Command& command, std::string_view word) {
  std::vector<std::string> names;
  for (const Flag& flag : command.flags) names.push_back(Cat("--", flag.name));
  for (const Flag& flag : GlobalFlags()) names.push_back(Cat("--", flag.name));
  const std::string_view bare = word.substr(0, word.find('='));
  return InvalidArgument(Cat("`holdfast ", command.name, "` has no flag `", Excerpt(bare, 60), "`",
                             Suggestion(bare, names, "")));
}

// Takes the command's words out of the arguments; what is left are flags and its arguments.
Result<const Command*> TakeCommand(std::vector<std::string>& arguments) {
  const size_t at = CommandAt(arguments);
  if (at == arguments.size()) return static_cast<const Command*>(nullptr);
  const auto first = arguments.begin() + static_cast<std::ptrdiff_t>(at);
  if (at + 1 < arguments.size()) {
    if (const Command* two = FindCommand(Cat(arguments[at], " ", arguments[at + 1]))) {
      arguments.erase(first, first + 2);
      return two;
    }
  }
  const Command* command = FindCommand(arguments[at]);
  if (command == nullptr) {
    for (const Command& other : Commands())
      if (other.name.starts_with(Cat(arguments[at], " ")))
        return InvalidArgument(Cat("`holdfast ", arguments[at],
                                   "` wants a second word; did you mean `holdfast ", other.name, "`?"));
    return UnknownCommand(arguments[at]);
  }
  arguments.erase(first);
  return command;
}

void AddFlags(CLI::App& app, std::span<const Flag> flags,
              std::map<std::string, std::vector<std::string>>& values,
              std::map<std::string, size_t>& counts) {
  for (const Flag& flag : flags) {
    std::string written = Cat("--", flag.name);
    if (flag.letter != 0) written = Cat(std::string{'-', flag.letter}, ",", written);
    const std::string name(flag.name);
    if (flag.value.empty())
      app.add_flag(written, counts[name]);
    else
      app.add_option(written, values[name])->take_all()->expected(1)->allow_extra_args(false);
  }
}

}  // namespace

Result<Parsed> ParseLine(const std::vector<std::string>& arguments) {
  std::vector<std::string> rest = arguments;
  Parsed parsed;
  parsed.command = HF_TRY(TakeCommand(rest));
  static const Command kNone{.name = "", .group = "", .summary = "", .arguments = ""};
  const Command& command = parsed.command != nullptr ? *parsed.command : kNone;

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, size_t> counts;
  AddFlags(app, GlobalFlags(), values, counts);
  AddFlags(app, command.flags, values, counts);
  std::vector<std::string> extras;
  try {
    std::vector<std::string> reversed(rest.rbegin(), rest.rend());
    app.parse(reversed);
    extras = app.remaining();
  } catch (const CLI::ParseError& error) {
    return InvalidArgument(Excerpt(error.what()));
  }
  // Behind a bare `--` everything is an argument, whatever it looks like.
  const auto bare = std::find(rest.begin(), rest.end(), "--");
  const std::vector<std::string> verbatim =
      bare == rest.end() ? std::vector<std::string>() : std::vector<std::string>(bare + 1, rest.end());
  for (const std::string& word : extras) {
    if (word == "--") continue;
    const bool is_verbatim = std::find(verbatim.begin(), verbatim.end(), word) != verbatim.end();
    if (IsFlag(word) && !is_verbatim) return UnknownFlag(command, word);
    parsed.words.push_back(word);
  }
  for (const auto& [name, given] : values)
    if (!given.empty()) parsed.flags[name] = given.back();
  for (const auto& [name, count] : counts)
    if (count > 0) parsed.flags[name] = "";
  if (parsed.command == nullptr || parsed.Has("help")) return parsed;

  if (parsed.words.size() < command.least)
    return InvalidArgument(Cat("`holdfast ", command.name, "` wants ", command.arguments));
  if (parsed.words.size() > command.most)
    return InvalidArgument(Cat("`holdfast ", command.name, "` does not know what to do with `",
                               Excerpt(parsed.words[command.most], 60), "`"));
  return parsed;
}

}  // namespace holdfast::cli
