#include "reconcilers/clients/aws/uri.h"

namespace holdfast::aws {

namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void AppendEncoded(std::string& to, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  to += '%';
  to += kDigits[byte >> 4];
  to += kDigits[byte & 15];
}

std::string Joined(const Pairs& pairs, std::string_view blank) {
  std::string out;
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      if (c == ' ')
        out += blank;
      else if (IsUnreserved(c))
        out += c;
      else
        AppendEncoded(out, c);
    }
  };
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    add(name);
    out += '=';
    add(value);
  }
  return out;
}

}  // namespace

std::string UriEncoded(std::string_view text, Slash slash) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c) || (c == '/' && slash == Slash::kKept))
      out += c;
    else
      AppendEncoded(out, c);
  }
  return out;
}

std::string FormEncoded(const Pairs& pairs) { return Joined(pairs, "+"); }
std::string QueryText(const Pairs& pairs) { return Joined(pairs, "%20"); }

}  // namespace holdfast::aws
