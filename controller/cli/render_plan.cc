// `holdfast plan` and `holdfast diff`: what would be done, in order, and what it waits for.
#include <algorithm>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"

namespace holdfast::cli {
namespace {

constexpr size_t kShownDigest = 12;
constexpr size_t kMostStepsShown = 20;  // of one stage, without --verbose

std::string_view OrDash(std::string_view text) { return text.empty() ? std::string_view("-") : text; }

bool IsQuiet(const json::object& plan) {
  return List(plan, "hosts").empty() && List(plan, "diffs").empty() && List(plan, "stages").empty() &&
         List(plan, "waits").empty();
}

std::string Differences(const json::object& plan, const Style& style, std::string_view indent) {
  std::string out;
  for (const json::value& value : List(plan, "diffs")) {
    if (!value.is_object()) continue;
    const json::object& diff = value.get_object();
    Append(out, indent, style.Paint(Tone::kBusy, "~"), " ", Text(diff, "path"), "   ",
           OrDash(Text(diff, "seen")), " -> ", style.Paint(Tone::kBold, OrDash(Text(diff, "want"))), "\n");
  }
  return out;
}

std::string HostsText(const json::object& plan, const Style& style, std::string_view indent) {
  std::string out;
  for (const json::value& value : List(plan, "hosts"))
    if (value.is_object())
      Append(out, indent, style.Paint(Tone::kBusy, "~"), " ", Text(value.get_object(), "path"), "   ",
             Text(value.get_object(), "change"), "\n");
  return out;
}

// Guards and gates of a step; those that pass only with --verbose.
std::string Verdicts(const json::object& step, std::string_view what, std::string_view list,
                     const Style& style) {
  std::string out;
  for (const json::value& value : List(step, list)) {
    if (!value.is_object()) continue;
    const json::object& verdict = value.get_object();
    const std::string_view result = Text(verdict, "result");
    const bool pass = result == "pass";
    const std::string shown = pass ? "pass" : result == "hold" ? "HOLD" : "CANNOT TELL";
    Append(out, "           ", what, " ", Text(verdict, "name"), "   ",
           style.Paint(pass ? Tone::kGood : Tone::kBad, shown), "   ", Text(verdict, "evidence"));
    if (const json::value* age = verdict.if_contains("age"); age != nullptr && age->is_int64())
      Append(out, " (", age->get_int64(), "s old)");
    if (const std::string_view remedy = Text(verdict, "remedy"); !remedy.empty())
      Append(out, "   -> ", remedy);
    out.push_back('\n');
  }
  return out;
}

std::string StepText(const json::object& step, size_t number, const Style& style) {
  const std::string_view when = Text(step, "when"), danger = Text(step, "danger");
  const Tone tone = when == "now" ? Tone::kGood : when == "held" ? Tone::kBad : Tone::kDim;
  std::string out = Cat("      ", number, ". ",
                        style.Paint(Tone::kBold, Cat(Text(step, "action"), " ", Text(step, "target"))), "   ",
                        danger == "reversible" ? std::string(danger) : style.Paint(Tone::kBusy, danger),
                        "   ", style.Paint(tone, when), "\n");
  if (const std::string_view why = Text(step, "why"); !why.empty())
    Append(out, "           because ", why, "\n");
  Append(out, "           $ ", Text(step, "line"), "\n");
  if (const std::string_view back = Text(step, "restoredBy");
      !back.empty() && style.detail == Detail::kVerbose)
    Append(out, "           put back by $ ", back, "\n");
  Append(out, Verdicts(step, "guard", "guards", style), Verdicts(step, "gate", "gates", style));
  return out;
}

std::string StageText(const json::object& stage, size_t index, size_t& number, const Style& style) {
  std::string out = Cat("    ", index == 0 ? "first" : "then", ": ", Text(stage, "name"), "\n");
  const json::array& steps = List(stage, "steps");
  size_t shown = 0;
  for (const json::value& value : steps) {
    if (!value.is_object()) continue;
    ++number;
    if (++shown <= kMostStepsShown || style.detail == Detail::kVerbose)
      Append(out, StepText(value.get_object(), number, style));
  }
  if (shown > kMostStepsShown && style.detail != Detail::kVerbose)
    Append(out, "      … and ", shown - kMostStepsShown, " more (-v shows them)\n");
  return out;
}

std::string WaitsText(const json::object& plan, absl::Time now, const Style& style) {
  std::string out;
  for (const json::value& value : List(plan, "waits")) {
    if (!value.is_object()) continue;
    const json::object& wait = value.get_object();
    Append(out, "    ", style.Paint(Tone::kBusy, "waits on"), " ", WaitLine(wait));
    const absl::Time until = Moment(wait, "until");
    if (until != absl::InfinitePast()) Append(out, " (until ", style.Clock(until, now), ")");
    if (const std::string_view remedy = Text(wait, "remedy"); !remedy.empty()) Append(out, "   -> ", remedy);
    out.push_back('\n');
    if (const std::string_view evidence = Text(wait, "evidence");
        !evidence.empty() && style.detail == Detail::kVerbose)
      for (const std::string& line : Split(evidence, '\n')) Append(out, "      | ", line, "\n");
  }
  return out;
}

std::string OnePlan(const json::object& plan, absl::Time now, const Style& style) {
  std::string out = Cat("  ", style.Paint(Tone::kBold, KeyText(plan)));
  if (const json::object* source = Object(plan, "source");
      source != nullptr && !Text(*source, "file").empty())
    Append(out, "   ", style.Paint(Tone::kDim, Cat(Text(*source, "file"), ":", Number(*source, "line"))));
  if (const std::string_view digest = Text(plan, "digest"); !digest.empty())
    Append(out, "   ", style.Paint(Tone::kDim, Cat("digest ", digest.substr(0, kShownDigest))));
  if (Text(plan, "observed") != "known")
    Append(out, "   observed: ", style.Paint(Tone::kBad, Text(plan, "observed")));
  out.push_back('\n');
  Append(out, HostsText(plan, style, "    "), Differences(plan, style, "    "));
  size_t index = 0, number = 0;
  for (const json::value& stage : List(plan, "stages"))
    if (stage.is_object()) Append(out, StageText(stage.get_object(), index++, number, style));
  Append(out, WaitsText(plan, now, style), "\n");
  return out;
}

struct Totals {
  size_t now = 0, held = 0, later = 0, unseen = 0, quiet = 0;

