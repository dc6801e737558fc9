// The types that values in specs have beyond numbers and text.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/status.h"

namespace holdfast::specs {

inline constexpr size_t kMaxHosts = 10'000;

// `KIND/NAME`: another resource.
struct Ref {
  std::string kind;
  std::string name;
  bool operator==(const Ref&) const = default;
  auto operator<=>(const Ref&) const = default;
};
std::string RefText(const Ref& ref);
Result<Ref> ParseRef(std::string_view text);
struct RefHash {
  size_t operator()(const Ref& ref) const {
    return std::hash<std::string_view>()(ref.name) * 31 + std::hash<std::string_view>()(ref.kind);
  }
};

// `50%`
struct Percentage {
  double percent = 0;
  bool operator==(const Percentage&) const = default;
};
std::string PercentageText(Percentage value);
Result<Percentage> ParsePercentage(std::string_view text);

// `3` or `50%`
struct CountOrPercentage {
  std::variant<int64_t, Percentage> value = int64_t{0};

  // What it means among `total`: which way a fraction goes must be said, because one way is never safe for
  // both.
  int64_t RoundedDown(int64_t total) const;
  int64_t RoundedUp(int64_t total) const;
  bool operator==(const CountOrPercentage&) const = default;
};
std::string CountOrPercentageText(const CountOrPercentage& value);

// `1GiB`, or as Elasticsearch writes the same: `1gb`. Always powers of 1024.
struct Size {
  int64_t bytes = 0;
  bool operator==(const Size&) const = default;
};
std::string SizeText(Size size);
Result<Size> ParseSize(std::string_view text);

// `"dn[01-20]"`, `host7`, or a list of such.
struct Hosts {
  std::vector<std::string> names;    // expanded, in the order written, each once
  std::vector<std::string> written;  // as it stands in the file
  bool operator==(const Hosts& other) const { return names == other.names; }
};
// Adds the names of one range. Accepts several brackets, lists in them ("dn[1-3,7]") and keeps leading zeros.
Status ExpandHosts(std::string_view range, std::vector<std::string>& names);
// "adds dn21 and dn22, removes dn05"; "" when nothing changes.
std::string HostsChange(const Hosts& before, const Hosts& after);

// A program with its arguments, each one as it will arrive. There is never a shell in between.
struct Argv {
  std::vector<std::string> words;
  bool empty() const { return words.empty(); }
  bool operator==(const Argv&) const = default;
};

// `text` or `[text, text]`
struct StringOrList {
  std::vector<std::string> items;
  bool operator==(const StringOrList&) const = default;
};

// Where a secret is kept: `{valueFrom: {file: PATH}}`. The secret itself never stands in a spec and is not in
// here.
struct Secret {
  enum class From { kNone, kFile, kEnv, kCredential, kExec };
  From from = From::kNone;
  std::string where;              // path, variable or credential
  std::vector<std::string> argv;  // of kExec
  bool given() const { return from != From::kNone; }
  bool operator==(const Secret&) const = default;
};
// "file:/etc/x": for plans and messages.
std::string SecretName(const Secret& secret);

}  // namespace holdfast::specs
