#include "examples/sandbox/control.h"

#include <algorithm>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "examples/sandbox/served_verbs.h"

namespace holdfast::sandbox {
namespace {

using Words = std::span<const std::string>;

// By its whole name (redis@db1), or by the program's when only one host has such a one.
Result<std::string> UnitNamed(Stage& stage, const std::string& name) {
  std::vector<std::string> found;
  std::vector<std::string_view> known;
  for (const auto& [id, unit] : stage.hosts().units()) {
    if (id == name) return id;
    if (unit.program.name == name) found.push_back(id);
    known.push_back(unit.program.name);
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1) return InvalidArgument(Cat(name, " is ambiguous: ", Enumerate(found)));
  const std::string_view meant = DidYouMean(name, known);
  return NotFound(Cat("there is no program ", Excerpt(name, 60),
                      meant.empty() ? "" : Cat("; did you mean ", meant, "?")));
}

Result<const Supervisord*> HostNamed(Stage& stage, const std::string& name) {
  std::vector<std::string> known;
  for (const Supervisord& supervisord : stage.scenario().supervisords) {
    if (supervisord.host == name) return &supervisord;
    known.push_back(supervisord.host);
  }
  return NotFound(Cat("there is no host ", Excerpt(name, 60), "; there are ", Enumerate(known)));
}

Result<std::string> Alive(Stage& stage, const std::string& name) {
  std::string id = HF_TRY(UnitNamed(stage, name));
  if (!stage.hosts().IsAlive(id)) return FailedPrecondition(Cat(id, " does not run"));
  return id;
}

Result<std::string> Done(Hosts::Answer answer, const std::string& id, std::string_view did) {
  switch (answer) {
    case Hosts::Answer::kDone:
      return Cat(id, ": ", did, "\n");
    case Hosts::Answer::kAlready:
      return FailedPrecondition(Cat(id, " is started already"));
    case Hosts::Answer::kNotRunning:
      return FailedPrecondition(Cat(id, " does not run"));
    case Hosts::Answer::kNoFile:
      return FailedPrecondition(Cat(id, ": there is no such file to run"));
    case Hosts::Answer::kNoSuch:
    case Hosts::Answer::kDaemonDown:
      break;
  }
  return FailedPrecondition(Cat(id, ": its supervisord is down"));
}

std::string_view ByText(By by) {
  switch (by) {
    case By::kController:
      return "over XML-RPC";
    case By::kPerson:
      return "by hand";
    case By::kSupervisor:
      return "by its supervisord";
    case By::kNature:
      break;
  }
  return "";
}
std::string_view WhatText(Effect::What what) {
  switch (what) {
    case Effect::What::kStart:
      return "started";
    case Effect::What::kStop:
      return "asked to stop";
    case Effect::What::kKill:
      return "KILL sent";
    case Effect::What::kTerm:
      return "TERM sent";
    case Effect::What::kEnd:
      return "ended";
    case Effect::What::kServes:
      break;
  }
  return "serves";
}

std::string AnswersText(const Hosts& hosts, const Unit& unit) {
  std::string text = "no process";
  for (const auto& [pid, process] : hosts.processes()) {
    if (process.unit != unit.id) continue;
    if (!hosts.IsHostUp(unit.program.host)) return "host unreachable";
    if (process.is == Process::Is::kHangs) return "hangs";
    if (hosts.ServesProcess(process)) return "serves";
    text = process.serves_at > hosts.now() ? "comes up" : "wrongly: what it needs does not serve";
  }
  return text;
}

Result<std::string> StatusOf(Stage& stage, Words) {
  const Hosts& hosts = stage.hosts();
  constexpr size_t kName = 28, kState = 10, kPid = 10, kWhere = 22;
  const auto cell = [](std::string text, size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
  };
  std::string out = Cat(cell("PROGRAM", kName), cell("STATE", kState), cell("PID", kPid),
                        cell("LISTENS", kWhere), "ANSWERS\n");
  for (const auto& [id, unit] : hosts.units()) {
    const Program& program = unit.program;
    Append(out, cell(id, kName), cell(std::string(UnitStateName(unit.state)), kState),
           cell(unit.pid == 0 ? "-" : Cat(unit.pid), kPid),
           cell(program.port == 0 ? "-" : Cat(program.address, ":", program.port), kWhere),
           AnswersText(hosts, unit), "\n");
  }
  for (const Supervisord& supervisord : stage.scenario().supervisords)
    if (!hosts.IsDaemonUp(supervisord.endpoint))
      Append(out, "supervisord of ", supervisord.host, ": killed\n");
  return out;
}

Result<std::string> LogOf(Stage& stage, Words) {
  const auto& effects = stage.hosts().effects();
  std::string out;
  for (size_t i = effects.size() - std::min(effects.size(), kMostLogLines); i < effects.size(); ++i) {
    const Effect& effect = effects[i];
    const std::string_view by = ByText(effect.by);
    Append(out, Rfc3339(absl::FromUnixMillis(absl::ToUnixMillis(effect.at))), "  ", effect.unit, "  ",
           WhatText(effect.what), by.empty() ? "" : " ", by, effect.pid == 0 ? "" : Cat("  pid ", effect.pid),
           "\n");
  }
  return out;
}

Result<std::string> Hang(Stage& stage, Words words) {
  const std::string id = HF_TRY(Alive(stage, words[0]));
  stage.hosts().Hang(id);
  return Cat(id, ": hangs; it accepts connections and says nothing\n");
}
Result<std::string> Continue(Stage& stage, Words words) {
  const std::string id = HF_TRY(Alive(stage, words[0]));
  stage.hosts().Continue(id);
  return Cat(id, ": goes on\n");
}
Result<std::string> Kill(Stage& stage, Words words) {
  const std::string id = HF_TRY(Alive(stage, words[0]));
  stage.hosts().Crash(id);
  return Cat(id, ": killed\n");
}
Result<std::string> ManualStop(Stage& stage, Words words) {
  const std::string id = HF_TRY(UnitNamed(stage, words[0]));
  return Done(stage.hosts().Stop(id, By::kPerson), id, "asked to stop, by hand");
}
Result<std::string> ManualStart(Stage& stage, Words words) {
  const std::string id = HF_TRY(UnitNamed(stage, words[0]));
  return Done(stage.hosts().Start(id, By::kPerson), id, "started, by hand");
}
Result<std::string> BehaveAs(Stage& stage, Words words) {
  const std::string id = HF_TRY(UnitNamed(stage, words[0]));
  const Behaviour behaviour = HF_TRY(ParseBehaviour(words[1]));
  stage.Behave(id, behaviour);
  return Cat(id, ": behaves so from its next start on\n");
}
Result<std::string> Unreachable(Stage& stage, Words words) {
  const Supervisord* host = HF_TRY(HostNamed(stage, words[0]));
  if (!host->socket.empty())
    return FailedPrecondition(
        Cat(host->host, " is asked over a unix socket: it is this machine, which is always reachable"));
  stage.hosts().HostDown(host->host);
  return Cat(host->host, ": unreachable; attempts to connect time out\n");
}
Result<std::string> Reachable(Stage& stage, Words words) {
  const Supervisord* host = HF_TRY(HostNamed(stage, words[0]));
  stage.hosts().HostUp(host->host);
  return Cat(host->host, ": reachable\n");
}
Result<std::string> KillSupervisord(Stage& stage, Words words) {
  const Supervisord* host = HF_TRY(HostNamed(stage, words[0]));
  if (!stage.hosts().IsDaemonUp(host->endpoint))
    return FailedPrecondition(Cat("the supervisord of ", host->host, " is down already"));
  stage.hosts().KillSupervisord(host->endpoint);
  return Cat("the supervisord of ", host->host, ": killed; its processes live on without a parent\n");
}
Result<std::string> StartSupervisord(Stage& stage, Words words) {
  const Supervisord* host = HF_TRY(HostNamed(stage, words[0]));
  if (stage.hosts().IsDaemonUp(host->endpoint))
    return FailedPrecondition(Cat("the supervisord of ", host->host, " runs"));
  stage.hosts().StartSupervisord(host->endpoint);
  return Cat("the supervisord of ", host->host,
             ": started; it knows nothing of processes that it has not started\n");
}
Result<std::string> HealAll(Stage& stage, Words) {
  stage.Heal();
  return std::string(
      "every host is reachable, every supervisord runs, nothing hangs, behaviours are the scenario's "
      "again\n");
}

constexpr Verb kVerbs[] = {
    {"status", "", "what every program does, and how its process answers", StatusOf, 0},
    {"log", "", "what happened last, and who did it", LogOf, 0},
    {"hang", "PROGRAM", "its process freezes, as by SIGSTOP: it accepts connections and says nothing", Hang,
     1},
    {"continue", "PROGRAM", "a process that hangs goes on", Continue, 1},
    {"kill", "PROGRAM", "its process ends at once, as by kill -9 from a shell", Kill, 1},
    {"manual-stop", "PROGRAM", "stopped as a person does with supervisorctl", ManualStop, 1},
    {"manual-start", "PROGRAM", "started as a person does with supervisorctl", ManualStart, 1},
    {"behave", "PROGRAM BEHAVIOUR",
     "from its next start on: exitsAtOnce, '{dies: 10s}' and so on, as in the scenario", BehaveAs, 2},
    {"unreachable", "HOST", "attempts to connect to anything on it time out", Unreachable, 1},
    {"reachable", "HOST", "it can be reached again", Reachable, 1},
    {"kill-supervisord", "HOST", "its supervisord is gone; the processes live on without a parent",
     KillSupervisord, 1},
    {"start-supervisord", "HOST", "a new one, which knows nothing of what the old one started",
     StartSupervisord, 1},
    {"account", "", "what is in the account of AWS, and what happened to it last", TellAccount, 0},
    {"load", "TABLE READ WRITE", "units a second that clients want of a table from now on", LoadTable, 3},
    {"deny", "ACTION", "what the key may not do any more: dynamodb:UpdateTable", DenyAction, 1},
    {"allow", "ACTION", "what it may do again", AllowAction, 1},
    {"heal", "", "ends all that the other commands broke; what has ended stays down", HealAll, 0},
};

HttpReply TextReply(int status, std::string text) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::move(text);
  return reply;
}

Result<std::vector<std::string>> ReadWords(const std::string& body) {
  const json::value value = HF_TRY(ParseJson(body));
  std::vector<std::string> words;
  if (!value.is_array() || value.get_array().size() > kMostWords)
    return InvalidArgument("expected a short list of words");
  for (const json::value& word : value.get_array()) {
    if (!word.is_string()) return InvalidArgument("expected a list of words");
    words.emplace_back(Chars(word.get_string()));
  }
  return words;
}

}  // namespace

