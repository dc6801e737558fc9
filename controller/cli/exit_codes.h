// What a command's exit code tells a script.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace holdfast::cli {

// Each number has one meaning; 2 never means anything but what it says here.
enum Exit : int {
  kDone = 0,
  kFailed = 1,
  kDiffers = 1,      // of `diff`
  kChanges = 2,      // of `plan --detailed-exitcode`
  kDiffTrouble = 2,  // of `diff`
  kNotReady = 3,
  kNoSuch = 4,
  kBlocked = 5,
  kNotPermitted = 6,
  kTimedOut = 7,
  kUsage = 64,
  kInterrupted = 130,
  kTerminated = 143,
};

struct ExitCodeRow {
  int code;
  std::string_view meaning;
  std::string_view note;
};
std::span<const ExitCodeRow> ExitCodes();
// What `holdfast help exit-codes` prints.
std::string ExitCodesText();
// docs/exit-codes.md
std::string ExitCodesMarkdown();

}  // namespace holdfast::cli
