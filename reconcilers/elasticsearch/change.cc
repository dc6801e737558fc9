#include "reconcilers/elasticsearch/change.h"

#include <algorithm>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/elasticsearch/actions.h"
#include "reconcilers/elasticsearch/node_files.h"
#include "reconcilers/elasticsearch/node_steps.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kBackVerb = "put back";
constexpr std::string_view kChangeVerb = "change";

// The parts of "file:NODE:PATH": what was noted tells them, because names may hold anything.
std::string BeforeText(const NodeIdentity& node, const std::string& path, const std::string& sha256) {
  return Compact(json::object{
      {"node", JsonView(IdentityText(node))}, {"path", JsonView(path)}, {"sha256", JsonView(sha256)}});
}
std::string TextAt(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(JsonView(key));
  return found != nullptr && found->is_string() ? std::string(Chars(found->get_string())) : std::string();
}

std::string ForOperation(std::string_view operation) { return Cat(" for ", operation, "#"); }

const Attempt* LastAbout(const Picture& p, const NodeIdentity& node, std::string_view verb) {
  const auto& attempts = p.frame.past.attempts;
  for (size_t i = attempts.size(); i-- > 0;)
    if (attempts[i].target == node.name && attempts[i].key.starts_with(Cat(verb, " ")) &&
        attempts[i].key.find(Cat("#", node.incarnation)) != std::string::npos)
      return &attempts[i];
  return nullptr;
}

std::string NameOf(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

bool IsToBeChanged(const WantedFile& file) {
  return file.trouble.empty() && file.IsThere() && !file.IsInPlace();
}

}  // namespace

std::string_view OperationOf(std::string_view why) {
  constexpr std::string_view kPrefix = "Operation/";
  if (!why.starts_with(kPrefix)) return {};
  why.remove_prefix(kPrefix.size());
  return why.substr(0, why.find(' '));
}

// ── what is wanted ──

bool WantedFile::Lies(std::string_view digest) const {
  if (seen == nullptr) return false;
  const auto found = seen->beside.find(std::string(ShortDigest(digest)));
  return found != seen->beside.end() && found->second.sha256 == digest;
}

std::vector<WantedFile> WantedFiles(const Picture& p, const Operation& operation, const NodeIdentity& node) {
  std::vector<WantedFile> out;
  for (const ConfigFile& file : operation.files) {
    WantedFile wanted{.path = Expanded(file.path, node), .from = Expanded(file.from.written, node)};
    const std::string from = Expanded(file.from.path, node);
    const Template* text = p.view.FindTemplate(from);
    if (text == nullptr) {
      wanted.trouble = Cat(from, " was not read yet");
    } else if (!text->why.empty()) {
      wanted.trouble = Cat(from, ": ", text->why);
    } else if (!file.sha256.empty() && file.sha256 != text->sha256) {
      wanted.trouble =
          Cat(from, " has the digest ", text->sha256, ", and the Operation is about ", file.sha256);
    } else {
      wanted.sha256 = text->sha256;
      wanted.text = text->text;
    }
    wanted.seen = p.view.FindFile(node.name, wanted.path);
    out.push_back(std::move(wanted));
  }
  return out;
}

void AskAboutFiles(const Picture& p, const Operation& operation, const NodeIdentity& node, Draft& draft) {
  for (const ConfigFile& file : operation.files) {
    draft.Ask(AskTemplate(Expanded(file.from.path, node)));
    FileAsk ask{.node = node, .path = Expanded(file.path, node)};
    const std::string object = Cat(kFileObject, node.name, ":", ask.path);
    if (const Obligation* aside = p.Find(object))
      for (const FileAside& one : FilesAside(p, node.name))
        if (one.obligation == aside) ask.beside = {one.before};
    draft.Ask(AskFile(ask));
  }
}

