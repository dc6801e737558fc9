// `holdfast why`: a chain of reasons, each with since when, the evidence and the way out.
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"

namespace holdfast::cli {
namespace {

std::string Since(absl::Time since, absl::Time now, const Style& style) {
  if (since == absl::InfinitePast()) return {};
  return Cat("   since ", style.Clock(since, now), " (", Brief(std::max(now - since, absl::ZeroDuration())),
             ")");
}

class Chain {
 public:
  Chain(absl::Time now, const Style& style) : now_(now), style_(style) {}

  void Node(const json::object& node, size_t depth) {
    const std::string indent(2 * depth, ' ');
    if (depth > 0)
      Append(out_, indent, style_.Paint(Tone::kBusy, "because"), "  ", Text(node, "headline"), "\n");
    if (IsSet(node, "repeated")) {
      Append(out_, indent, "         told above\n");
      return;
    }
    for (const json::value& wait : List(node, "waits"))
      if (wait.is_object()) Reason(wait.get_object(), indent);
    if (IsSet(node, "cut"))
      Append(out_, indent, "         … the chain goes on: holdfast why ", KeyText(node), "\n");
    for (const json::value& below : List(node, "because"))
      if (below.is_object()) Node(below.get_object(), depth + 1);
  }

  std::string Take() { return std::move(out_); }

 private:
  void Reason(const json::object& wait, const std::string& indent) {
    Append(out_, indent, "  ", style_.Paint(Tone::kBusy, "waits"), "  ", WaitLine(wait),
           Since(Moment(wait, "since"), now_, style_), "\n");
    if (const std::string_view evidence = Text(wait, "evidence"); !evidence.empty())
      for (const std::string& line : Split(evidence, '\n')) Append(out_, indent, "         | ", line, "\n");
    const absl::Time until = Moment(wait, "until"), next = Moment(wait, "nextCheckAt");
    if (until != absl::InfinitePast() && until > now_)
      Append(out_, indent, "         ends by itself at ", style_.Clock(until, now_), " (in ",
             Brief(until - now_), ")\n");
    else if (next != absl::InfinitePast() && next > now_)
      Append(out_, indent, "         looked at again in ", Brief(next - now_), "\n");
    if (const std::string_view remedy = Text(wait, "remedy"); !remedy.empty())
      Append(out_, indent, "         ", style_.Paint(Tone::kGood, "->"), " ", remedy, "\n");
  }

  absl::Time now_;
  const Style& style_;
  std::string out_;
};

std::string NextSteps(const json::object& document, const Style& style) {
  const json::object* plan = Object(document, "plan");
  if (plan == nullptr || List(*plan, "stages").empty()) return {};
  const json::value& first = List(*plan, "stages")[0];
  if (!first.is_object()) return {};
  std::string out = Cat("\nWhat would be done next (", Text(first.get_object(), "name"), ")\n");
  for (const json::value& value : List(first.get_object(), "steps")) {
    if (!value.is_object()) continue;
    const json::object& step = value.get_object();
    Append(out, "  ", Text(step, "action"), " ", Text(step, "target"), "   ", Text(step, "danger"), "   ",
           style.Paint(Text(step, "when") == "now" ? Tone::kGood : Tone::kBusy, Text(step, "when")),
           "\n    $ ", Text(step, "line"), "\n");
  }
  return out;
}

std::string WhatYouCanDo(const json::object& document) {
  size_t widest = 0;
  for (const json::value& value : List(document, "commands"))
    if (value.is_object()) widest = std::max(widest, CodePoints(Text(value.get_object(), "line")));
  std::string out;
  for (const json::value& value : List(document, "commands")) {
    if (!value.is_object()) continue;
    const std::string_view line = Text(value.get_object(), "line");
    Append(out, "  ", line, std::string(widest - CodePoints(line) + 3, ' '), Text(value.get_object(), "what"),
           "\n");
  }
  return out.empty() ? out : Cat("\nWhat you can do\n", out);
}

std::string LastActions(const json::object& document, absl::Time now, const Style& style) {
  std::string out;
  for (const json::value& value : List(document, "entries")) {
    if (!value.is_object()) continue;
    const json::object& entry = value.get_object();
    Append(out, "  ", style.Clock(Moment(entry, "intentAt"), now), "  ", Text(entry, "action"), " ",
           Text(entry, "target"), "   ", Text(entry, "outcome"), "\n");
  }
  return out.empty() ? out : Cat("\nWhat was done last\n", out);
}

}  // namespace

std::string WhyText(const json::object& document, const Style& style) {
  const absl::Time now = Moment(document, "now");
  std::string out;
  if (IsSet(document, "stale"))
    Append(out,
           style.Paint(Tone::kBad,
                       Cat("as of ", style.Clock(Moment(document, "asOf"), now), " (daemon not running)")),
           "\n");
  Append(out, style.Paint(Tone::kBold, Cat(Text(document, "headline"), ".")), "\n\n");
  if (const json::object* node = Object(document, "node")) {
    Chain chain(now, style);
    chain.Node(*node, 0);
    Append(out, chain.Take());
    const absl::Time seen = Moment(*node, "lastObservedAt");
    if (seen != absl::InfinitePast())
      Append(out, "  seen   ", style.Clock(seen, now), ", ",
             Brief(std::max(now - seen, absl::ZeroDuration())), " ago\n");
  }
  Append(out, NextSteps(document, style), WhatYouCanDo(document), LastActions(document, now, style));
  return out;
}

}  // namespace holdfast::cli
