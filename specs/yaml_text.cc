#include "specs/yaml_text.h"

#include <algorithm>
#include <array>
#include <string>

#include "controller/base/text.h"
#include "specs/node.h"

namespace holdfast::specs {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The first byte that is neither printable ASCII nor blank, or the end.
size_t FirstUnusual(std::string_view text, size_t at) {
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 ? (c != '\n' && c != '\r' && c != '\t') : c >= 0x7F) break;
    ++at;
  }
  return at;
}

bool Refuse(const SourcePtr& source, size_t offset, ProblemCode code, std::string message, std::string help,
            Problems& problems) {
  problems.Error(code, SpanOf(source, offset, offset + 1), std::move(message)).Help(std::move(help));
  return false;
}

}  // namespace

bool CheckBytes(const SourcePtr& source, Problems& problems) {
  const std::string_view text = source->text;
  if (text.size() > kMaxFileBytes) {
    problems
        .Error(ProblemCode::kFileTooLarge, Span{.source = source},
               Cat("the file has ", text.size(), " bytes; at most ", kMaxFileBytes, " are read"))
        .Help("split it into several files");
    return false;
  }
  for (std::string_view mark : {"\xEF\xBB\xBF", "\xFE\xFF", "\xFF\xFE"}) {
    if (text.starts_with(mark))
      return Refuse(source, 0, ProblemCode::kByteOrderMark, "the file begins with a byte order mark",
                    "save it as UTF-8 without byte order mark", problems);
  }
  for (size_t at = FirstUnusual(text, 0); at < text.size(); at = FirstUnusual(text, at)) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80)
      return Refuse(source, at, ProblemCode::kBinary,
                    Cat("byte ", at, " is a control character (code ", int{c}, "): this is not a text file"),
                    "write YAML in UTF-8; in quoted text, \\x1b and the like stand for control characters",
                    problems);
    size_t end = at;
    while (end < text.size() && static_cast<unsigned char>(text[end]) >= 0x80) ++end;
    if (!IsValidUtf8(text.substr(at, end - at)))
      return Refuse(source, at, ProblemCode::kNotUtf8, Cat("the bytes from ", at, " on are not UTF-8"),
                    "save the file as UTF-8", problems);
    at = end;
  }
  return true;
}

size_t QuoteEnd(std::string_view text, size_t begin) {
  const char quote = text[begin];
  for (size_t at = begin + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\')
      ++at;
    else if (text[at] == quote && quote == '\'' && at + 1 < text.size() && text[at + 1] == quote)
      ++at;
    else if (text[at] == quote)
      return at + 1;
  }
  return std::string_view::npos;
}

bool IsClosedQuote(std::string_view text, size_t offset) {
  if (offset < text.size() && text[offset] == '&') offset = text.find_first_of(" \t\r\n", offset);
  offset = text.find_first_not_of(" \t\r\n", std::min(offset, text.size()));
  if (offset == std::string_view::npos || (text[offset] != '"' && text[offset] != '\'')) return true;
  return QuoteEnd(text, offset) != std::string_view::npos;
}

std::string_view NullText(std::string_view text, size_t offset) {
  for (std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (text.substr(std::min(offset, text.size()), word.size()) != word) continue;
    const size_t end = offset + word.size();
    if (end >= text.size() || std::string_view(" \t\r\n,]}#").find(text[end]) != std::string_view::npos)
      return text.substr(offset, word.size());
  }
  return {};
}

namespace {

struct Translation {
  std::string_view parser_says;  // its beginning
  std::string_view message;
  std::string_view help;
};
// yaml-cpp's own words are for those who know how it works inside.
constexpr std::array<Translation, 17> kTranslations = {{
    {"illegal tab", "a tab in the indentation", "indent with blanks"},
    {"unexpected character in block scalar", "text after `|` or `>`",
     "begin the text on the next line, further in"},
    {"end of map not found", "this mapping does not end where it should",
     "check the indentation of this line against the lines above, and for text after a closing quote"},
    {"end of map flow not found", "`{` is not closed",
     "add `}`; in braces, text with , [ ] { } needs quotes"},
    {"end of sequence not found", "this list does not end where it should",
     "check the indentation of this line against the lines above"},
    {"end of sequence flow not found", "`[` is not closed",
     "add `]`; in brackets, text with , [ ] { } needs quotes"},
    {"illegal flow end", "a closing bracket without an opening one",
     "in braces and brackets, text with , [ ] { } needs quotes: \"dn[01-20]\""},
    {"illegal map value", "a value is not allowed here",
     "text that contains `: ` needs quotes; a nested mapping stands on lines of its own, further in"},
    {"illegal map key", "a key is not allowed here", "check the indentation"},
    {"illegal block entry", "a list item is not allowed here", "check the indentation of the `-`"},
    {"end of document", "the file ends in the middle of a value", "a quote or a bracket is not closed"},
    {"illegal EOF in scalar", "the file ends inside of a quoted text", "add the closing quote"},
    {"illegal document indicator in scalar", "`---` inside of a quoted text",
     "add the closing quote before it"},
    {"unknown escape character", "unknown escape in a text with double quotes",
     "write \\\\ for a backslash, or use single quotes"},
    {"unknown token", "this character cannot begin a value",
     "put text that begins with one of @ ` % | > & * ! into quotes"},
    {"the referenced anchor is not defined", "this alias has no anchor",
     "write `&name` at the value it stands for, further up in the same document"},
    {"bad file", "nested far too deeply", "look for brackets that are not closed"},
}};

}  // namespace

