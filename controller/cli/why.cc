// holdfast why
#include <set>
#include <string>

#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/follow.h"
#include "controller/cli/remembered.h"
#include "controller/cli/render.h"
#include "controller/cli/select.h"

namespace holdfast::cli {
namespace {

Result<json::object> Ask(Call& call) {
  const ResourceKey key = HF_TRY(SelectOne(call, call.words()[0]));
  return call.Get(PathTo("why", key));
}

Result<json::object> AskJournal(Call& call, const Status& why_down) {
  const std::string& word = call.words()[0];
  const size_t slash = word.find('/');
  if (slash == std::string::npos) return NotFound("without a daemon, write KIND/NAME");
  return RememberedWhy(call, why_down, {word.substr(0, slash), word.substr(slash + 1)});
}

// Everything that the chain speaks of.
void AddKeys(const json::object& node, std::set<std::string>& keys) {
  keys.insert(KeyText(node));
  for (const json::value& below : List(node, "because"))
    if (below.is_object()) AddKeys(below.get_object(), keys);
}

bool Concerns(const json::object& changes, const std::set<std::string>& keys) {
  if (!changes.contains("gone")) return true;  // everything anew
  for (std::string_view list : {"resources", "gone"})
    for (const json::value& resource : List(changes, list))
      if (resource.is_object() && keys.contains(KeyText(resource.get_object()))) return true;
  return false;
}

// The chain, and again whenever a resource in it changes.
int Watch(Call& call) {
  Follower follower(call);
  std::set<std::string> keys;
  Result<json::object> changes = follower.Next();
  for (; changes.ok(); changes = follower.Next()) {
    if (!keys.empty() && !Concerns(*changes, keys)) continue;
    const bool first = keys.empty();
    const Result<json::object> document = Ask(call);
    if (!document.ok() && (first || !call.IsDown()))
      return call.Fail(document.status(), "holdfast status lists every resource");
    if (!document.ok()) continue;
    if (const json::object* node = Object(*document, "node")) keys.clear(), AddKeys(*node, keys);
    const std::string text = call.output() == Output::kJson
                                 ? Compact(*document) + "\n"
                                 : (first ? "" : "\n") + WhyText(*document, call.style());
    if (!WriteNow(call, text)) return kDone;
  }
  return call.daemon().signal() != 0 ? EndOfFollowing(call) : call.FailForDaemon(changes.status());
}

}  // namespace

int RunWhy(Call& call) {
  if (call.Has("watch")) return Watch(call);
  Result<json::object> document = Ask(call);
  if (!document.ok() && call.IsDown()) document = AskJournal(call, document.status());
  if (!document.ok())
    return call.Fail(document.status(), call.IsDown() ? "start the daemon: holdfast run"
                                                      : "holdfast status lists every resource");
  call.Tell(*document, WhyText(*document, call.style()));
  return kDone;
}

}  // namespace holdfast::cli