std::string ChangeText(const std::vector<WantedFile>& files) {
  std::string text;
  size_t more = 0;
  for (const WantedFile& file : files) {
    if (!IsToBeChanged(file)) continue;
    if (text.empty())
      text = Cat(file.from, " changed (sha256 ", ShortDigest(file.seen->sha256), "… -> ",
                 ShortDigest(file.sha256), "…)");
    else
      ++more;
  }
  if (more > 0) Append(text, " and ", Count(more, "other file"));
  return text;
}

void ExplainChange(const NodeIdentity& node, const std::vector<WantedFile>& files, Draft& draft) {
  for (const WantedFile& file : files)
    if (IsToBeChanged(file))
      draft.plan().diffs.push_back({Cat(node.name, ":", file.path),
                                    Cat(file.from, " (sha256 ", ShortDigest(file.sha256), "…)"),
                                    Cat("sha256 ", ShortDigest(file.seen->sha256), "…")});
}

Verdict RunsWith(const Picture& p, const std::vector<WantedFile>& files, const Node& node) {
  for (const WantedFile& file : files) {
    if (!file.trouble.empty()) return CannotTell(file.trouble, p.at);
    if (file.seen == nullptr) return CannotTell(Cat(file.path, " was not looked at yet"), p.at);
    if (file.seen->is == NodeFile::Is::kUnknown)
      return CannotTell(Cat(file.path, ": ", file.seen->why), p.at);
    if (!file.IsInPlace()) return Hold(Cat(file.path, " is another one"), p.at);
    if (file.seen->changed != absl::InfinitePast() && node.started <= file.seen->changed)
      return Hold(Cat(file.path, " was changed after ", node.name, " started"), p.at);
  }
  return Pass("it started with these files", p.at);
}

Guard FilesAreReady(const Picture& p, const std::vector<WantedFile>& files) {
  constexpr std::string_view kName = "its new files lie ready";
  for (const WantedFile& file : files) {
    if (!file.trouble.empty()) return {kName, Hold(file.trouble, p.at)};
    if (file.seen == nullptr) return {kName, CannotTell(Cat(file.path, " was not looked at yet"), p.at)};
    if (file.seen->is == NodeFile::Is::kUnknown)
      return {kName, CannotTell(Cat(file.path, ": ", file.seen->why), p.at)};
    if (file.seen->is == NodeFile::Is::kMissing)
      return {kName, Hold(Cat(file.path, " is not there as a plain file: put one there first"), p.at)};
    if (file.IsInPlace()) continue;
    if (!file.IsKept()) return {kName, Hold(Cat(file.path, " as it is now is not kept yet"), p.at)};
    if (!file.IsLaid() && !HasOwnPrograms(*p.want.disruption.control))
      return {kName, Hold(Cat("what ", file.path, " is to hold does not lie beside it yet"), p.at)};
  }
  return {kName, Pass("", p.at)};
}

// ── what is put aside ──

std::vector<FileAside> FilesAside(const Picture& p, std::string_view node_name) {
  std::vector<FileAside> out;
  for (const Obligation& obligation : p.obligations) {
    if (!obligation.object.starts_with(kFileObject)) continue;
    const Result<json::value> parsed = ParseJson(obligation.before);
    if (!parsed.ok() || !parsed->is_object()) continue;
    const json::object& noted = parsed->get_object();
    FileAside aside{&obligation, ParseIdentity(TextAt(noted, "node")), TextAt(noted, "path"),
                    TextAt(noted, "sha256")};
    if (node_name.empty() || aside.node.name == node_name) out.push_back(std::move(aside));
  }
  return out;
}

namespace {

Lease FileLease(const Picture& p, const NodeIdentity& node, const WantedFile& file, const std::string& why) {
  return {
      .object = Cat(kFileObject, node.name, ":", file.path),
      .before = BeforeText(node, file.path, file.seen->sha256),
      .wrote = file.sha256,
      .restore = PutInPlace(*p.want.disruption.control, node, file.path, file.seen->sha256, file.seen->text),
      .why = why};
}

std::string Key(std::string_view verb, const NodeIdentity& node, const std::string& path,
                std::string_view operation, std::string_view sha256) {
  return Cat(verb, " ", node.name, ":", path, ForOperation(operation), node.incarnation, "@",
             ShortDigest(sha256));
}

}  // namespace

