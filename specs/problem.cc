#include "specs/problem.h"

#include <algorithm>
#include <tuple>

#include "controller/base/text.h"

namespace holdfast::specs {

Diagnostic& Problems::Error(ProblemCode code, Span span, std::string message) {
  ++errors_;
  return Add({.code = code, .level = Level::kError, .message = std::move(message), .span = std::move(span)});
}

Diagnostic& Problems::Warning(ProblemCode code, Span span, std::string message) {
  return Add(
      {.code = code, .level = Level::kWarning, .message = std::move(message), .span = std::move(span)});
}

Diagnostic& Problems::Add(Diagnostic diagnostic) {
  if (list_.size() < kMaxProblemsPerFile) return list_.emplace_back(std::move(diagnostic));
  return beyond_ = std::move(diagnostic);
}

std::vector<Diagnostic> Problems::Take() {
  if (list_.size() == kMaxProblemsPerFile && errors_ > list_.size())
    list_.back().Note(Cat("and ", errors_ - list_.size(), " more errors in this file"));
  errors_ = 0;
  beyond_ = {};
  return std::exchange(list_, {});
}

void Order(std::vector<Diagnostic>& diagnostics) {
  const auto place = [](const Diagnostic& d) {
    return std::tuple(d.span.path(), d.span.line, d.span.column, d.code, std::string_view(d.message));
  };
  std::sort(diagnostics.begin(), diagnostics.end(),
            [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  const auto same = [&](const Diagnostic& a, const Diagnostic& b) { return place(a) == place(b); };
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end(), same), diagnostics.end());
}

std::string ProblemLine(const Diagnostic& diagnostic) {
  std::string out(diagnostic.span.path());
  if (diagnostic.span.line > 0) Append(out, ":", diagnostic.span.line, ":", diagnostic.span.column);
  if (!out.empty()) out.append(": ");
  Append(out, CodeText(diagnostic.code), ": ", diagnostic.message);
  return out;
}

}  // namespace holdfast::specs
