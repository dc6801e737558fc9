// holdfast status
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/follow.h"
#include "controller/cli/remembered.h"
#include "controller/cli/render.h"
#include "controller/cli/select.h"

namespace holdfast::cli {
namespace {

int ReadyExit(const json::object& document) {
  int code = kDone;
  for (const json::value& resource : List(document, "resources")) {
    if (!resource.is_object()) continue;
    const std::string_view ready = ConditionStatus(resource.get_object(), "Ready");
    if (ready == "False") return kNotReady;
    if (ready != "True") code = kTimedOut;
  }
  return code;
}

void KeepNotReady(json::object& document) {
  json::array kept;
  for (const json::value& resource : List(document, "resources"))
    if (resource.is_object() && ConditionStatus(resource.get_object(), "Ready") != "True")
      kept.push_back(resource);
  document["resources"] = std::move(kept);
  document.erase("summary");
}

void KeepMeant(json::object& document, std::string_view list, const std::vector<std::string>& words) {
  json::array kept;
  for (const json::value& resource : List(document, list))
    if (resource.is_object() && IsMeant({std::string(Text(resource.get_object(), "kind")),
                                         std::string(Text(resource.get_object(), "name"))},
                                        words))
      kept.push_back(resource);
  document[JsonView(list)] = std::move(kept);
}

// Everything at first, then what changes, until ^C or until nobody reads any more.
int Watch(Call& call) {
  if (call.Has("exit-code") || call.Has("not-ready"))
    return call.Fail(kUsage, "-w goes with neither --exit-code nor --not-ready",
                     "holdfast wait ends when a condition is there");
  Follower follower(call);
  Result<json::object> document = follower.Next();
  if (document.ok() && !call.words().empty())
    if (const auto chosen = Select(List(*document, "resources"), call.words()); !chosen.ok())
      return call.Fail(chosen.status(), "holdfast status lists every resource");
  for (; document.ok(); document = follower.Next()) {
    const bool whole = !document->contains("gone");
    if (!call.words().empty()) {
      KeepMeant(*document, "resources", call.words());
      if (whole)
        document->erase("summary");
      else
        KeepMeant(*document, "gone", call.words());
    }
    if (!whole && List(*document, "resources").empty() && List(*document, "gone").empty()) continue;
    const std::string text = call.output() == Output::kJson ? Cat(Compact(*document), "\n")
                             : whole                        ? StatusText(*document, call.style())
                                                            : ChangesText(*document, call.style());
    if (!WriteNow(call, text)) return kDone;
  }
  return call.daemon().signal() != 0 ? EndOfFollowing(call) : call.FailForDaemon(document.status());
}

}  // namespace

int RunStatus(Call& call) {
  if (call.Has("watch")) return Watch(call);
  Result<json::object> document = call.Get("/api/v1/status");
  if (!document.ok() && call.IsDown()) document = RememberedStatus(call, document.status());
  if (!document.ok())
    return call.IsDown()
               ? call.Fail(
                     kFailed, document.status().message(),
                     "start it (holdfast run), or name its socket with --socket and its journal with --state")
               : call.Fail(document.status());
  if (!call.words().empty()) {
    const auto chosen = Select(List(*document, "resources"), call.words());
    if (!chosen.ok()) return call.Fail(chosen.status(), "holdfast status lists every resource");
    KeepOnly(*document, "resources", *chosen);
  }
  const int code = call.Has("exit-code") ? ReadyExit(*document) : kDone;
  if (call.Has("not-ready")) KeepNotReady(*document);
  call.Tell(*document, StatusText(*document, call.style()));
  return code;
}

}  // namespace holdfast::cli
