#include "specs/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "controller/base/text.h"

namespace holdfast::specs {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

template <class N>
bool ParseWhole(std::string_view text, N& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string RefText(const Ref& ref) { return Cat(ref.kind, "/", ref.name); }

Result<Ref> ParseRef(std::string_view text) {
  constexpr size_t kLongestName = 253;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return InvalidArgument("another resource is written KIND/NAME");
  const std::string_view kind = text.substr(0, slash), name = text.substr(slash + 1);
  const auto in_kind = [](char c) { return IsLetter(c) || IsDigit(c); };
  const auto in_name = [](char c) { return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-' || c == '.'; };
  if (kind.empty() || kind[0] < 'A' || kind[0] > 'Z' || !std::all_of(kind.begin(), kind.end(), in_kind))
    return InvalidArgument("before the `/` stands a kind, which begins with a capital: ServiceStack/site");
  const auto at_edge = [](char c) { return c == '-' || c == '.'; };
  if (name.empty() || name.size() > kLongestName || !std::all_of(name.begin(), name.end(), in_name) ||
      at_edge(name.front()) || at_edge(name.back()))
    return InvalidArgument("after the `/` stands a name of small letters, digits, - and .");
  return Ref{std::string(kind), std::string(name)};
}

std::string PercentageText(Percentage value) { return Cat(value.percent, "%"); }

Result<Percentage> ParsePercentage(std::string_view text) {
  const std::string_view number = text.substr(0, text.empty() ? 0 : text.size() - 1);
  const bool shape = text.ends_with('%') && !number.empty() && IsDigit(number.front()) &&
                     IsDigit(number.back()) &&
                     number.find_first_not_of("0123456789.") == std::string_view::npos &&
                     std::count(number.begin(), number.end(), '.') <= 1 && number.size() <= 18;
  Percentage out;
  if (!shape || !ParseWhole(number, out.percent))
    return InvalidArgument("a percentage is a number with a percent sign: 50%");
  return out;
}

namespace {
// Fractions of percent are not exact in binary; what is within this of a whole number is that number.
constexpr double kAlmost = 1e-9;
}  // namespace

int64_t CountOrPercentage::RoundedDown(int64_t total) const {
  if (const auto* count = std::get_if<int64_t>(&value)) return *count;
  return static_cast<int64_t>(
      std::floor(std::get<Percentage>(value).percent / 100 * static_cast<double>(total) + kAlmost));
}

int64_t CountOrPercentage::RoundedUp(int64_t total) const {
  if (const auto* count = std::get_if<int64_t>(&value)) return *count;
  return static_cast<int64_t>(
      std::ceil(std::get<Percentage>(value).percent / 100 * static_cast<double>(total) - kAlmost));
}

std::string CountOrPercentageText(const CountOrPercentage& value) {
  if (const auto* count = std::get_if<int64_t>(&value.value)) return Cat(*count);
  return PercentageText(std::get<Percentage>(value.value));
}

namespace {
struct SizeUnit {
  std::string_view name;
  std::string_view like_elasticsearch;
  int shift;
};
constexpr std::array<SizeUnit, 6> kSizeUnits = {{{"PiB", "pb", 50},
                                                 {"TiB", "tb", 40},
                                                 {"GiB", "gb", 30},
                                                 {"MiB", "mb", 20},
                                                 {"KiB", "kb", 10},
                                                 {"B", "b", 0}}};
}  // namespace

std::string SizeText(Size size) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (size.bytes >> unit.shift > 0 && size.bytes % (int64_t{1} << unit.shift) == 0)
      return Cat(size.bytes >> unit.shift, unit.name);
  }
  return Cat(size.bytes, "B");
}

Result<Size> ParseSize(std::string_view text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit_text = text.substr(digits);
  int64_t number = 0;
  if (digits == 0 || !ParseWhole(text.substr(0, digits), number) || unit_text.empty())
    return InvalidArgument("a size is a whole number with a unit: 512MiB, 1GiB");
  for (const SizeUnit& unit : kSizeUnits) {
    if (unit_text != unit.name && unit_text != unit.like_elasticsearch) continue;
    if (number > INT64_MAX >> unit.shift) return InvalidArgument("larger than any size");
    return Size{number << unit.shift};
  }
  return InvalidArgument(
      "the units are B, KiB, MiB, GiB, TiB, PiB (or b, kb, mb, gb, tb, pb: the same, powers of 1024)");
}

namespace {

constexpr std::string_view kHostRule =
    "a host is a name, an address or a range: node1, 10.0.0.3, dn[01-20], rack[1-2,5]-a";

bool InHostName(char c) { return IsLetter(c) || IsDigit(c) || c == '.' || c == '-' || c == '_' || c == ':'; }

// "01-20" or "7": appends what it stands for.
Status ExpandPiece(std::string_view piece, std::vector<std::string>& out) {
  const size_t dash = piece.find('-');
  const std::string_view low_text = piece.substr(0, dash);
  const std::string_view high_text = dash == std::string_view::npos ? low_text : piece.substr(dash + 1);
  uint32_t low = 0, high = 0;
  if (low_text.size() > 9 || high_text.size() > 9 || !ParseWhole(low_text, low) ||
      !ParseWhole(high_text, high))
    return InvalidArgument(Cat("`[", Excerpt(piece, 40), "]` is not a range of numbers; ", kHostRule));
  const bool padded =
      (low_text.size() > 1 && low_text[0] == '0') || (high_text.size() > 1 && high_text[0] == '0');
  if (padded && low_text.size() != high_text.size())
    return InvalidArgument(
        Cat("in `[", piece, "]` both ends need equally many digits when one begins with 0"));
  if (low > high) return InvalidArgument(Cat("`[", piece, "]` runs backwards"));
  if (high - low >= kMaxHosts || out.size() + (high - low) >= kMaxHosts)
    return InvalidArgument(Cat("more than ", kMaxHosts, " hosts"));
  for (uint32_t number = low; number <= high; ++number) {
    std::string text = Cat(number);
    if (padded && text.size() < low_text.size()) text.insert(0, low_text.size() - text.size(), '0');
    out.push_back(std::move(text));
  }
  return {};
}

}  // namespace

Status ExpandHosts(std::string_view range, std::vector<std::string>& names) {
  constexpr size_t kLongestName = 253;
  if (range.empty()) return InvalidArgument(Cat("an empty host; ", kHostRule));
  std::vector<std::string> heads = {""};
  for (size_t at = 0; at < range.size();) {
    if (InHostName(range[at])) {
      for (std::string& head : heads) head.push_back(range[at]);
      if (heads[0].size() > kLongestName) return InvalidArgument("longer than any host's name");
      ++at;
      continue;
    }
    const size_t close = range[at] == '[' ? range.find(']', at) : std::string_view::npos;
    if (close == std::string_view::npos)
      return InvalidArgument(
          Cat("`", Excerpt(range.substr(at, 1)), "` cannot stand in a host's name; ", kHostRule));
    std::vector<std::string> numbers, longer;
    for (const std::string& piece : Split(range.substr(at + 1, close - at - 1), ','))
      HF_TRY(ExpandPiece(piece, numbers));
    if (heads.size() * numbers.size() > kMaxHosts)
      return InvalidArgument(Cat("more than ", kMaxHosts, " hosts"));
    for (const std::string& head : heads)
      for (const std::string& number : numbers) longer.push_back(head + number);
    heads = std::move(longer);
    at = close + 1;
  }
  if (names.size() + heads.size() > kMaxHosts) return InvalidArgument(Cat("more than ", kMaxHosts, " hosts"));
  names.insert(names.end(), std::make_move_iterator(heads.begin()), std::make_move_iterator(heads.end()));
  return {};
}

std::string HostsChange(const Hosts& before, const Hosts& after) {
  const auto missing = [](const Hosts& from, const Hosts& in) {
    const std::set<std::string_view> known(in.names.begin(), in.names.end());
    std::vector<std::string> out;
    for (const std::string& name : from.names)
      if (!known.contains(name)) out.push_back(name);
    return out;
  };
  const std::vector<std::string> added = missing(after, before), removed = missing(before, after);
  std::string out;
  if (!added.empty()) Append(out, "adds ", Enumerate(added));
  if (!removed.empty()) Append(out, out.empty() ? "" : ", ", "removes ", Enumerate(removed));
  return out;
}

std::string SecretName(const Secret& secret) {
  switch (secret.from) {
    case Secret::From::kNone:
      return "none";
    case Secret::From::kFile:
      return Cat("file:", secret.where);
    case Secret::From::kEnv:
      return Cat("env:", secret.where);
    case Secret::From::kCredential:
      return Cat("credential:", secret.where);
    case Secret::From::kExec:
      return Cat("exec:", ShellLine(secret.argv));
  }
  return "none";
}

}  // namespace holdfast::specs
