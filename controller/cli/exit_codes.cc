#include "controller/cli/exit_codes.h"

#include "controller/base/text.h"

namespace holdfast::cli {

std::span<const ExitCodeRow> ExitCodes() {
  static constexpr ExitCodeRow kRows[] = {
      {kDone, "done; nothing wrong", "`plan` without --detailed-exitcode is 0 with and without changes"},
      {kFailed, "failed", "for `diff`: differences were found, as diff(1) has it"},
      {kChanges, "`plan --detailed-exitcode`: there are changes",
       "for `diff`: trouble; no other command uses 2"},
      {kNotReady, "the resource is known but not as asked for", "`status --exit-code`, `wait --timeout 0s`"},
      {kNoSuch, "no such resource, kind, field or journal", ""},
      {kBlocked, "refused by a rule", "`apply`: the plan is another by now, or there is none"},
      {kNotPermitted, "not permitted", "the socket, or what the daemon says of who asks"},
      {kTimedOut, "timed out, or the state is not known",
       "`wait`; `plan --detailed-exitcode` and `status --exit-code` when nothing can be seen"},
      {kUsage, "wrong usage", "unknown command or flag, missing argument, wrong config file"},
      {kInterrupted, "interrupted", "what the daemon has begun goes on there"},
      {kTerminated, "terminated", "what the daemon has begun goes on there"},
  };
  return kRows;
}

std::string ExitCodesText() {
  std::string out = "EXIT CODES\n";
  for (const ExitCodeRow& row : ExitCodes()) {
    const std::string code = Cat(row.code);
    Append(out, "  ", code, std::string(6 - code.size(), ' '), row.meaning, "\n");
    if (!row.note.empty()) Append(out, "        ", row.note, "\n");
  }
  return out;
}

std::string ExitCodesMarkdown() {
  std::string out =
      "# Exit codes\n\nThe same as `holdfast help exit-codes`; one test per row.\n\n| code | meaning | note "
      "|\n|---|---|---|\n";
  for (const ExitCodeRow& row : ExitCodes())
    Append(out, "| ", row.code, " | ", row.meaning, " | ", row.note, " |\n");
  return out;
}

}  // namespace holdfast::cli
