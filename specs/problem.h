// What is wrong with a spec, with the place and the way out.
#pragma once

#include <boost/json/fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "specs/codes.h"
#include "specs/source.h"

namespace holdfast::specs {

enum class Level { kError, kWarning };

// The other place that a problem has to do with.
struct Label {
  Span span;
  std::string text;
  bool operator==(const Label&) const = default;
};

struct Diagnostic {
  ProblemCode code = ProblemCode::kRule;
  Level level = Level::kError;
  std::string message;  // starts in lower case, no full stop
  Span span;
  std::string label;  // what to say beside the caret
  std::vector<Label> also;
  std::vector<std::string> notes;
  std::string help;

  // `problems.Error(code, span, "…").Labelled("…").Also(other, "first given here").Help("…")`
  Diagnostic& Labelled(std::string text) { return label = std::move(text), *this; }
  Diagnostic& Also(Span other, std::string text) {
    return also.push_back({std::move(other), std::move(text)}), *this;
  }
  Diagnostic& Note(std::string text) { return notes.push_back(std::move(text)), *this; }
  Diagnostic& Help(std::string text) { return help = std::move(text), *this; }
  bool operator==(const Diagnostic&) const = default;
};

// Beyond this many the rest of a file is counted, not kept.
inline constexpr size_t kMaxProblemsPerFile = 500;

// Problems of one file, in the order in which they were found. Not thread-safe.
class Problems {
 public:
  // The reference is for finishing the sentence; it dies with the next problem.
  Diagnostic& Error(ProblemCode code, Span span, std::string message);
  Diagnostic& Warning(ProblemCode code, Span span, std::string message);

  bool empty() const { return list_.empty(); }
  size_t size() const { return list_.size(); }
  // Errors so far, counted also beyond kMaxProblemsPerFile: "did this piece of work add one?"
  size_t errors() const { return errors_; }
  const std::vector<Diagnostic>& list() const { return list_; }
  std::vector<Diagnostic> Take();

 private:
  Diagnostic& Add(Diagnostic diagnostic);

  std::vector<Diagnostic> list_;
  Diagnostic beyond_;
  size_t errors_ = 0;
};

// By file, line, column and code, without repetitions.
void Order(std::vector<Diagnostic>& diagnostics);

// For people: source lines with carets.
std::string ProblemsText(std::span<const Diagnostic> diagnostics);
// {formatVersion, valid, errorCount, warningCount, diagnostics: [{code, severity, message, file, line,
// column, …}]}
boost::json::object ProblemsJson(std::span<const Diagnostic> diagnostics);
boost::json::object ProblemJson(const Diagnostic& diagnostic);
// `::error file=…,line=…,col=…,title=HF0203::…`, one line each.
std::string ProblemsGithub(std::span<const Diagnostic> diagnostics);
// "specs/a.yaml:19:7: HF0107: `count` is given twice", for logs and conditions.
std::string ProblemLine(const Diagnostic& diagnostic);

}  // namespace holdfast::specs
