#include "controller/cli/completion.h"

#include <vector>

#include "controller/base/text.h"
#include "controller/cli/call.h"

namespace holdfast::cli {
namespace {

// What a flag's value may be, when there is a list: "text|json".
std::string Words(std::string_view value) {
  if (value.find('|') == std::string_view::npos ||
      value.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ=") != std::string_view::npos)
    return {};
  return Join(Split(value, '|'), " ");
}

enum class Takes { kResources, kPaths, kWords, kNothing };

Takes TakesOf(const Command& command) {
  if (command.arguments.find("NAME") != std::string_view::npos) return Takes::kResources;
  if (command.arguments.find("PATH…") != std::string_view::npos) return Takes::kPaths;
  return Words(command.arguments).empty() ? Takes::kNothing : Takes::kWords;
}

std::string FlagList(const Command& command) {
  std::vector<std::string> out;
  for (const Flag& flag : command.flags) out.push_back(Cat("--", flag.name));
  for (const Flag& flag : GlobalFlags()) {
    out.push_back(Cat("--", flag.name));
    if (flag.letter != 0) out.push_back(Cat("-", std::string(1, flag.letter)));
  }
  return Join(out, " ");
}

std::string FirstWords() {
  std::vector<std::string> out;
  for (const Command& command : Commands()) out.emplace_back(command.name.substr(0, command.name.find(' ')));
  return Join(out, " ");
}

std::string BashScript() {
  std::string cases, values;
  for (const Command& command : Commands()) {
    std::string words;
    switch (TakesOf(command)) {
      case Takes::kResources:
        words = Cat("$(holdfast ", kCompleteCommand, " 2>/dev/null)");
        break;
      case Takes::kWords:
        words = Words(command.arguments);
        break;
      case Takes::kPaths:
      case Takes::kNothing:
        break;
    }
    const std::string_view first = command.name.substr(0, command.name.find(' '));
    if (first != command.name) words = std::string(command.name.substr(first.size() + 1));
    Append(cases, "    ", first, ")\n      flags=\"", FlagList(command), "\"\n      words=\"", words,
           "\" ;;\n");
  }
  const auto add_value = [&](const Flag& flag) {
    std::string list = Words(flag.value);
    const bool path = flag.value == "DIR" || flag.value == "FILE" || flag.value == "PATH";
    if (list.empty() && !path) return;
    Append(values, "    --", flag.name, flag.letter != 0 ? Cat("|-", std::string(1, flag.letter)) : "", ") ",
           path ? "COMPREPLY=($(compgen -f -- \"$cur\"))"
                : Cat("COMPREPLY=($(compgen -W \"", list, "\" -- \"$cur\"))"),
           "; return ;;\n");
  };
  for (const Flag& flag : GlobalFlags()) add_value(flag);
  std::vector<std::string_view> seen;
  for (const Command& command : Commands())
    for (const Flag& flag : command.flags)
      if (std::find(seen.begin(), seen.end(), flag.name) == seen.end())
        seen.push_back(flag.name), add_value(flag);
  return Cat(
      "# bash completion for holdfast\n_holdfast() {\n  local cur prev word command=\"\" flags=\"\" "
      "words=\"\"\n"
      "  cur=\"${COMP_WORDS[COMP_CWORD]}\"\n  prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n  COMPREPLY=()\n  case "
      "\"$prev\" in\n",
      values,
      "  esac\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$word\" in -*) ;; *) "
      "command=\"$word\"; break ;; esac\n  done\n"
      "  case \"$command\" in\n    \"\")\n      flags=\"--help\"\n      words=\"",
      FirstWords(), "\" ;;\n", cases,
      "  esac\n  if [[ \"$cur\" == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\"))\n"
      "  elif [[ -n \"$words\" ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "  else COMPREPLY=($(compgen -f -- \"$cur\")); fi\n}\ncomplete -F _holdfast holdfast\n");
}

// zsh reads bash's completion; its own _describe is not needed for words and flags.
std::string ZshScript() {
  return Cat(
      "#compdef holdfast\nautoload -U +X bashcompinit && bashcompinit\nautoload -U +X compinit && compinit\n",
      BashScript());
}

std::string FishScript() {
  std::string out = "# fish completion for holdfast\ncomplete -c holdfast -f\n";
  const auto quoted = [](std::string_view text) {
    std::string safe;
    for (char c : text) {
      if (c == '\'' || c == '\\') safe.push_back('\\');
      safe.push_back(c);
    }
    return Cat("'", safe, "'");
  };
  const auto flag_line = [&](std::string_view condition, const Flag& flag) {
    Append(out, "complete -c holdfast", condition, " -l ", flag.name,
           flag.letter != 0 ? Cat(" -s ", std::string(1, flag.letter)) : "", flag.value.empty() ? "" : " -r",
           Words(flag.value).empty() ? "" : Cat(" -a ", quoted(Words(flag.value))), " -d ", quoted(flag.doc),
           "\n");
  };
  for (const Flag& flag : GlobalFlags()) flag_line("", flag);
  for (const Command& command : Commands()) {
    const std::string_view first = command.name.substr(0, command.name.find(' '));
    Append(out, "complete -c holdfast -n __fish_use_subcommand -a ", first, " -d ", quoted(command.summary),
           "\n");
    const std::string condition = Cat(" -n '__fish_seen_subcommand_from ", first, "'");
    for (const Flag& flag : command.flags) flag_line(condition, flag);
    switch (TakesOf(command)) {
      case Takes::kResources:
        Append(out, "complete -c holdfast", condition, " -a '(holdfast ", kCompleteCommand,
               " 2>/dev/null)'\n");
        break;
      case Takes::kPaths:
        Append(out, "complete -c holdfast", condition, " -F\n");
        break;
      case Takes::kWords:
        Append(out, "complete -c holdfast", condition, " -a ", quoted(Words(command.arguments)), "\n");
        break;
      case Takes::kNothing:
        break;
    }
  }
  return out;
}

}  // namespace

std::string CompletionScript(std::string_view shell) {
  if (shell == "bash") return BashScript();
  if (shell == "zsh") return ZshScript();
  if (shell == "fish") return FishScript();
  return {};
}

int RunCompletion(Call& call) {
  const std::string script = CompletionScript(call.words()[0]);
  if (script.empty())
    return call.Fail(kUsage, Cat("there is no completion for `", Excerpt(call.words()[0], 40), "`"),
                     "bash, zsh or fish");
  call.Out(script);
  return kDone;
}

}  // namespace holdfast::cli
