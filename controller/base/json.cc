#include "controller/base/json.h"

#include <algorithm>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {
namespace {

constexpr size_t kLongestInlineList = 80;

bool IsScalar(const json::value& value) { return !value.is_array() && !value.is_object(); }

void Write(const json::value& value, int level, std::string& out) {
  const std::string indent(static_cast<size_t>(level + 1) * 2, ' ');
  const std::string close(static_cast<size_t>(level) * 2, ' ');
  if (value.is_object() && !value.get_object().empty()) {
    out.append("{\n");
    bool first = true;
    for (const auto& member : value.get_object()) {
      if (!first) out.append(",\n");
      first = false;
      Append(out, indent, json::serialize(json::value(member.key())), ": ");
      Write(member.value(), level + 1, out);
    }
    Append(out, "\n", close, "}");
  } else if (value.is_array() && !value.get_array().empty()) {
    const json::array& list = value.get_array();
    if (std::all_of(list.begin(), list.end(), IsScalar)) {
      std::string line = Compact(value);
      if (line.size() <= kLongestInlineList) {
        out.append(line);
        return;
      }
    }
    out.append("[\n");
    for (size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out.append(",\n");
      out.append(indent);
      Write(list[i], level + 1, out);
    }
    Append(out, "\n", close, "]");
  } else {
    out.append(Compact(value));
  }
}

}  // namespace

std::string Pretty(const json::value& value) {
  std::string out;
  Write(value, 0, out);
  out.push_back('\n');
  return out;
}

std::string Compact(const json::value& value) {
  std::string out = json::serialize(value);
  return out;
}

Result<json::value> ParseJson(std::string_view text, json::storage_ptr storage) {
  json::parse_options options;
  options.max_depth = 256;
  json::parser parser({}, options);
  parser.reset(std::move(storage));
  boost::system::error_code error;
  const size_t read = parser.write(text.data(), text.size(), error);
  if (error) return InvalidArgument(Cat("not JSON at byte ", read, ": ", error.message()));
  return parser.release();
}

}  // namespace holdfast
