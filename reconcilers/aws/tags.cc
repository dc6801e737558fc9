#include "reconcilers/aws/tags.h"

#include <utility>

#include "reconcilers/clients/aws/document.h"

namespace holdfast::aws {

bool AreOurs(const Tags& tags, std::string_view kind) {
  const auto tag = tags.find(std::string(kOwnerTag));
  return tag != tags.end() && tag->second == kind;
}

json::array TagList(const Tags& tags) {
  json::array list;
  list.reserve(tags.size());
  for (const auto& [key, value] : tags) list.push_back(json::object{{"Key", key}, {"Value", value}});
  return list;
}

Task<Observed<Tags>> ReadTags(Client& client, Call listing, absl::Duration deadline) {
  const Listing all = co_await client.ReadAll(std::move(listing), deadline);
  if (!all.ok()) co_return Unknown{all.failure ? all.failure->status.message() : "no page came"};
  Tags tags;
  for (const json::value& tag : all.items)
    tags[TextAt(tag, "Key").value_or("")] = TextAt(tag, "Value").value_or("");
  co_return Known<Tags>{std::move(tags), all.asked_at};
}

}  // namespace holdfast::aws