void ReportSyntax(const SourcePtr& source, int64_t offset, std::string_view parser_says, Problems& problems) {
  const std::string_view text = source->text;
  const size_t at = std::min(static_cast<size_t>(std::max<int64_t>(offset, 0)), text.size());
  // Tabs make the parser complain about anything, on that line or the next.
  size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  for (int lines = 0; lines < 2; ++lines) {
    const size_t content = std::min(text.find_first_not_of(" \t", begin), text.size());
    const size_t tab = text.substr(begin, content - begin).find('\t');
    if (tab != std::string_view::npos) {
      problems
          .Error(ProblemCode::kTab, SpanOf(source, begin + tab, begin + tab + 1), "a tab in the indentation")
          .Help("indent with blanks");
      return;
    }
    if (begin == 0) break;
    begin = begin == 1 ? 0 : text.rfind('\n', begin - 2) + 1;
  }
  // At the end of the file, the last thing that is written says more than the empty line after it.
  size_t shown = at;
  if (text.find_first_not_of(" \t\r\n", at) == std::string_view::npos) {
    const size_t last = text.find_last_not_of(" \t\r\n");
    shown = last == std::string_view::npos ? 0 : last;
  }
  const size_t end = std::max(std::min(text.find_first_of("\r\n", shown), text.size()), shown);
  std::string message = Cat("not valid YAML: ", parser_says), help = "check indentation, quotes and brackets";
  for (const Translation& known : kTranslations) {
    if (!parser_says.starts_with(known.parser_says)) continue;
    message = known.message;
    help = known.help;
    break;
  }
  problems
      .Error(parser_says == "bad file" ? ProblemCode::kTooDeep : ProblemCode::kNotYaml,
             SpanOf(source, shown, std::min(end, shown + 40)), std::move(message))
      .Help(std::move(help));
}

namespace {

// [0-9]+ and on; returns how many digits there are.
size_t Digits(std::string_view text, size_t at) {
  size_t count = 0;
  while (at + count < text.size() && IsDigit(text[at + count])) ++count;
  return count;
}

// 12, -3, 1.5, 2.0e+3: numbers to every reader. YAML 1.1 wants a point and a sign with an exponent.
Reading JsonNumber(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  const size_t whole = Digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return Reading::kText;
  at += whole;
  if (at == text.size()) return Reading::kWhole;
  const size_t fraction = text[at] == '.' ? Digits(text, at + 1) : 0;
  if (fraction == 0) return Reading::kText;
  at += 1 + fraction;
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E') &&
      (text[at + 1] == '+' || text[at + 1] == '-')) {
    const size_t exponent = Digits(text, at + 2);
    if (exponent == 0) return Reading::kText;
    at += 2 + exponent;
  }
  return at == text.size() ? Reading::kDecimal : Reading::kText;
}

// What YAML 1.1 or 1.2 takes for a number though JSON does not: 012, 0x1F, 0o17, 0b1, 1_000, +1, .5, 1.,
// 12:30, .inf
bool IsOddNumber(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty()) return false;
  const std::string lower = Lower(rest);
  if (lower == ".inf" || lower == ".nan") return true;
  if (!IsDigit(rest[0]) && !(rest[0] == '.' && rest.size() > 1 && IsDigit(rest[1]))) return false;
  if (lower.starts_with("0x"))
    return lower.find_first_not_of("0123456789abcdef_", 2) == std::string::npos && lower.size() > 2;
  if (lower.starts_with("0o") || lower.starts_with("0b"))
    return lower.find_first_not_of("01234567_", 2) == std::string::npos && lower.size() > 2;
  if (rest.find(':') != std::string_view::npos) {
    // Base 60: every part after the first has one or two digits below 60.
    size_t at = Digits(rest, 0);
    while (at < rest.size() && rest[at] == ':') {
      const size_t digits = Digits(rest, at + 1);
      if (digits == 0 || digits > 2 || (digits == 2 && rest[at + 1] > '5')) return false;
      at += 1 + digits;
    }
    return at == rest.size() ||
           (rest[at] == '.' && rest.find_first_not_of("0123456789_", at + 1) == std::string_view::npos);
  }
  size_t at = std::min(rest.find_first_not_of("0123456789_"), rest.size());
  if (at < rest.size() && rest[at] == '.')
    at = std::min(rest.find_first_not_of("0123456789_", at + 1), rest.size());
  if (at < rest.size() && (rest[at] == 'e' || rest[at] == 'E')) {
    ++at;
    if (at < rest.size() && (rest[at] == '+' || rest[at] == '-')) ++at;
    const size_t digits = Digits(rest, at);
    return digits > 0 && at + digits == rest.size();
  }
  return at == rest.size();
}

}  // namespace

Reading ReadingOf(std::string_view plain) {
  if (plain.empty()) return Reading::kText;
  const char first = plain[0];
  if (IsDigit(first) || first == '-' || first == '+' || first == '.') {
    if (const Reading number = JsonNumber(plain); number != Reading::kText) return number;
    return IsOddNumber(plain) ? Reading::kOddNumber : Reading::kText;
  }
  if (plain.size() > 5) return Reading::kText;
  if (plain == "true" || plain == "false") return Reading::kBool;
  constexpr std::array<std::string_view, 8> kOddBools = {"true", "false", "yes", "no", "on", "off", "y", "n"};
  const std::string lower = Lower(plain);
  return std::find(kOddBools.begin(), kOddBools.end(), lower) == kOddBools.end() ? Reading::kText
                                                                                 : Reading::kOddBool;
}

}  // namespace holdfast::specs
