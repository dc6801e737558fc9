// A command as a row of the table from which help, documentation, completion and parsing come.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/exit_codes.h"

namespace holdfast::cli {

class Call;

struct Flag {
  std::string_view name;        // "reason": written --reason
  std::string_view value = {};  // "TEXT": what it takes; "" = it takes nothing
  std::string_view doc = {};
  char letter = 0;  // written -o
};

struct Command {
  std::string_view name;       // "journal verify": two words are one command
  std::string_view group;      // under which help lists it
  std::string_view summary;    // one line
  std::string_view arguments;  // "KIND/NAME…"
  size_t least = 0, most = 0;  // how many arguments
  std::vector<Flag> flags;
  std::vector<std::string_view> examples;
  std::vector<int> exit_codes;
  int (*run)(Call& call) = nullptr;
  std::string_view more = {};  // a paragraph for help
};

inline constexpr size_t kAnyNumber = 10'000;

// In the order in which help lists them.
std::span<const Command> Commands();
std::span<const Flag> GlobalFlags();
const Command* FindCommand(std::string_view name);

// Each in its own file.
int RunValidate(Call& call);
int RunPlan(Call& call);
int RunRecover(Call& call);
int RunRun(Call& call);
int RunStatus(Call& call);
int RunWhy(Call& call);
int RunHistory(Call& call);
int RunDiff(Call& call);
int RunApply(Call& call);
int RunExplain(Call& call);
int RunSchema(Call& call);
int RunIamPolicy(Call& call);
int RunSuspend(Call& call);
int RunResume(Call& call);
int RunStopAll(Call& call);
int RunStartAll(Call& call);
int RunWait(Call& call);
int RunVersion(Call& call);
int RunCompletion(Call& call);
int RunJournalVerify(Call& call);
int RunHelp(Call& call);

}  // namespace holdfast::cli