std::vector<Lease> FileLeases(const Picture& p, const NodeIdentity& node,
                              const std::vector<WantedFile>& files, const std::string& why) {
  std::vector<Lease> out;
  for (const WantedFile& file : files)
    if (IsToBeChanged(file)) out.push_back(FileLease(p, node, file, why));
  return out;
}

// ── steps ──

void LayFiles(const Picture& p, const NodeIdentity& node, const std::vector<WantedFile>& files,
              const std::string& operation, const std::string& why, const std::vector<Guard>& guards,
              Draft& draft) {
  const NodeControl& control = *p.want.disruption.control;
  const std::string stage = Cat("restart ", node.name);
  const auto add = [&](std::string_view verb, const WantedFile& file, Action action,
                       std::vector<Guard> besides) {
    Step step = NodeStep(p, node, std::string(verb), Key(verb, node, file.path, operation, file.sha256),
                         std::move(action), why);
    step.danger = Danger::kReversible;
    step.operation = operation;
    step.guards.push_back(NobodyHoldsIt(p));
    step.guards.insert(step.guards.end(), guards.begin(), guards.end());
    step.guards.insert(step.guards.end(), besides.begin(), besides.end());
    draft.Add(std::move(step), stage);
  };
  for (const WantedFile& file : files) {
    if (!IsToBeChanged(file)) continue;
    if (!file.IsKept()) add("keep", file, KeepFile(control, node, *file.seen), {});
    if (HasOwnPrograms(control) || file.IsLaid()) continue;
    const bool made = file.seen->beside.contains(std::string(ShortDigest(file.sha256)));
    if (!made) add("make room for", file, MakeBeside(control, node, file.path, file.sha256), {});
    std::vector<Guard> room;
    if (!made) room.push_back({"there is room for it", Hold("not yet", p.at)});
    add("lay", file, FillBeside(control, node, file.path, file.sha256, file.text), room);
  }
}

std::vector<Step> ChangeSteps(const Picture& p, const NodeIdentity& node,
                              const std::vector<WantedFile>& files, const std::string& why) {
  std::vector<Step> out;
  for (const WantedFile& file : files) {
    if (!IsToBeChanged(file)) continue;
    Step step = NodeStep(
        p, node, std::string(kChangeVerb), Key(kChangeVerb, node, file.path, OperationOf(why), file.sha256),
        PutInPlace(*p.want.disruption.control, node, file.path, file.sha256, file.text), why);
    step.danger = Danger::kReversible;
    // The node that is in hand is finished, so that it is not stopped for nothing.
    step.duty = Step::Duty::kMustFinish;
    step.takes = absl::Seconds(20);
    step.show_within = absl::Seconds(20);
    step.puts_aside = FileLease(p, node, file, why);
    out.push_back(std::move(step));
  }
  return out;
}

bool WasPutBack(const Picture& p, const NodeIdentity& node) {
  return LastAbout(p, node, kBackVerb) != nullptr;
}

