// holdfast stop-all, holdfast start-all
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"

namespace holdfast::cli {
namespace {

// Steps that end an exposure: what is frozen now and a person may have to do instead.
std::string Obligations(const json::object& plans) {
  std::string out;
  for (const json::value& plan : List(plans, "plans")) {
    if (!plan.is_object()) continue;
    for (const json::value& stage : List(plan.get_object(), "stages")) {
      if (!stage.is_object()) continue;
      for (const json::value& value : List(stage.get_object(), "steps")) {
        if (!value.is_object() || !IsSet(value.get_object(), "mustFinish")) continue;
        const json::object& step = value.get_object();
        Append(out, "# ", Text(step, "action"), " ", Text(step, "target"), ": ", Text(step, "why"), "\n",
               Text(step, "line"), "\n");
      }
    }
  }
  return out;
}

}  // namespace

int RunStopAll(Call& call) {
  json::object body{{"reason", call.Flag("reason")}, {"freeze", call.Has("freeze")}};
  Result<json::object> done = call.Post("/api/v1/stop-all", body);
  if (!done.ok()) return call.FailForDaemon(done.status());
  std::string text = Cat(Text(*done, "done"), "\n");
  if (call.Has("freeze")) {
    constexpr absl::Duration kRoundsSettle =
        absl::Seconds(1);  // every resource is looked at again, with the switch on
    (void)call.daemon().Pause(kRoundsSettle);
    if (const Result<json::object> plans = call.Get("/api/v1/plan"); plans.ok()) {
      const std::string lines = Obligations(*plans);
      Append(text, lines.empty() ? "no obligation is open\n" : Cat("\nopen obligations, by hand:\n", lines));
      (*done)["obligations"] = lines;
    }
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
