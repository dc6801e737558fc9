// Problems for people: the lines of the source with carets under what is meant.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.h"
#include "specs/problem.h"

namespace holdfast::specs {
namespace {

constexpr size_t kTabWidth = 4;
constexpr size_t kWidest = 140;  // code points of a source line that are shown
constexpr size_t kContext = 40;  // of them before the caret, when the line is cut

// One stretch to underline.
struct Mark {
  const Span* span;
  std::string_view text;
  char line;  // '^' or '-'
};

size_t PointLength(std::string_view text, size_t at) {
  size_t length = 1;
  while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
    ++length;
  return length;
}

// A source line as it is shown, and where its code points begin on the screen.
struct Shown {
  std::string text;
  std::vector<size_t> column;  // of code point i, in characters; one more for the end
};

Shown Show(std::string_view line, const Span& caret, bool conceal) {
  Shown out;
  size_t width = 0, index = 1;
  const size_t skip = CodePoints(line) > kWidest && caret.column > kContext ? caret.column - kContext : 0;
  if (skip > 0) out.text = "…", width = 1;
  for (size_t at = 0; at < line.size(); ++index) {
    const size_t length = PointLength(line, at);
    out.column.push_back(width);
    if (index > skip && width < kWidest) {
      if (conceal && index >= caret.column && (index < caret.end_column || caret.end_line > caret.line)) {
        out.text.push_back('*');
        ++width;
      } else if (line[at] == '\t') {
        out.text.append(kTabWidth, ' ');
        width += kTabWidth;
      } else {
        out.text.append(line.substr(at, length));
        ++width;
      }
    }
    at += length;
  }
  if (width >= kWidest) out.text.append("…");
  out.column.push_back(width);
  return out;
}

size_t ScreenColumn(const Shown& shown, uint32_t column) {
  const size_t index = std::min<size_t>(column == 0 ? 0 : column - 1, shown.column.size() - 1);
  return shown.column[index];
}

class Painter {
 public:
  explicit Painter(const Diagnostic& diagnostic) : diagnostic_(diagnostic) {
    std::vector<const Span*> spans = {&diagnostic.span};
    for (const Label& label : diagnostic.also) spans.push_back(&label.span);
    uint32_t largest = 0;
    for (const Span* span : spans) largest = std::max(largest, span->line);
    gutter_ = std::to_string(largest).size();
  }

  std::string Paint() {
    const bool error = diagnostic_.level == Level::kError;
    Append(out_, error ? "error[" : "warning[", CodeText(diagnostic_.code), "]: ", diagnostic_.message, "\n");
    std::vector<Mark> here, elsewhere;
    if (diagnostic_.span.line > 0) here.push_back({&diagnostic_.span, diagnostic_.label, '^'});
    for (const Label& label : diagnostic_.also) {
      const bool same =
          label.span.path() == diagnostic_.span.path() && label.span.line > 0 && diagnostic_.span.line > 0;
      (same ? here : elsewhere).push_back({&label.span, label.text, '-'});
    }
    if (diagnostic_.span.source) Place("--> ", diagnostic_.span);
    PaintLines(here);
    for (const Mark& mark : elsewhere) {
      Place("::: ", *mark.span);
      PaintLines({mark});
    }
    const bool tail = !diagnostic_.notes.empty() || !diagnostic_.help.empty();
    if (tail && diagnostic_.span.line > 0) Append(out_, std::string(gutter_, ' '), " |\n");
    for (const std::string& note : diagnostic_.notes) Tail("note: ", note);
    if (!diagnostic_.help.empty()) Tail("help: ", diagnostic_.help);
    return std::move(out_);
  }

 private:
  void Place(std::string_view arrow, const Span& span) {
    out_.append(gutter_ + 1, ' ');
    Append(out_, arrow, span.path());
    if (span.line > 0) Append(out_, ":", span.line, ":", span.column);
    out_.push_back('\n');
  }

  void Gutter(std::string_view number) {
    out_.append(gutter_ - number.size(), ' ');
    Append(out_, number, " |");
  }

  void PaintLines(std::vector<Mark> marks) {
    std::erase_if(marks, [](const Mark& mark) { return mark.span->line == 0; });
    if (marks.empty()) return;
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
      return std::pair(a.span->line, a.span->column) < std::pair(b.span->line, b.span->column);
    });
    Gutter("");
    out_.push_back('\n');
    uint32_t last = 0;
    for (const Mark& mark : marks) {
      const uint32_t line = mark.span->line;
      const bool conceal = diagnostic_.code == ProblemCode::kSecretInClear && mark.span == &diagnostic_.span;
      const Shown shown = Show(LineText(*mark.span->source, line), *mark.span, conceal);
      if (line != last) {
        if (last > 0 && line > last + 1) out_.append("...\n");
        Gutter(std::to_string(line));
        if (!shown.text.empty()) Append(out_, " ", shown.text);
        out_.push_back('\n');
      }
      last = line;
      Underline(mark, shown);
    }
  }

  void Underline(const Mark& mark, const Shown& shown) {
    const size_t begin = ScreenColumn(shown, mark.span->column);
    const bool one_line = mark.span->end_line == mark.span->line;
    const size_t end = one_line ? ScreenColumn(shown, mark.span->end_column) : shown.column.back();
    Gutter("");
    out_.append(begin + 1, ' ');
    out_.append(std::max<size_t>(end > begin ? end - begin : 1, 1), mark.line);
    if (!mark.text.empty()) Append(out_, " ", mark.text);
    out_.push_back('\n');
  }

  void Tail(std::string_view what, std::string_view text) {
    out_.append(gutter_ + 1, ' ');
    Append(out_, "= ", what, text, "\n");
  }

  const Diagnostic& diagnostic_;
  size_t gutter_ = 1;
  std::string out_;
};

}  // namespace

std::string ProblemsText(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!out.empty()) out.push_back('\n');
    out.append(Painter(diagnostic).Paint());
  }
  return out;
}

}  // namespace holdfast::specs