namespace {

// A node may be kept down for its files no longer than this.
constexpr absl::Duration kMostWithout = absl::Minutes(2);

// Why files that were changed must go back before the node is started again; "" = they need not.
std::string WhyBack(const Picture& p, const NodeIdentity& node) {
  if (WasPutBack(p, node)) return "the others went back too";
  const Attempt* change = LastAbout(p, node, kChangeVerb);
  if (change != nullptr && change->outcome.kind == Outcome::Kind::kRefused)
    return Cat("not all could be changed: ", change->outcome.detail);
  const Attempt* start = p.LastAttempt(StartKey(node));
  if (start == nullptr) return {};
  if (start->outcome.kind == Outcome::Kind::kRefused)
    return Cat("it could not be started with it: ", start->outcome.detail);
  if (p.now - start->sent < p.want.disruption.return_timeout) return {};
  return Cat("it did not come back with it within ", Brief(p.want.disruption.return_timeout));
}

Step BackStep(const Picture& p, const NodeIdentity& node, const FileAside& aside, const NodeFile& seen,
              const std::string& why) {
  const auto kept = seen.beside.find(std::string(ShortDigest(aside.before)));
  const std::string text = kept == seen.beside.end() ? "" : kept->second.text;
  Step step =
      NodeStep(p, node, std::string(kBackVerb),
               Key(kBackVerb, node, aside.path, OperationOf(aside.obligation->why), aside.obligation->wrote),
               PutInPlace(*p.want.disruption.control, node, aside.path, aside.before, text), why);
  step.danger = Danger::kReversible;
  step.duty = Step::Duty::kMustFinish;
  step.takes = absl::Seconds(20);
  step.show_within = absl::Seconds(20);
  if (aside.obligation->known == Obligation::Known::kJournal) step.puts_back = aside.obligation->object;
  return step;
}

Due PutFilesBack(const Picture& p, const NodeIdentity& node, const std::string& why, Draft& draft) {
  Due due = Due::kNothing;
  const Attempt* tried = LastAbout(p, node, kBackVerb);
  const bool refused = tried != nullptr && tried->outcome.kind == Outcome::Kind::kRefused;
  for (const FileAside& aside : FilesAside(p, node.name)) {
    const NodeFile* seen = p.view.FindFile(node.name, aside.path);
    // What cannot be seen cannot be put back; the node is started all the same, as often as its meter lets
    // it.
    if (refused || seen == nullptr || seen->is != NodeFile::Is::kThere ||
        seen->sha256 != aside.obligation->wrote ||
        !seen->beside.contains(std::string(ShortDigest(aside.before))))
      continue;
    draft.Add(BackStep(p, node, aside, *seen, why), "put the old files back");
    due = Due::kSomething;
  }
  return due;
}

// While it was down: it starts with what it has, and its turn comes again. It has all of the files or none.
Due OtherTextCame(const Picture& p, const NodeIdentity& node, Draft& draft) {
  size_t changed = 0, open = 0;
  for (const FileAside& aside : FilesAside(p, node.name)) {
    const NodeFile* seen = p.view.FindFile(node.name, aside.path);
    ++(seen != nullptr && seen->sha256 == aside.obligation->wrote ? changed : open);
  }
  if (changed == 0 || open == 0) return Due::kNothing;
  return PutFilesBack(p, node, "another text came before all of them were changed", draft);
}

}  // namespace

Due FilesBeforeStart(const Picture& p, const Roll& roll, const NodeIdentity& node, const Obligation& stopped,
                     Draft& draft) {
  if (const std::string why = WhyBack(p, node); !why.empty()) return PutFilesBack(p, node, why, draft);
  if (roll.operation == nullptr || roll.operation->want.verb != Operation::Verb::kConfigChange ||
      OperationOf(stopped.why) != roll.operation->name || p.LastAttempt(StartKey(node)) != nullptr)
    return Due::kNothing;
  const Attempt* stop = p.LastAttempt(StopKey(node));
  if (stop != nullptr && p.now - stop->sent > kMostWithout) return Due::kNothing;
  const std::vector<WantedFile> files = WantedFiles(p, roll.operation->want, node);
  // Asked anew since it left: for a moment nobody has looked.
  if (std::any_of(files.begin(), files.end(), [](const WantedFile& file) { return file.seen == nullptr; })) {
    draft.Wait(
        {.on = Wait::On::kProgress, .name = Cat("files of ", node.name), .detail = "are being looked at"});
    return Due::kSomething;
  }
  const bool all_laid = std::all_of(files.begin(), files.end(), [&](const WantedFile& file) {
    return !IsToBeChanged(file) ||
           (file.IsKept() && (file.IsLaid() || HasOwnPrograms(*p.want.disruption.control)));
  });
  if (!all_laid) return OtherTextCame(p, node, draft);
  Due due = Due::kNothing;
  for (Step& step : ChangeSteps(p, node, files, stopped.why)) {
    step.operation = roll.operation->name;
    draft.Add(std::move(step), Cat("change ", node.name));
    due = Due::kSomething;
  }
  return due;
}

