// Whether a text is what Prometheus reads: format 0.0.4, line by line.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.h"

namespace holdfast {

// "" when it is, else the first line that is not and why.
inline std::string FirstBadLine(std::string_view text) {
  if (text.empty() || text.back() != '\n') return "no newline at the end";
  std::set<std::string> introduced, series;
  std::string family, help;
  const auto fits = [&](std::string_view name) {
    return name == family ||
           (name.starts_with(family) &&
            (name.ends_with("_bucket") || name.ends_with("_sum") || name.ends_with("_count")));
  };
  for (const std::string& line : Split(text.substr(0, text.size() - 1), '\n')) {
    const std::vector<std::string> words = Split(line, ' ');
    if (line.starts_with("# HELP ")) {
      if (words.size() < 4) return Cat("help without words: ", line);
      help = words[2];
    } else if (line.starts_with("# TYPE ")) {
      family = words.size() == 4 ? words[2] : "";
      if (family.empty() || family != help) return Cat("type without its help: ", line);
      if (!introduced.insert(family).second) return Cat("a family twice: ", line);
    } else {
      const size_t value_at = line.rfind(' ');
      const std::string name_and_labels = line.substr(0, value_at);
      const size_t brace = name_and_labels.find('{');
      if (value_at == std::string::npos || !fits(name_and_labels.substr(0, brace)))
        return Cat("not of its family: ", line);
      if (brace != std::string::npos && name_and_labels.back() != '}')
        return Cat("labels that do not end: ", line);
      if (line.substr(value_at + 1).find_first_not_of("0123456789.eE+-InfNa") != std::string::npos)
        return Cat("no number: ", line);
      if (!series.insert(name_and_labels).second) return Cat("a series twice: ", line);
    }
  }
  return {};
}

}  // namespace holdfast
