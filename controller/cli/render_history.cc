// The table of `holdfast history`: newest first.
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"

namespace holdfast::cli {
namespace {

constexpr size_t kWidestWhy = 60;

Tone OutcomeTone(std::string_view outcome) {
  return outcome == "done" ? Tone::kGood : outcome == "refused" ? Tone::kBad : Tone::kBusy;
}

}  // namespace

std::string HistoryText(const json::object& document, const Style& style) {
  const absl::Time now = Moment(document, "now");
  std::string out;
  if (IsSet(document, "stale"))
    Append(out, style.Paint(Tone::kBad, "from the journal (daemon not running)"), "\n\n");
  if (List(document, "entries").empty()) return Cat(out, "nothing was done\n");
  std::string lines;
  Table table({"TIME", "ID", "KIND/NAME", "ACTION", "RESULT", "TOOK", "BY", "REVISION", "WHY"});
  for (const json::value& value : List(document, "entries")) {
    if (!value.is_object()) continue;
    const json::object& entry = value.get_object();
    const absl::Time intent = Moment(entry, "intentAt"), outcome = Moment(entry, "outcomeAt");
    const std::string_view target = Text(entry, "target"), result = Text(entry, "outcome");
    const bool open = outcome == absl::InfinitePast();
    table.Add(
        {{style.Clock(intent, now)},
         {Cat(Number(entry, "id"))},
         {Text(entry, "kind").empty() ? "-" : KeyText(entry)},
         {target.empty() ? std::string(Text(entry, "action")) : Cat(Text(entry, "action"), " ", target)},
         {open ? "running" : std::string(result), open ? Tone::kBusy : OutcomeTone(result)},
         {open ? "-" : Brief(outcome - intent)},
         {std::string(Text(entry, "by"))},
         {std::string(ShownRevision(Text(entry, "revision")))},
         {Shortened(
             result == "done" || Text(entry, "detail").empty() ? Text(entry, "why") : Text(entry, "detail"),
             kWidestWhy)}});
    if (style.detail == Detail::kVerbose)
      Append(lines, "  ", Number(entry, "id"), "  $ ", Text(entry, "line"), "\n");
  }
  Append(out, table.Text(style));
  if (!lines.empty()) Append(out, "\n", lines);
  return out;
}

}  // namespace holdfast::cli
