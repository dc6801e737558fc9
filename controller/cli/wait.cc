// holdfast wait
#include <boost/asio/io_context.hpp>
#include <optional>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"
#include "controller/cli/select.h"
#include "controller/world/real/real_clock.h"

namespace holdfast::cli {
namespace {

constexpr absl::Duration kUsualPatience = absl::Minutes(5);
constexpr absl::Duration kAskEvery = absl::Milliseconds(500);

struct Goal {
  std::string type = "Ready", status = "True";
};

// "condition=Ready", "condition=Drifted=False"
std::optional<Goal> GoalIn(std::string_view text) {
  static constexpr std::string_view kTypes[] = {"Ready",   "Observed", "Reconciling", "Stalled",
                                                "Drifted", "Blocked",  "Suspended"};
  static constexpr std::string_view kStatuses[] = {"True", "False", "Unknown"};
  Goal goal;
  if (text.empty()) return goal;
  constexpr std::string_view kPrefix = "condition=";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const size_t equals = text.find('=');
  goal.type = text.substr(0, equals);
  if (equals != std::string_view::npos) goal.status = text.substr(equals + 1);
  if (std::find(std::begin(kTypes), std::end(kTypes), goal.type) == std::end(kTypes)) return std::nullopt;
  if (std::find(std::begin(kStatuses), std::end(kStatuses), goal.status) == std::end(kStatuses))
    return std::nullopt;
  return goal;
}

// A condition of an older spec proves nothing about the one that is in force now.
bool IsMet(const json::object& resource, const Goal& goal) {
  return ConditionStatus(resource, goal.type) == goal.status &&
         (Text(resource, "kind") == "Operation" ||
          Number(resource, "observedGeneration") >= Number(resource, "generation"));
}

// The first that is not there yet, as a line that says what it waits on; "" when all are.
std::string FirstUnmet(const json::object& document, const Goal& goal) {
  for (const json::value& value : List(document, "resources")) {
    if (!value.is_object() || IsMet(value.get_object(), goal)) continue;
    const json::object& resource = value.get_object();
    const json::array& waits = List(resource, "waitingOn");
    const std::string on = waits.empty() || !waits[0].is_object()
                               ? std::string()
                               : Cat(", waits on ", WaitLine(waits[0].get_object()));
    return Cat(KeyText(resource), " is ", StateWord(resource), on);
  }
  return {};
}

Result<json::object> Look(Call& call) {
  json::object document = HF_TRY(call.Get("/api/v1/status"));
  const std::vector<ResourceKey> chosen = HF_TRY(Select(List(document, "resources"), call.words()));
  KeepOnly(document, "resources", chosen);
  return document;
}

int Finish(Call& call, const json::object& document, int code, std::string_view text) {
  call.Tell(document, Cat(text, "\n"));
  return code;
}

}  // namespace

int RunWait(Call& call) {
  const auto goal = GoalIn(call.Flag("for"));
  if (!goal)
    return call.Fail(kUsage, Cat("--for ", call.Flag("for"), " is not a condition"),
                     "such as condition=Ready or condition=Drifted=False");
  if (call.words().empty() != call.Has("all"))
    return call.Fail(kUsage, "name resources as KIND/NAME, or say --all");
  boost::asio::io_context loop(1);
  const RealClock clock(loop.get_executor());
  const absl::Duration patience = call.Timeout(kUsualPatience);
  const absl::Duration end = clock.Steady() + patience;
  std::string told;
  for (;;) {
    const Result<json::object> document = Look(call);
    if (!document.ok())
      return call.IsDown() ? call.FailForDaemon(document.status())
                           : call.Fail(document.status(), "holdfast status lists every resource");
    const std::string unmet = FirstUnmet(*document, *goal);
    if (unmet.empty()) return Finish(call, *document, kDone, Cat(goal->type, " is ", goal->status));
    if (patience <= absl::ZeroDuration()) return Finish(call, *document, kNotReady, unmet);
    if (unmet != told) call.Remark(unmet);
    told = unmet;
    if (clock.Steady() >= end)
      return Finish(call, *document, kTimedOut, Cat("not in ", Brief(patience), ": ", unmet));
    const Status paused = call.daemon().Pause(std::min(kAskEvery, end - clock.Steady()));
    if (!paused.ok()) return call.Fail(paused);
  }
}

}  // namespace holdfast::cli
