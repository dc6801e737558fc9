// holdfast status
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
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

}  // namespace

int RunStatus(Call& call) {
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
