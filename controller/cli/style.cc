#include "controller/cli/style.h"

#include <algorithm>

#include "controller/base/text.h"

namespace holdfast::cli {

std::string Style::Paint(Tone tone, std::string_view text) const {
  static constexpr std::string_view kCodes[] = {"", "32", "31", "33", "2", "1"};
  if (colors == Colors::kNo || tone == Tone::kPlain) return std::string(text);
  return Cat("\033[", kCodes[static_cast<size_t>(tone)], "m", text, "\033[0m");
}

std::string Style::Clock(absl::Time time, absl::Time now) const {
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return "-";
  const bool near = now - time < absl::Hours(24) && time - now < absl::Hours(24);
  return absl::FormatTime(near ? "%H:%M:%S" : "%Y-%m-%d %H:%M", time, zone);
}

std::string_view ShownRevision(std::string_view revision) {
  constexpr size_t kDigits = 12;
  return revision.substr(revision.rfind(':') + 1).substr(0, kDigits);
}

std::string Shortened(std::string_view text, size_t most) {
  std::string line = Excerpt(text, std::max<size_t>(text.size(), 1));
  if (CodePoints(line) <= most) return line;
  size_t bytes = 0;
  for (size_t points = 0; points + 1 < most; ++points) {
    ++bytes;
    while (bytes < line.size() && (static_cast<unsigned char>(line[bytes]) & 0xC0) == 0x80) ++bytes;
  }
  line.resize(bytes);
  return line + "…";
}

std::string Table::Text(const Style& style) const {
  std::vector<size_t> widths;
  for (const std::string& head : heads_) widths.push_back(CodePoints(head));
  for (const std::vector<Cell>& row : rows_)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], CodePoints(row[i].text));
  std::string out;
  const auto put = [&](size_t column, std::string_view text, Tone tone) {
    out.append(style.Paint(tone, text));
    if (column + 1 < widths.size()) out.append(widths[column] - CodePoints(text) + 2, ' ');
  };
  const auto end_line = [&] {
    out.erase(out.find_last_not_of(' ') + 1);
    out.push_back('\n');
  };
  for (size_t i = 0; i < heads_.size(); ++i) put(i, heads_[i], Tone::kBold);
  end_line();
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) put(i, row[i].text, row[i].tone);
    end_line();
  }
  return out;
}

}  // namespace holdfast::cli