// ── how it ends ──

namespace {

std::string Story(const Picture& p, const Attempt& back) {
  const Attempt* start = nullptr;
  for (const Attempt& attempt : p.frame.past.attempts)
    if (attempt.sent <= back.sent && attempt.target == back.target && attempt.key.starts_with("start "))
      start = &attempt;
  if (start == nullptr) return "not all of its files could be changed";
  if (start->outcome.kind == Outcome::Kind::kRefused)
    return Cat("it could not be started with it: ", start->outcome.detail);
  return "it did not come back with it";
}

// "n1:/etc/es.yml" of a step's key.
std::string Where(const Attempt& attempt, std::string_view verb) {
  const std::string_view rest = std::string_view(attempt.key).substr(verb.size() + 1);
  return std::string(rest.substr(0, rest.find(" for ")));
}
std::string DigestIn(const Attempt& attempt) { return attempt.key.substr(attempt.key.rfind('@') + 1); }

// A text that can not be read may still be the one that was rejected.
bool IsStillWanted(const Picture& p, const Operation& want, std::string_view digest) {
  return std::any_of(want.files.begin(), want.files.end(), [&](const ConfigFile& file) {
    if (!file.sha256.empty()) return ShortDigest(file.sha256) == digest;
    return p.view.templates.empty() ||
           std::any_of(p.view.templates.begin(), p.view.templates.end(), [&](const Template& text) {
             return !text.why.empty() || ShortDigest(text.sha256) == digest;
           });
  });
}

}  // namespace

std::string RejectedBy(const Picture& p, const OperationIn<Operation>& operation, absl::Time begun) {
  for (const Attempt& attempt : p.frame.past.attempts) {
    if (attempt.sent < begun || attempt.key.find(ForOperation(operation.name)) == std::string::npos) continue;
    if (!IsStillWanted(p, operation.want, DigestIn(attempt))) continue;
    if (attempt.key.starts_with(Cat(kBackVerb, " ")))
      return Cat(Where(attempt, kBackVerb), " (", DigestIn(attempt), ") was put back: ", Story(p, attempt));
    if (attempt.key.starts_with(Cat(kChangeVerb, " ")) && attempt.outcome.kind == Outcome::Kind::kRefused)
      return Cat(Where(attempt, kChangeVerb), " could not be changed: ", attempt.outcome.detail);
  }
  return {};
}

void ExplainRejections(const Picture& p, Draft& draft) {
  std::vector<std::string> told;
  for (size_t i = p.frame.past.attempts.size(); i-- > 0;) {
    const Attempt& attempt = p.frame.past.attempts[i];
    const bool back = attempt.key.starts_with(Cat(kBackVerb, " "));
    if (!back && !attempt.key.starts_with(Cat(kChangeVerb, " "))) continue;
    const std::string where = Where(attempt, back ? kBackVerb : kChangeVerb);
    // Whatever came later about the same file is what counts.
    if (std::find(told.begin(), told.end(), where) != told.end()) continue;
    told.push_back(where);
    if (!back) continue;
    draft.Wait({.on = Wait::On::kHuman,
                .name = Cat("configuration of ", attempt.target),
                .detail = Cat(where, " (", DigestIn(attempt), ") was put back: ", Story(p, attempt)),
                .remedy = Cat("see the log of ", attempt.target, ", and mend what ", NameOf(where),
                              " is to hold; the other nodes were not touched")});
  }
}

}  // namespace holdfast::elasticsearch
