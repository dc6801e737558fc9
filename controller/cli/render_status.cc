// The table of `holdfast status`: worst first.
#include <algorithm>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"

namespace holdfast::cli {
namespace {

constexpr size_t kWidestWait = 70;

const json::object* ConditionOf(const json::object& resource, std::string_view type) {
  for (const json::value& value : List(resource, "conditions"))
    if (value.is_object() && Text(value.get_object(), "type") == type) return &value.get_object();
  return nullptr;
}

std::string_view ReasonOf(const json::object& resource, std::string_view type) {
  const json::object* condition = ConditionOf(resource, type);
  return condition == nullptr ? std::string_view() : Text(*condition, "reason");
}

// The smaller, the worse.
int Goodness(const json::object& resource) {
  if (ConditionStatus(resource, "Stalled") == "True") return 0;
  if (ConditionStatus(resource, "Observed") != "True") return 1;
  if (ConditionStatus(resource, "Ready") != "True") return 2;
  if (ConditionStatus(resource, "Blocked") == "True") return 3;
  if (ConditionStatus(resource, "Reconciling") == "True") return 4;
  if (ConditionStatus(resource, "Drifted") == "True" || ConditionStatus(resource, "Suspended") == "True")
    return 5;
  return 6;
}

Tone ReadyTone(std::string_view ready) {
  return ready == "True" ? Tone::kGood : ready == "False" ? Tone::kBad : Tone::kBusy;
}

std::string AgoText(absl::Time then, absl::Time now) {
  return then == absl::InfinitePast() ? "-" : Brief(std::max(now - then, absl::ZeroDuration()));
}

std::string WaitingOn(const json::object& resource) {
  const json::array& waits = List(resource, "waitingOn");
  if (waits.empty() || !waits[0].is_object()) return "-";
  std::string line = Shortened(WaitLine(waits[0].get_object()), kWidestWait);
  if (waits.size() > 1) Append(line, " (+", waits.size() - 1, ")");
  return line;
}

// What stands above the table because it concerns everything.
std::string Banner(const json::object& document, const Style& style, absl::Time now) {
  std::string out;
  if (IsSet(document, "stale")) {
    const absl::Time as_of = Moment(document, "asOf");
    Append(
        out,
        style.Paint(Tone::kBad,
                    Cat("as of ", as_of == absl::InfinitePast() ? "an unknown time" : style.Clock(as_of, now),
                        " (daemon not running)")),
        "\n\n");
  }
  if (const json::object* stop = Object(document, "stopAll")) {
    const bool freeze = Text(*stop, "reach") == "freeze";
    Append(
        out,
        style.Paint(Tone::kBad, Cat("STOPPED by ", Text(*stop, "owner"), " at ",
                                    style.Clock(Moment(*stop, "since"), now), freeze ? " (frozen)" : "",
                                    Text(*stop, "reason").empty() ? "" : Cat(": ", Text(*stop, "reason")))),
        "   holdfast start-all ends it\n\n");
  }
  if (const std::string_view trouble = Text(document, "journalTrouble"); !trouble.empty())
    Append(out, style.Paint(Tone::kBad, Cat("NO ACTION IS STARTED: ", trouble)), "\n\n");
  if (const int64_t errors = Number(document, "specErrors"); errors > 0)
    Append(out, style.Paint(Tone::kBad, Cat("the specs have ", Count(static_cast<size_t>(errors), "error"))),
           ": the last good versions are in force   holdfast validate shows them\n\n");
  return out;
}

std::string Footer(const json::object& document, size_t shown) {
  std::string out = Count(shown, "resource");
  std::vector<std::string> parts;
  if (const json::object* summary = Object(document, "summary")) {
    const auto part = [&](std::string_view name, std::string_view text) {
      if (const int64_t count = Number(*summary, name); count > 0) parts.push_back(Cat(count, " ", text));
    };
    part("ready", "ready");
    part("working", "working");
    part("blocked", "blocked");
    part("stalled", "needing a person");
    part("notObserved", "not observed");
  }
  if (!parts.empty()) Append(out, ": ", Join(parts, ", "));
  if (const std::string_view revision = Text(document, "revision"); !revision.empty())
    Append(out, "   specs at ", ShownRevision(revision));
  out.push_back('\n');
  return out;
}

}  // namespace

std::string KeyText(const json::object& resource) {
  return Cat(Text(resource, "kind"), "/", Text(resource, "name"));
}

std::string_view ConditionStatus(const json::object& resource, std::string_view type) {
  const json::object* condition = ConditionOf(resource, type);
  return condition == nullptr ? std::string_view("Unknown") : Text(*condition, "status");
}

std::string WaitLine(const json::object& wait) {
  return Cat(Text(wait, "on"), " ", Text(wait, "name"), Text(wait, "detail").empty() ? "" : ": ",
             Text(wait, "detail"));
}

std::string StateWord(const json::object& resource) {
  const auto is = [&](std::string_view type) { return ConditionStatus(resource, type) == "True"; };
  const std::string_view ready = ReasonOf(resource, "Ready");
  if (Text(resource, "kind") == "Operation") return std::string(ready);
  if (is("Suspended")) return "Suspended";
  if (!is("Observed")) return ready == "NotRunning" ? "NotRunning" : "NotObserved";
  if (is("Stalled")) return "NeedsHuman";
  if (is("Reconciling"))
    return is("Ready") ? std::string(ReasonOf(resource, "Reconciling")) : std::string(ready);
  if (is("Blocked")) return "Blocked";
  if (is("Drifted")) return "Drifted";
  return std::string(ready);
}

std::string StatusText(const json::object& document, const Style& style) {
  const absl::Time now = Moment(document, "now");
  std::vector<const json::object*> resources;
  for (const json::value& value : List(document, "resources"))
    if (value.is_object()) resources.push_back(&value.get_object());
  std::sort(resources.begin(), resources.end(), [](const json::object* a, const json::object* b) {
    const int left = Goodness(*a), right = Goodness(*b);
    return left != right ? left < right : KeyText(*a) < KeyText(*b);
  });
  std::string out = Banner(document, style, now);
  if (resources.empty()) return Cat(out, "no resources   specs are looked for where --specs says\n");
  Table table({"KIND/NAME", "READY", "STATE", "SINCE", "WAITING-ON", "NEXT"});
  for (const json::object* resource : resources) {
    const std::string_view ready = ConditionStatus(*resource, "Ready");
    const json::object* condition = ConditionOf(*resource, "Ready");
    const absl::Time next = Moment(*resource, "nextCheckAt");
    table.Add({{KeyText(*resource)},
               {std::string(ready), ReadyTone(ready)},
               {StateWord(*resource)},
               {condition == nullptr ? "-" : AgoText(Moment(*condition, "since"), now)},
               {WaitingOn(*resource)},
               {next == absl::InfinitePast() ? "-"
                : next <= now                ? "now"
                                             : Brief(next - now)}});
  }
  Append(out, table.Text(style), "\n", Footer(document, resources.size()));
  return out;
}

std::string ChangesText(const json::object& document, const Style& style) {
  const absl::Time now = Moment(document, "now");
  std::string out;
  const auto line = [&](const json::object& resource) -> std::string& {
    Append(out, style.Clock(now, now), "  ", style.Paint(Tone::kBold, KeyText(resource)), "  ");
    return out;
  };
  for (const json::value& value : List(document, "resources")) {
    if (!value.is_object()) continue;
    const json::object& resource = value.get_object();
    const std::string_view ready = ConditionStatus(resource, "Ready");
    Append(line(resource), style.Paint(ReadyTone(ready), ready), "  ", StateWord(resource), "  ",
           WaitingOn(resource), "\n");
  }
  for (const json::value& value : List(document, "gone"))
    if (value.is_object()) Append(line(value.get_object()), "gone\n");
  return out;
}

}  // namespace holdfast::cli
