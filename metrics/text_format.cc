#include "metrics/text_format.h"

#include <charconv>
#include <cmath>

#include "controller/base/text.h"

namespace holdfast {

void AppendLabelValue(std::string& to, std::string_view value) {
  std::string mended;
  if (!IsValidUtf8(value)) {
    mended = Excerpt(value, value.size());
    value = mended;
  }
  size_t plain = 0;
  for (size_t at = value.find_first_of("\\\"\n"); at != std::string_view::npos;
       at = value.find_first_of("\\\"\n", plain)) {
    to.append(value.substr(plain, at - plain));
    to.push_back('\\');
    to.push_back(value[at] == '\n' ? 'n' : value[at]);
    plain = at + 1;
  }
  to.append(value.substr(plain));
}

void TextFormat::Begin(const Family& family) {
  family_ = &family;
  Begin(family.name, family.type, family.help);
}

void TextFormat::Begin(std::string_view name, FamilyType type, std::string_view help) {
  name_ = name;
  Append(text_, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", FamilyTypeText(type), "\n");
}

void TextFormat::Value(double value) {
  text_.push_back(' ');
  char digits[32];
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::isnan(value)) {
    text_.append("NaN");
  } else if (std::isinf(value)) {
    text_.append(value > 0 ? "+Inf" : "-Inf");
  } else if (std::abs(value) < kExact && value == std::trunc(value)) {
    const auto end = std::to_chars(digits, digits + sizeof(digits), static_cast<int64_t>(value));
    text_.append(digits, end.ptr);
  } else {
    const auto end = std::to_chars(digits, digits + sizeof(digits), value);
    text_.append(digits, end.ptr);
  }
  text_.push_back('\n');
}

void TextFormat::Series(std::initializer_list<std::string_view> values, double value) {
  text_.append(name_);
  if (values.size() > 0) {
    size_t index = 0;
    for (std::string_view label : values) {
      text_.push_back(index == 0 ? '{' : ',');
      text_.append(family_->labels[index++]);
      text_.append("=\"");
      AppendLabelValue(text_, label);
      text_.push_back('"');
    }
    text_.push_back('}');
  }
  Value(value);
}

void TextFormat::Prepared(std::string_view labels, double value) {
  text_.append(name_);
  text_.push_back('{');
  text_.append(labels);
  text_.push_back('}');
  Value(value);
}

void TextFormat::Prepared(std::string_view labels, std::string_view last_label, std::string_view last_value,
                          double value) {
  text_.append(name_);
  text_.push_back('{');
  text_.append(labels);
  text_.push_back(',');
  text_.append(last_label);
  text_.append("=\"");
  text_.append(last_value);
  text_.append("\"}");
  Value(value);
}

}  // namespace holdfast
