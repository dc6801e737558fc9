// holdfast stop-all, holdfast start-all
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"

namespace holdfast::cli {
namespace {

// A line with what it is for above it; a line that stands there already is not told twice.
void AddLine(std::string_view line, std::string_view what, std::string& out) {
  const std::string whole = Cat("\n", line, "\n");
  if (!line.empty() && out.find(whole) == std::string::npos) Append(out, "# ", what, whole);
}

// What is put aside and not put back while everything is frozen.
void AddLeases(const json::object& document, std::string& out) {
  for (const json::value& value : List(document, "leases")) {
    if (!value.is_object()) continue;
    const json::object& lease = value.get_object();
    AddLine(Text(lease, "line"),
            Cat(KeyText(lease), " ", Text(lease, "object"), ": put aside for ", Text(lease, "why"),
                "; it was ", Text(lease, "before"), ", we made it ", Text(lease, "wrote")),
            out);
  }
}

// Steps that end an exposure and have no lease.
void AddDuties(const json::object& document, std::string& out) {
  for (const json::value& plan : List(document, "plans")) {
    if (!plan.is_object()) continue;
    for (const json::value& stage : List(plan.get_object(), "stages")) {
      if (!stage.is_object()) continue;
      for (const json::value& value : List(stage.get_object(), "steps")) {
        if (!value.is_object() || !IsSet(value.get_object(), "mustFinish")) continue;
        const json::object& step = value.get_object();
        AddLine(Text(step, "line"),
                Cat(KeyText(plan.get_object()), " ", Text(step, "action"), " ", Text(step, "target"), ": ",
                    Text(step, "why")),
                out);
      }
    }
  }
}

}  // namespace

int RunStopAll(Call& call) {
  json::object body{{"reason", call.Flag("reason")}, {"freeze", call.Has("freeze")}};
  Result<json::object> done = call.Post("/api/v1/stop-all", body);
  if (!done.ok()) return call.FailForDaemon(done.status());
  std::string text = Cat(Text(*done, "done"), "\n");
  if (call.Has("freeze")) {
    // Every resource is looked at again, with the switch on.
    constexpr absl::Duration kRoundsSettle = absl::Seconds(1);
    (void)call.daemon().Pause(kRoundsSettle);
    std::string lines;
    const Result<json::object> leases = call.Get("/api/v1/leases"), plans = call.Get("/api/v1/plan");
    if (leases.ok()) AddLeases(*leases, lines), (*done)["leases"] = List(*leases, "leases");
    if (plans.ok()) AddDuties(*plans, lines);
    for (const Status& status : {leases.status(), plans.status()})
      if (!status.ok()) call.Remark(Cat("what is open cannot be told in full: ", status.message()));
    Append(text, lines.empty() ? "nothing is put aside\n" : Cat("\nopen obligations, by hand:\n", lines));
    (*done)["obligations"] = lines;
  }
  call.Tell(*done, text);
  return kDone;
}

int RunStartAll(Call& call) {
  const Result<json::object> done = call.Post("/api/v1/start-all", {});
  if (!done.ok()) return call.FailForDaemon(done.status());
  call.Tell(*done, Cat(Text(*done, "done"), "\n"));
  return kDone;
}

}  // namespace holdfast::cli
