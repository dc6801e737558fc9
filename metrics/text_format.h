// Writes Prometheus' text format 0.0.4, for state that is too large to be kept as metric objects.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "metrics/families.h"

namespace holdfast {

inline constexpr std::string_view kTextFormatContentType = "text/plain; version=0.0.4; charset=utf-8";

// A label value with \, " and newline escaped; broken UTF-8 becomes `?`, because a scrape with it would be
// refused.
void AppendLabelValue(std::string& to, std::string_view value);

// Appends series to a text that is handed over at the end.
class TextFormat {
 public:
  // The lines that introduce a family. Its series follow.
  void Begin(const Family& family);
  // The same for a family that a kind declares.
  void Begin(std::string_view name, FamilyType type, std::string_view help);

  // One label value per label of the family, in its order.
  void Series(std::initializer_list<std::string_view> values, double value);
  // `labels` is ready-made: `kind="K",name="N"`. For many series of one resource; `condition` and the like
  // come behind.
  void Prepared(std::string_view labels, double value);
  void Prepared(std::string_view labels, std::string_view last_label, std::string_view last_value,
                double value);

  void Raw(std::string_view text) { text_.append(text); }
  void Reserve(size_t bytes) { text_.reserve(bytes); }
  std::string Take() { return std::move(text_); }

 private:
  void Value(double value);

  std::string text_;
  std::string_view name_;
  const Family* family_ = nullptr;
};

}  // namespace holdfast
