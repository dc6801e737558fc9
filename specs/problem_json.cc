// Problems for machines: JSON documents and the annotations of GitHub's checks.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/problem.h"

namespace holdfast::specs {
namespace {

std::string_view LevelText(Level level) { return level == Level::kError ? "error" : "warning"; }

void PutSpan(json::object& to, const Span& span) {
  to["file"] = JsonView(span.path());
  to["line"] = span.line;
  to["column"] = span.column;
  to["endLine"] = span.end_line;
  to["endColumn"] = span.end_column;
}

void AppendEscaped(std::string& out, std::string_view text, std::string_view also) {
  for (char c : text) {
    if (c == '%')
      out.append("%25");
    else if (c == '\r')
      out.append("%0D");
    else if (c == '\n')
      out.append("%0A");
    else if (also.find(c) != std::string_view::npos)
      out.append(c == ':' ? "%3A" : "%2C");
    else
      out.push_back(c);
  }
}

}  // namespace

json::object ProblemJson(const Diagnostic& diagnostic) {
  json::object out;
  out["code"] = CodeText(diagnostic.code);
  out["severity"] = JsonView(LevelText(diagnostic.level));
  out["message"] = diagnostic.message;
  PutSpan(out, diagnostic.span);
  if (!diagnostic.label.empty()) out["label"] = diagnostic.label;
  if (!diagnostic.also.empty()) {
    json::array& also = out["also"].emplace_array();
    for (const Label& label : diagnostic.also) {
      json::object& entry = also.emplace_back(json::object()).as_object();
      entry["text"] = label.text;
      PutSpan(entry, label.span);
    }
  }
  if (!diagnostic.notes.empty()) out["notes"] = json::array(diagnostic.notes.begin(), diagnostic.notes.end());
  out["help"] = diagnostic.help;
  return out;
}

json::object ProblemsJson(std::span<const Diagnostic> diagnostics) {
  const auto errors = static_cast<size_t>(std::count_if(
      diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.level == Level::kError; }));
  json::object out;
  out["formatVersion"] = 1;
  out["valid"] = errors == 0;
  out["errorCount"] = errors;
  out["warningCount"] = diagnostics.size() - errors;
  json::array& list = out["diagnostics"].emplace_array();
  for (const Diagnostic& diagnostic : diagnostics) list.emplace_back(ProblemJson(diagnostic));
  return out;
}

std::string ProblemsGithub(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    Append(out, "::", LevelText(diagnostic.level), " file=");
    AppendEscaped(out, diagnostic.span.path(), ":,");
    if (diagnostic.span.line > 0)
      Append(out, ",line=", diagnostic.span.line, ",col=", diagnostic.span.column);
    Append(out, ",title=", CodeText(diagnostic.code), "::");
    AppendEscaped(out, diagnostic.message, "");
    if (!diagnostic.label.empty()) AppendEscaped(out, Cat(" (", diagnostic.label, ")"), "");
    if (!diagnostic.help.empty()) AppendEscaped(out, Cat("\nhelp: ", diagnostic.help), "");
    out.push_back('\n');
  }
  return out;
}

}  // namespace holdfast::specs
