#include "controller/cli/help.h"

#include <algorithm>
#include <vector>

#include "controller/base/text.h"
#include "controller/cli/call.h"

namespace holdfast::cli {
namespace {

std::string FlagText(const Flag& flag) {
  std::string out =
      flag.letter != 0 ? Cat("-", std::string(1, flag.letter), ", --", flag.name) : Cat("    --", flag.name);
  if (!flag.value.empty()) Append(out, " ", flag.value);
  return out;
}

std::string FlagsText(std::span<const Flag> flags) {
  size_t widest = 0;
  for (const Flag& flag : flags) widest = std::max(widest, CodePoints(FlagText(flag)));
  std::string out;
  for (const Flag& flag : flags) {
    const std::string text = FlagText(flag);
    Append(out, "  ", text, std::string(widest - CodePoints(text) + 2, ' '), flag.doc, "\n");
  }
  return out;
}

std::string Usage(const Command& command) {
  return Cat("holdfast ", command.name, command.flags.empty() ? "" : " [FLAGS]",
             command.arguments.empty() ? "" : " ", command.arguments);
}

std::vector<std::string> Codes(const Command& command) {
  std::vector<std::string> out;
  for (int code : command.exit_codes) out.push_back(Cat(code));
  return out;
}

}  // namespace

std::string OverviewText() {
  std::string out =
      "holdfast keeps real stacks of services as their specs say, and tells why when it does "
      "not.\n\nholdfast COMMAND [ARGUMENTS]\n";
  std::string_view group;
  for (const Command& command : Commands()) {
    if (command.group != group) Append(out, "\n", command.group, "\n");
    group = command.group;
    Append(out, "  ", command.name, std::string(16 - command.name.size(), ' '), command.summary, "\n");
  }
  Append(out, "\nFlags of every command\n", FlagsText(GlobalFlags()),
         "\nholdfast help COMMAND, holdfast help exit-codes, holdfast help environment\n");
  return out;
}

std::string CommandText(const Command& command) {
  std::string out = Cat(command.summary, "\n\n  ", Usage(command), "\n");
  if (!command.more.empty()) Append(out, "\n", command.more, "\n");
  if (!command.flags.empty()) Append(out, "\nFlags\n", FlagsText(command.flags));
  out.append("\nExamples\n");
  for (std::string_view example : command.examples) Append(out, "  ", example, "\n");
  Append(out, "\nExit codes: ", Join(Codes(command), ", "), " (holdfast help exit-codes)\n");
  return out;
}

std::string CommandsMarkdown() {
  std::string out =
      "# The commands\n\nMade from the table of commands; `holdfast help COMMAND` says the same.\n";
  std::string_view group;
  for (const Command& command : Commands()) {
    if (command.group != group) Append(out, "\n## ", command.group, "\n");
    group = command.group;
    Append(out, "\n### holdfast ", command.name, "\n\n", command.summary, ".\n\n```text\n", Usage(command),
           "\n```\n");
    if (!command.more.empty()) Append(out, "\n", command.more, "\n");
    if (!command.flags.empty()) Append(out, "\n```text\n", FlagsText(command.flags), "```\n");
    out.append("\n```sh\n");
    for (std::string_view example : command.examples) Append(out, example, "\n");
    Append(out, "```\n\nExit codes: ", Join(Codes(command), ", "), " ([meaning](exit-codes.md)).\n");
  }
  Append(out, "\n## Flags of every command\n\n```text\n", FlagsText(GlobalFlags()), "```\n");
  return out;
}

int RunHelp(Call& call) {
  const std::vector<std::string>& words = call.words();
  if (words.empty()) {
    call.Out(OverviewText());
    return kDone;
  }
  const std::string topic = Join(words, " ");
  if (topic == "exit-codes")
    call.Out(ExitCodesText());
  else if (topic == "environment")
    call.Out(EnvironmentText());
  else if (const Command* command = FindCommand(topic))
    call.Out(CommandText(*command));
  else {
    std::vector<std::string_view> names = {"exit-codes", "environment"};
    for (const Command& command : Commands()) names.push_back(command.name);
    const std::string_view meant = DidYouMean(topic, names);
    return call.Fail(kUsage, Cat("there is no help on `", Excerpt(topic, 60), "`"),
                     meant.empty() ? "holdfast help" : Cat("did you mean `holdfast help ", meant, "`?"));
  }
  return kDone;
}

}  // namespace holdfast::cli
