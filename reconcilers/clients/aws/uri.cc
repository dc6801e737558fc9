#include "reconcilers/clients/aws/uri.h"

#include "controller/base/percent.h"
#include "controller/base/text.h"

namespace holdfast::aws {

std::string UriEncoded(std::string_view text, Slash slash) {
  return PercentEncoded(text, slash == Slash::kKept ? "/" : "");
}

std::string QueryText(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs)
    Append(out, out.empty() ? "" : "&", PercentEncoded(name), "=", PercentEncoded(value));
  return out;
}

std::string FormEncoded(const Pairs& pairs) {
  std::string out = QueryText(pairs);
  for (size_t at = out.find("%20"); at != out.npos; at = out.find("%20", at)) out.replace(at, 3, "+");
  return out;
}

}  // namespace holdfast::aws
