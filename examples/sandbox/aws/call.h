// What an account is asked and what it says, free of any protocol.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/json.h"
#include "examples/sandbox/hosts.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::sandbox::aws {

using holdfast::aws::At;
using holdfast::aws::FlagAt;
using holdfast::aws::ListAt;
using holdfast::aws::NumberAt;
using holdfast::aws::TextAt;
using holdfast::aws::TimeAt;
using holdfast::aws::WholeAt;

struct Asked {
  std::string service, operation;  // "dynamodb", "UpdateTable"
  json::value parameters = json::object();
};

// How a service says no.
struct Fault {
  std::string code, message;
  int status = 400;
};

// The members of a good answer, or a refusal. Moments are told by Epoch to services that speak JSON and as
// RFC 3339 to the others.
using Said = std::variant<json::object, Fault>;

class Account;
struct Ground;

struct Call {
  Account& account;
  const Ground& seen;  // what a read sees, which may be older than the truth
  Ground& truth;       // for writes
  const Asked& asked;
  By by;

  std::string Text(std::string_view path) const { return TextAt(asked.parameters, path).value_or(""); }
  int64_t Whole(std::string_view path, int64_t otherwise) const {
    return WholeAt(asked.parameters, path).value_or(otherwise);
  }
  bool Has(std::string_view path) const { return At(asked.parameters, path) != nullptr; }
  bool IsSet(std::string_view path) const { return FlagAt(asked.parameters, path).value_or(false); }
  std::vector<std::string> Texts(std::string_view path) const;
};

std::vector<std::string> TextsAt(const json::value& of, std::string_view path);

inline json::value Word(std::string_view text) { return json::value(JsonView(text)); }
inline json::value Epoch(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }
json::array Words(const std::vector<std::string>& texts);

// A page of a listing by name: which entries of `map` come after `token`, at most `limit`, and the token of
// the next page ("" at the end).
template <class Map, class Keep, class Add>
std::string PageOf(const Map& map, const std::string& token, int64_t limit, const Keep& keep,
                   const Add& add) {
  std::string last;
  for (auto at = token.empty() ? map.begin() : map.upper_bound(token); at != map.end(); ++at) {
    if (!keep(at->second)) continue;
    if (limit-- == 0) return last;
    add(at->second);
    last = at->first;
  }
  return "";
}

}  // namespace holdfast::sandbox::aws