std::span<const Verb> Verbs() { return kVerbs; }

Result<std::string> Tell(Stage& stage, Words words) {
  const std::string name = words.empty() ? "" : words[0];
  std::vector<std::string_view> names;
  for (const Verb& verb : kVerbs) {
    names.push_back(verb.name);
    if (verb.name != name) continue;
    if (words.size() != verb.words + 1)
      return InvalidArgument(Cat("usage: ", verb.name, verb.takes.empty() ? "" : " ", verb.takes));
    return verb.act(stage, words.subspan(1));
  }
  const std::string_view meant = DidYouMean(name, names);
  return InvalidArgument(Cat("there is no command `", Excerpt(name, 60), "`",
                             meant.empty() ? "" : Cat("; did you mean ", meant, "?")));
}

Task<HttpReply> AnswerControl(Stage* stage, HttpQuery query) {
  if (query.method != "POST") co_return TextReply(405, "commands are POSTed\n");
  const Result<std::vector<std::string>> words = ReadWords(query.body);
  if (!words.ok()) co_return TextReply(400, words.status().message() + "\n");
  const bool changes = !words->empty() && (*words)[0] != "status" && (*words)[0] != "log";
  if (!changes) co_await stage->Settled();
  const Result<std::string> told = Tell(*stage, *words);
  if (!told.ok())
    co_return TextReply(told.status().code() == Code::kNotFound ? 404 : 400, told.status().message() + "\n");
  if (changes) co_await stage->Settled();
  co_return TextReply(200, *told);
}

}  // namespace holdfast::sandbox
