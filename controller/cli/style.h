// How text answers look: colours, tables, times.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cli {

enum class Tone { kPlain, kGood, kBad, kBusy, kDim, kBold };
enum class Colors { kNo, kYes };
enum class Detail { kQuiet, kUsual, kVerbose };

struct Style {
  Colors colors = Colors::kNo;
  Detail detail = Detail::kUsual;
  absl::TimeZone zone = absl::UTCTimeZone();

  std::string Paint(Tone tone, std::string_view text) const;
  // "14:02:10" when it is less than a day from `now`, else "2026-11-20 14:02".
  std::string Clock(absl::Time time, absl::Time now) const;
};

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

// Columns two blanks apart, as wide as their widest cell; the last one is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> heads) : heads_(std::move(heads)) {}
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  std::string Text(const Style& style) const;

 private:
  std::vector<std::string> heads_;
  std::vector<std::vector<Cell>> rows_;
};

// What people compare of a revision: "files@sha256:3e5029fc6e60…" is told as "3e5029fc6e60".
std::string_view ShownRevision(std::string_view revision);

// At most `most` code points, cut with an ellipsis.
std::string Shortened(std::string_view text, size_t most);

}  // namespace holdfast::cli