  void Add(const json::object& plan) {
    if (Text(plan, "observed") == "unknown") ++unseen;
    if (IsQuiet(plan)) ++quiet;
    for (const json::value& stage : List(plan, "stages"))
      if (stage.is_object())
        for (const json::value& step : List(stage.get_object(), "steps"))
          if (step.is_object()) {
            const std::string_view when = Text(step.get_object(), "when");
            ++(when == "now" ? now : when == "held" ? held : later);
          }
  }
};

// The smaller, the worse.
int Goodness(const json::object& plan) {
  if (Text(plan, "observed") == "unknown") return 0;
  if (!List(plan, "stages").empty()) return 1;
  return List(plan, "waits").empty() ? 3 : 2;
}

}  // namespace

std::string PlanText(const json::object& document, const Style& style) {
  std::vector<const json::object*> plans;
  Totals totals;
  for (const json::value& value : List(document, "plans")) {
    if (!value.is_object()) continue;
    totals.Add(value.get_object());
    plans.push_back(&value.get_object());
  }
  std::sort(plans.begin(), plans.end(), [](const json::object* a, const json::object* b) {
    const int left = Goodness(*a), right = Goodness(*b);
    return left != right ? left < right : KeyText(*a) < KeyText(*b);
  });
  const absl::Time now = Moment(document, "now");
  std::string out = Cat("Looked at ", Count(plans.size(), "resource"));
  if (const std::string_view revision = Text(document, "revision"); !revision.empty())
    Append(out, ", specs at ", ShownRevision(revision));
  out.append("\n\n");
  for (const json::object* plan : plans)
    if (!IsQuiet(*plan) || style.detail == Detail::kVerbose) Append(out, OnePlan(*plan, now, style));
  const size_t steps = totals.now + totals.held + totals.later;
  if (steps == 0)
    out.append(totals.unseen == 0 ? "Nothing to do." : "Nothing to do in what can be seen.");
  else
    Append(out, "Would go now: ", totals.now, ".   Held: ", totals.held, ".   Later: ", totals.later, ".");
  if (totals.unseen > 0) Append(out, "   Not seen: ", totals.unseen, ".");
  if (totals.quiet > 0) Append(out, "   (", totals.quiet, " unchanged)");
  out.push_back('\n');
  return out;
}

std::string DiffText(const json::object& document, const Style& style) {
  std::string out;
  for (const json::value& value : List(document, "plans")) {
    if (!value.is_object()) continue;
    for (const json::value& entry : List(value.get_object(), "diffs")) {
      if (!entry.is_object()) continue;
      const json::object& diff = entry.get_object();
      Append(out, Text(diff, "path"), "\n", style.Paint(Tone::kBad, Cat("- ", OrDash(Text(diff, "seen")))),
             "\n", style.Paint(Tone::kGood, Cat("+ ", OrDash(Text(diff, "want")))), "\n");
    }
  }
  return out;
}

}  // namespace holdfast::cli
