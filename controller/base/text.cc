#include "controller/base/text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {
namespace internal {

void AppendPiece(std::string& to, std::string_view piece) { to.append(piece); }
void AppendPiece(std::string& to, char piece) { to.push_back(piece); }
void AppendPiece(std::string& to, bool piece) { to.append(piece ? "true" : "false"); }

template <class N>
static void AppendNumber(std::string& to, N number) {
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  to.append(buffer, end);
}
void AppendPiece(std::string& to, long long piece) { AppendNumber(to, piece); }
void AppendPiece(std::string& to, unsigned long long piece) { AppendNumber(to, piece); }
void AppendPiece(std::string& to, double piece) { AppendNumber(to, piece); }

}  // namespace internal

namespace {

// The length in bytes of the code point that starts at `at`, or 0 when the bytes are not UTF-8.
size_t CodePointLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(at);
  if (first < 0x80) return 1;
  size_t length = 0;
  uint32_t point = 0, least = 0;
  if ((first & 0xE0) == 0xC0)
    length = 2, point = first & 0x1F, least = 0x80;
  else if ((first & 0xF0) == 0xE0)
    length = 3, point = first & 0x0F, least = 0x800;
  else if ((first & 0xF8) == 0xF0)
    length = 4, point = first & 0x07, least = 0x10000;
  else
    return 0;
  if (at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    point = point << 6 | (byte(at + i) & 0x3F);
  }
  if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return 0;
  return length;
}

}  // namespace

std::string Join(std::span<const std::string> pieces, std::string_view between) {
  std::string out;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) out.append(between);
    out.append(pieces[i]);
  }
  return out;
}

std::string Enumerate(std::span<const std::string> pieces, size_t most) {
  const bool cut = pieces.size() > most;
  const size_t shown = cut ? std::max<size_t>(most, 2) - 1 : pieces.size();
  std::string out;
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) out.append(!cut && i + 1 == shown ? " and " : ", ");
    out.append(pieces[i]);
  }
  if (cut) Append(out, " and ", pieces.size() - shown, " more");
  return out;
}

std::string Count(size_t number, std::string_view singular, std::string_view plural) {
  if (number == 1) return Cat("1 ", singular);
  return plural.empty() ? Cat(number, " ", singular, "s") : Cat(number, " ", plural);
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> out;
  size_t begin = 0;
  for (size_t end; (end = text.find(separator, begin)) != std::string_view::npos; begin = end + 1)
    out.emplace_back(text.substr(begin, end - begin));
  out.emplace_back(text.substr(begin));
  return out;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string Excerpt(std::string_view foreign, size_t most) {
  std::string out;
  size_t at = 0;
  while (at < foreign.size() && out.size() < most) {
    const size_t length = CodePointLength(foreign, at);
    const auto first = static_cast<uint8_t>(foreign[at]);
    if (length == 0 || first == 0x7F || (first < 0x20 && first != '\n' && first != '\t' && first != '\r')) {
      out.push_back('?');
    } else if (first < 0x20) {
      out.push_back(' ');
    } else {
      out.append(foreign.substr(at, length));
    }
    at += std::max<size_t>(length, 1);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  if (at < foreign.size()) Append(out, "… (+", foreign.size() - at, " bytes)");
  return out;
}

std::string ShellQuoted(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (char c : word) {
    if (c == '\'')
      out.append("'\\''");
    else
      out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

std::string ShellLine(std::span<const std::string> argv) {
  std::string out;
  for (const std::string& word : argv) {
    if (!out.empty()) out.push_back(' ');
    out.append(ShellQuoted(word));
  }
  return out;
}

namespace {

// Damerau–Levenshtein in its restricted form (optimal string alignment): insert, delete, replace, swap
// neighbours.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view DidYouMean(std::string_view written, std::span<const std::string_view> candidates) {
  constexpr size_t kLongestWord = 64;
  if (written.empty() || written.size() > kLongestWord) return {};
  std::string_view best;
  size_t best_distance = std::max<size_t>(1, written.size() / 3) + 1;
  const std::string lower = Lower(written);
  for (std::string_view candidate : candidates) {
    const size_t distance = EditDistance(lower, Lower(candidate));
    if (distance < best_distance) best_distance = distance, best = candidate;
  }
  return best;
}

size_t CodePoints(std::string_view utf8) {
  size_t count = 0;
  for (size_t at = 0; at < utf8.size(); ++count) at += std::max<size_t>(CodePointLength(utf8, at), 1);
  return count;
}

bool IsValidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = CodePointLength(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace holdfast
