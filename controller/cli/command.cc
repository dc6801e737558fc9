#include "controller/cli/command.h"

namespace holdfast::cli {
namespace {

constexpr Flag kSpecs{"specs", "DIR", "Directory with the specs, or one file."};
constexpr Flag kState{"state", "DIR", "Directory of the journal."};
constexpr Flag kAll{"all", "", "Every resource."};

std::vector<Command> Table() {
  return {
      {"validate", "Author", "Check specs without touching anything", "[PATH…]", 0, kAnyNumber, {kSpecs},
       {"holdfast validate specs/", "holdfast validate specs/ -o github   # annotations for a pull request"},
       {kDone, kFailed, kUsage}, RunValidate,
       "All problems of all files are told in one run, each with its place and the way out. Without PATH: the specs of the configuration."},
      {"plan", "Author", "Show what would be done, in order, and what it would wait for", "[KIND/NAME…]", 0, kAnyNumber,
       {kSpecs, kState, {"detailed-exitcode", "", "Exit 2 when there are changes."}},
       {"holdfast plan --specs specs/", "holdfast plan ServiceStack/site --detailed-exitcode"},
       {kDone, kFailed, kChanges, kNoSuch, kTimedOut, kUsage}, RunPlan,
       "Needs no daemon: looks at the real systems once, changes nothing and writes nothing."},
      {"explain", "Author", "Explain a field of a spec, or a problem's number", "KIND[.PATH]|HFnnnn", 1, 1, {},
       {"holdfast explain ServiceStack.spec.layers", "holdfast explain HF0107"}, {kDone, kNoSuch, kUsage}, RunExplain},
      {"schema", "Author", "Write the JSON Schema of specs, for editors", "[KIND]", 0, 1,
       {{"out", "DIR", "Write one file per kind into this directory."}},
       {"holdfast schema ServiceStack", "holdfast schema --out schemas/"}, {kDone, kFailed, kNoSuch, kUsage}, RunSchema},

      {"status", "See", "What every resource is doing, worst first", "[KIND|KIND/NAME…]", 0, kAnyNumber,
       {{"exit-code", "", "Exit 3 when one of them is not Ready, 7 when it cannot be seen."},
        {"not-ready", "", "Only those that are not Ready."}, kState},
       {"holdfast status", "holdfast status ServiceStack/site -o json"},
       {kDone, kFailed, kNotReady, kNoSuch, kNotPermitted, kTimedOut, kUsage}, RunStatus,
       "When the daemon is down, says so and answers from the journal what can be answered, marked as old."},
      {"why", "See", "Why something does not move: the chain of reasons down to the root", "KIND/NAME", 1, 1, {kState},
       {"holdfast why ServiceStack/site"}, {kDone, kFailed, kNoSuch, kNotPermitted, kTimedOut, kUsage}, RunWhy},
      {"diff", "See", "What is wanted and what is seen", "KIND/NAME", 1, 1, {},
       {"holdfast diff ServiceStack/site"}, {kDone, kDiffers, kDiffTrouble, kUsage}, RunDiff},
      {"history", "See", "What was done, when, why and by whom", "[KIND/NAME]", 0, 1,
       {{"since", "24h|TIME", "Nothing older."}, {"limit", "N", "At most so many lines (default 50)."}, kState},
       {"holdfast history ServiceStack/site --since 24h"}, {kDone, kFailed, kNoSuch, kNotPermitted, kTimedOut, kUsage}, RunHistory},

      {"apply", "Decide and act", "Let go what is proposed, bound to the plan that was shown", "KIND/NAME", 1, 1,
       {{"digest", "HEX", "The plan's digest, at least 8 digits of it: `holdfast why` shows it."}},
       {"holdfast apply ServiceStack/site --digest 3f9c01d2a4b8"},
       {kDone, kFailed, kNoSuch, kBlocked, kNotPermitted, kTimedOut, kUsage}, RunApply},
      {"suspend", "Decide and act", "Begin nothing new on a resource for a while", "[KIND/NAME…]", 0, kAnyNumber,
       {{"reason", "TEXT", "Why: shown everywhere."}, {"for", "2h", "How long."}, {"until", "TIME", "Or until when."}, kAll},
       {"holdfast suspend ServiceStack/site --reason \"disk swap\" --for 2h"},
       {kDone, kFailed, kNoSuch, kNotPermitted, kTimedOut, kUsage}, RunSuspend,
       "Observation goes on, and what ends an exposure (a service stopped for a restart) is still finished."},
      {"resume", "Decide and act", "End a suspension", "[KIND/NAME…]", 0, kAnyNumber, {kAll}, {"holdfast resume ServiceStack/site"},
       {kDone, kFailed, kNoSuch, kNotPermitted, kTimedOut, kUsage}, RunResume},
      {"stop-all", "Decide and act", "The red switch: begin nothing anywhere", "", 0, 0,
       {{"reason", "TEXT", "Why: shown everywhere."}, {"freeze", "", "Hold obligations too, and print them as lines to paste."}},
       {"holdfast stop-all --reason \"network work\""}, {kDone, kFailed, kNotPermitted, kTimedOut, kUsage}, RunStopAll},
      {"start-all", "Decide and act", "End stop-all", "", 0, 0, {}, {"holdfast start-all"},
       {kDone, kFailed, kNotPermitted, kTimedOut, kUsage}, RunStartAll},
      {"wait", "Decide and act", "Wait for a condition, telling what it waits on", "[KIND/NAME…]", 0, kAnyNumber,
       {{"for", "condition=TYPE[=STATUS]", "Default: condition=Ready."}, kAll},
       {"holdfast wait ServiceStack/site --for condition=Ready --timeout 30m"},
       {kDone, kFailed, kNotReady, kNoSuch, kNotPermitted, kTimedOut, kUsage, kInterrupted}, RunWait,
       "--timeout is how long (default 5m); with 0s it looks once."},

      {"run", "Operate", "The controller: observes and acts, for ever", "", 0, 0,
       {kSpecs, kState, {"listen", "ADDRESS:PORT", "Where to answer HTTP; \"\" = nowhere."}, {"once", "", "End when nothing moves any more."}},
       {"holdfast run --specs specs/ --state state/", "holdfast run --once --timeout 10m"}, {kDone, kFailed, kTimedOut, kUsage, kTerminated},
       RunRun, "SIGTERM finishes or parks the step under way, SIGHUP looks again now."},
      {"journal verify", "Operate", "Check that the journal says what was written", "", 0, 0, {kState}, {"holdfast journal verify"},
       {kDone, kFailed, kNoSuch, kUsage}, RunJournalVerify},
      {"version", "Operate", "Which holdfast this is", "", 0, 0, {}, {"holdfast version -o json"}, {kDone, kUsage}, RunVersion},
      {"completion", "Operate", "A script for your shell", "bash|zsh|fish", 1, 1, {},
       {"holdfast completion bash > /etc/bash_completion.d/holdfast"}, {kDone, kUsage}, RunCompletion},
      {"help", "Operate", "Help on a command, or on exit-codes or environment", "[COMMAND|TOPIC]", 0, 2, {}, {"holdfast help exit-codes"},
       {kDone, kUsage}, RunHelp},
  };
}

}  // namespace

std::span<const Command> Commands() {
  static const std::vector<Command> kTable = Table();
  return kTable;
}

std::span<const Flag> GlobalFlags() {
  static constexpr Flag kFlags[] = {
      {"output", "text|json", "How to answer (validate: github too).", 'o'},
      {"color", "auto|always|never", "Colours; auto = on a terminal, unless NO_COLOR is set."},
      {"quiet", "", "Only what was asked for, no remarks.", 'q'},
      {"verbose", "", "More: evidence, lines of all steps.", 'v'},
      {"socket", "PATH", "The daemon's unix socket."},
      {"config", "FILE", "A config file; its keys are names of flags."},
      {"timeout", "30s", "How long an answer may take."},
      {"utc", "", "Times in UTC."},
      {"help", "", "Help on this command.", 'h'},
  };
  return kFlags;
}

const Command* FindCommand(std::string_view name) {
  for (const Command& command : Commands())
    if (command.name == name) return &command;
  return nullptr;
}

}  // namespace holdfast::cli
