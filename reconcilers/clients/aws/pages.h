// Listings that come in pages.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "reconcilers/clients/aws/failure.h"

namespace holdfast::aws {

struct Paging {
  std::string_view service, operation;
  std::string_view items;          // the member with the page's items
  std::string_view token, resume;  // in the answer, and in the next request
};
// Null when the operation does not come in pages.
const Paging* FindPaging(std::string_view service, std::string_view operation);

struct Listing {
  std::vector<json::value> items;
  std::optional<Failure> failure;
  absl::Time asked_at;  // when the first page was: nothing in it is older
  int pages = 0;
  bool ok() const { return !failure.has_value() && pages > 0; }
};

inline constexpr int kMostPages = 10'000;

using TakeItem = std::function<void(json::value item)>;

// Hands over the items of a page; gives the token of the next one, or "" at the end. Unavailable when the
// page has no such member: that is no empty page.
Result<std::string> TakePage(const Paging& paging, json::value page, const TakeItem& take);

}  // namespace holdfast::aws
