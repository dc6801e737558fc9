#include "reconcilers/aws/inventory.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/hash/hash.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "controller/base/single_flight.h"
#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/gather.h"

namespace holdfast::aws {

struct Inventory::Shared {
  struct Seen {
    Item item;  // null: it is listed, and was not read by itself yet
    absl::Time asked_at = absl::InfinitePast();
  };
  struct Watch {
    std::set<ResourceKey> who;
    absl::Time since;
  };

  absl::flat_hash_map<std::string, Seen> items;
  absl::flat_hash_map<std::string, Watch> watched;  // by the item's name
  // Hashes of the names that the last whole listing had and nobody watched: their items were not kept.
  absl::flat_hash_set<size_t> others;
  absl::Time listed_at = absl::InfinitePast();  // when the last whole listing was asked for
  size_t listed = 0;                            // how many there were
  Status failure;
  absl::Duration failed_at = -absl::InfiniteDuration();
  SingleFlight listing;
  std::unique_ptr<clients::Gather<std::string, Reply>> together;  // targeted reads by name

  bool LeftOut(const std::string& name) const { return others.contains(absl::HashOf(name)); }
  bool Lists(const std::string& name) const { return items.contains(name) || LeftOut(name); }
};

namespace {

std::string NameOf(const json::value& item, const Wanted& wanted) {
  if (wanted.group_of != nullptr) return wanted.group_of(item);
  if (wanted.name_member.empty()) return item.is_string() ? std::string(Chars(item.get_string())) : "";
  return TextAt(item, wanted.name_member).value_or("");
}

std::string KeyOf(const Call& call) {
  return Cat(call.target.account, " ", call.target.profile, " ", call.target.region, " ",
             call.target.endpoint, " ", call.service, " ", call.operation, " ", Compact(call.parameters));
}

// The wanted thing in the answer to a call for just it; null when the answer is without it.
Item Pick(const Wanted& wanted, json::value body) {
  json::value* member = body.is_object() ? body.get_object().if_contains(JsonView(wanted.items)) : nullptr;
  if (member == nullptr) return nullptr;
  if (json::array* list = member->if_array()) {
    const auto found = std::ranges::find_if(
        *list, [&](const json::value& item) { return NameOf(item, wanted) == wanted.name; });
    return found == list->end() ? nullptr : std::make_shared<const json::value>(std::move(*found));
  }
  if (!member->is_object()) return nullptr;
  return std::make_shared<const json::value>(std::move(*member));
}

// The answer to all of them as it would have been to this one alone.
Reply PartOf(const Reply& all, const Wanted& wanted, const std::string& name) {
  Reply part{.failure = all.failure,
             .request_id = all.request_id,
             .asked_at = all.asked_at,
             .retry_after = all.retry_after,
             .attempts = all.attempts};
  if (!all.ok()) return part;
  json::array found;
  for (const json::value* item : ListAt(all.body, wanted.items).value_or(std::vector<const json::value*>()))
    if (NameOf(*item, wanted) == name) found.push_back(*item);
  part.body = json::object{{JsonView(wanted.items), std::move(found)}};
  return part;
}

Task<std::vector<Reply>> ReadMany(Client* client, Wanted wanted, std::vector<std::string> names) {
  json::array list;
  for (const std::string& name : names) list.emplace_back(JsonView(name));
  wanted.one.parameters.get_object()[JsonView(wanted.many)] = std::move(list);
  Reply all = co_await client->Read(wanted.one, Inventory::kTogetherDeadline);
  std::vector<Reply> parts;
  for (const std::string& name : names) parts.push_back(PartOf(all, wanted, name));
  co_return parts;
}

bool IsSame(const Item& a, const Item& b) { return a == b || (a && b && *a == *b); }

// Whether a moment that is the name's own, one in every `cycle`, has passed since then. So names that were
// described together at the start come round evenly, and each sweep describes its share of them.
bool HasComeRound(const std::string& name, absl::Duration cycle, absl::Time since, absl::Time now) {
  const auto laps = [&](absl::Time at) {
    const double phase = static_cast<double>(absl::HashOf(name) % 100'000) / 100'000;
    return std::floor(absl::FDivDuration(at - absl::UnixEpoch(), cycle) - phase);
  };
  return since == absl::InfinitePast() || laps(now) > laps(since);
}

absl::flat_hash_map<std::string, Item> Sorted(std::vector<json::value> items, const Wanted& wanted,
                                              const std::function<bool(const std::string&)>& keeps) {
  absl::flat_hash_map<std::string, json::array> groups;
  absl::flat_hash_map<std::string, Item> sorted;
  for (json::value& item : items) {
    const std::string name = NameOf(item, wanted);
    if (!keeps(name)) continue;
    if (wanted.group_of != nullptr)
      groups[name].push_back(std::move(item));
    else if (wanted.described_for > absl::ZeroDuration())
      sorted.emplace(name, nullptr);
    else
      sorted.emplace(name, std::make_shared<const json::value>(std::move(item)));
  }
  for (auto& [name, group] : groups)
    sorted.emplace(name, std::make_shared<const json::value>(std::move(group)));
  return sorted;
}

}  // namespace

Inventory::Inventory(World& world, Waker& waker) : clock_(world.clock), waker_(waker) {}
Inventory::~Inventory() = default;

Task<Observed<Item>> Inventory::See(Client& client, Wanted wanted, Look look, absl::Duration deadline) {
  const absl::Duration until = clock_.Steady() + deadline;
  std::shared_ptr<Shared>& slot = shared_[KeyOf(wanted.listing)];
  if (!slot) slot = std::make_shared<Shared>();
  const std::shared_ptr<Shared> shared = slot;
  Shared::Watch& watch =
      shared->watched.try_emplace(wanted.name, Shared::Watch{{}, clock_.Now()}).first->second;
  watch.who.insert(look.self);

  absl::Time need = look.demanded;
  if (!look.touched.empty()) need = std::max(need, look.touched_not_older_than);
  if (look.Asks(kFresh)) need = std::max(need, look.not_older_than);

  auto known = shared->items.find(wanted.name);
  const auto asked_at = [&] {
    return known == shared->items.end() ? absl::InfinitePast() : known->second.asked_at;
  };
  if (need == absl::InfinitePast() || asked_at() >= need) {
    const bool is_described = wanted.described_for > absl::ZeroDuration();
    absl::Time routine = clock_.Now() - kInterval;
    if (!is_described && shared->LeftOut(wanted.name)) routine = std::max(routine, watch.since);
    if (shared->listed_at < routine) {
      const Status listed =
          co_await Sweep(client, shared, wanted, look.self, routine, until - clock_.Steady());
      if (!listed.ok()) co_return Unknown{listed.message()};
      known = shared->items.find(wanted.name);
    }
    if (wanted.group_of != nullptr && !shared->Lists(wanted.name))
      co_return Known<Item>{std::make_shared<const json::value>(json::array()), shared->listed_at};
    const bool is_young =
        !is_described || !HasComeRound(wanted.name, wanted.described_for, asked_at(), clock_.Now());
    if (known != shared->items.end() && known->second.item && is_young)
      co_return Known<Item>{known->second.item, known->second.asked_at};
  }
  if (wanted.group_of != nullptr)
    co_return co_await SeeGroup(client, shared, std::move(wanted), until - clock_.Steady());
  co_return co_await SeeOne(client, shared, std::move(wanted), look.self, until - clock_.Steady());
}

std::vector<Item> Inventory::Kept(const Call& listing) const {
  std::vector<Item> kept;
  const auto shared = shared_.find(KeyOf(listing));
  if (shared == shared_.end()) return kept;
  for (const auto& [name, seen] : shared->second->items)
    if (seen.item) kept.push_back(seen.item);
  return kept;
}

Task<Observed<Item>> Inventory::SeeGroup(Client& client, std::shared_ptr<Shared> shared, Wanted wanted,
                                         absl::Duration deadline) {
  Listing all = co_await client.ReadAll(wanted.one, deadline);
  if (!all.ok()) co_return Unknown{all.failure ? all.failure->status.message() : "no page came"};
  auto sorted =
      Sorted(std::move(all.items), wanted, [&](const std::string& name) { return name == wanted.name; });
  Item& group = sorted[wanted.name];
  if (!group) group = std::make_shared<const json::value>(json::array());
  shared->items[wanted.name] = {group, all.asked_at};
  co_return Known<Item>{group, all.asked_at};
}

Task<Reply> Inventory::ReadOne(Client& client, std::shared_ptr<Shared> shared, Wanted wanted,
                               absl::Duration deadline) {
  if (wanted.many.empty()) co_return co_await client.Read(wanted.one, deadline);
  if (!shared->together)
    shared->together = std::make_unique<clients::Gather<std::string, Reply>>(
        clients::Overlap::kOneByOne, kMostTogether,
        [client = &client, wanted](std::vector<std::string> names) {
          return ReadMany(client, wanted, std::move(names));
        });
  std::optional<Reply> reply = co_await shared->together->Put(wanted.name);
  co_return reply ? *std::move(reply) : Unsent(Aborted("whoever asked for all of them gave up"));
}

Task<Observed<Item>> Inventory::SeeOne(Client& client, std::shared_ptr<Shared> shared, Wanted wanted,
                                       ResourceKey self, absl::Duration deadline) {
  const absl::Duration until = clock_.Steady() + deadline;
  Reply reply = co_await ReadOne(client, shared, wanted, deadline);
  const bool is_missing = reply.failure && reply.failure->trouble == Trouble::kMissing;
  if (!reply.ok() && !is_missing) co_return Unknown{reply.status().message()};
  Item item = reply.ok() ? Pick(wanted, std::move(reply.body)) : nullptr;
  if (item) {
    shared->items[wanted.name] = {item, reply.asked_at};
    co_return Known<Item>{std::move(item), reply.asked_at};
  }
  // A listing that has it must be a younger one to contradict.
  absl::Time listed = clock_.Now() - kInterval;
  if (shared->Lists(wanted.name)) listed = std::max(listed, reply.asked_at);
  const Status swept =
      co_await Sweep(client, shared, wanted, std::move(self), listed, until - clock_.Steady());
  if (!swept.ok()) co_return Unknown{swept.message()};
  if (shared->Lists(wanted.name))
    co_return Unknown{Cat(wanted.name, " is in the listing but ", wanted.one.operation, " does not find it")};
  co_return Absent{Cat("neither among ", shared->listed, " in ", wanted.listing.operation, " nor found by ",
                       wanted.one.operation, " in ", wanted.listing.target.region),
                   std::min(reply.asked_at, shared->listed_at)};
}

// Takes a whole listing over and gives the names of what is another now, was not there or is gone.
std::vector<std::string> Inventory::Take(Shared& shared, Listing all, const Wanted& wanted) {
  // The first listing serves those who have not asked yet; later ones only who is watching.
  const bool is_first = shared.listed_at == absl::InfinitePast();
  const size_t count = all.items.size();
  shared.others.clear();
  auto listed = Sorted(std::move(all.items), wanted, [&](const std::string& name) {
    if (is_first || shared.watched.contains(name)) return true;
    shared.others.insert(absl::HashOf(name));
    return false;
  });
  std::vector<std::string> changed;
  for (auto entry = shared.items.begin(); entry != shared.items.end();) {
    const auto at = entry++;
    auto& [name, seen] = *at;
    const auto found = listed.find(name);
    const bool is_listed = found != listed.end();
    if (seen.asked_at < all.asked_at && !is_listed) {
      changed.push_back(name);
      shared.items.erase(at);
      continue;
    }
    if (!is_listed) continue;
    // A listing of names says nothing about what was read by itself.
    if (seen.asked_at < all.asked_at && found->second) {
      if (!IsSame(seen.item, found->second)) changed.push_back(name);
      seen = {std::move(found->second), all.asked_at};
    }
    listed.erase(found);
  }
  for (auto& [name, item] : listed) {
    if (!is_first) changed.push_back(name);
    const absl::Time asked_at = item ? all.asked_at : absl::InfinitePast();
    shared.items[name] = {std::move(item), asked_at};
  }
  shared.listed_at = all.asked_at;
  shared.listed = count;
  return changed;
}

Task<Status> Inventory::Sweep(Client& client, std::shared_ptr<Shared> shared, Wanted wanted, ResourceKey self,
                              absl::Time not_older_than, absl::Duration deadline) {
  const absl::Duration until = clock_.Steady() + deadline;
  const std::string& operation = wanted.listing.operation;
  while (shared->listed_at < not_older_than && shared->listing.under_way()) {
    co_await shared->listing.End(clock_, until - clock_.Steady());
    if (clock_.Steady() >= until) co_return DeadlineExceeded(Cat("still waiting for ", operation));
  }
  if (shared->listed_at >= not_older_than) co_return Status();
  if (clock_.Steady() - shared->failed_at < kAfterFailure) co_return shared->failure;

  const SingleFlight::Flight listing(shared->listing);
  Listing all = co_await client.ReadAll(wanted.listing, until - clock_.Steady());
  if (!all.ok()) {
    shared->failure = all.failure ? all.failure->status : Unavailable("no page came");
    shared->failed_at = clock_.Steady();
    co_return shared->failure;
  }
  for (const std::string& name : Take(*shared, std::move(all), wanted)) {
    const auto watching = shared->watched.find(name);
    if (watching == shared->watched.end()) continue;
    for (const ResourceKey& key : watching->second.who)
      if (key != self) waker_.LookNow(key, Cat(name, " changed in ", operation));
  }
  co_return Status();
}

}  // namespace holdfast::aws
