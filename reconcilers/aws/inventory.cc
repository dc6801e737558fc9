#include "reconcilers/aws/inventory.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>
#include <absl/container/node_hash_map.h>
#include <absl/hash/hash.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "controller/base/moment.h"
#include "controller/base/single_flight.h"
#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/gather.h"

namespace holdfast::aws {

struct Inventory::Shared {
  // One name, listed or watched.
  struct Thing {
    bool is_listed = false;
    // What the last page with it told: nothing but its name, or what is known of it. Counts when `page_of` is
    // the listing in hand.
    enum class Page : uint8_t { kNamed, kSame, kOvertaken } page = Page::kNamed;
    uint32_t page_of = 0;
    Moment asked_at;  // when it was told of last
    Packed item;      // what was told; "" when it was only listed
    Moment watched_since = absl::InfiniteFuture();
    absl::InlinedVector<ResourceKey, 1> watchers;

    bool is_told() const { return !item.empty(); }
    bool is_watched() const { return !watchers.empty(); }
    // By itself, or by a listing.
    void Tell(Packed told, absl::Time at) {
      is_listed = true, item = std::move(told), asked_at = at;
      // What the page told is not known any more.
      if (page == Page::kSame) page = Page::kOvertaken;
    }
    void Forget() { is_listed = false, item = Packed(), asked_at = Moment(); }
  };

  Packer packer;
  absl::node_hash_map<std::string, Thing> things;
  // Hashes of the names that the last whole listing had and nobody watched: their items were not kept.
  absl::flat_hash_set<size_t> others;
  absl::Time listed_at = absl::InfinitePast();  // when the last whole listing was asked for
  size_t listed = 0;                            // how many there were
  Status failure;
  absl::Duration failed_at = -absl::InfiniteDuration();
  SingleFlight listing;
  uint32_t listings = 0;                                          // begun
  std::unique_ptr<clients::Gather<std::string, Reply>> together;  // targeted reads by name

  bool LeftOut(const std::string& name) const { return others.contains(absl::HashOf(name)); }
  bool Lists(const std::string& name) const {
    const auto found = things.find(name);
    return (found != things.end() && found->second.is_listed) || LeftOut(name);
  }
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

// Whether a moment that is the name's own, one in every `cycle`, has passed since then. So names that were
// described together at the start come round evenly, and each sweep describes its share of them.
bool HasComeRound(const std::string& name, absl::Duration cycle, absl::Time since, absl::Time now) {
  const auto laps = [&](absl::Time at) {
    const double phase = static_cast<double>(absl::HashOf(name) % 100'000) / 100'000;
    return std::floor(absl::FDivDuration(at - absl::UnixEpoch(), cycle) - phase);
  };
  return since == absl::InfinitePast() || laps(now) > laps(since);
}

}  // namespace

// What a listing tells, packed while its pages come. Most is as it was, and not kept a second time.
class Inventory::Harvest {
 public:
  Harvest(const Wanted& wanted, Shared& shared) : wanted_(wanted), shared_(shared) { ++shared.listings; }

  void Put(json::value item) {
    ++count_;
    const std::string name = NameOf(item, wanted_);
    if (wanted_.group_of != nullptr)
      groups_[name].push_back(std::move(item));  // may be spread over pages
    else if (wanted_.described_for > absl::ZeroDuration())
      Name(name);
    else
      Tell(name, item);
  }

  // By name: what was not known or is another now, and "" for names that were not known.
  absl::flat_hash_map<std::string, Packed> Others() && {
    for (auto& [name, group] : groups_) Tell(name, std::move(group));
    return std::move(others_);
  }
  size_t count() const { return count_; }

 private:
  using Page = Shared::Thing::Page;

  void Mark(Shared::Thing& thing, Page page) { thing.page = page, thing.page_of = shared_.listings; }
  void Name(const std::string& name) {
    const auto known = shared_.things.find(name);
    if (known == shared_.things.end())
      others_.try_emplace(name);
    else
      Mark(known->second, Page::kNamed);
  }
  void Tell(const std::string& name, const json::value& item) {
    Packed packed = shared_.packer.Pack(item);
    const auto known = shared_.things.find(name);
    if (known != shared_.things.end() && known->second.item == packed)
      Mark(known->second, Page::kSame);
    else
      others_.try_emplace(name, std::move(packed));
  }

  const Wanted& wanted_;
  Shared& shared_;
  size_t count_ = 0;
  absl::flat_hash_map<std::string, json::array> groups_;
  absl::flat_hash_map<std::string, Packed> others_;
};

Inventory::Inventory(World& world, Waker& waker) : clock_(world.clock), waker_(waker) {}
Inventory::~Inventory() = default;

Task<Observed<Item>> Inventory::See(Client& client, Wanted wanted, Look look, absl::Duration deadline) {
  std::shared_ptr<Shared>& shared = shared_[KeyOf(wanted.listing)];
  if (!shared) shared = std::make_shared<Shared>();
  absl::Time need = look.demanded;
  if (!look.touched.empty()) need = std::max(need, look.touched_not_older_than);
  if (look.Asks(kFresh)) need = std::max(need, look.not_older_than);
  return SeeAs(client, shared, std::make_shared<const Wanted>(std::move(wanted)),
               {std::move(look.self), need}, deadline);
}

Task<Observed<Item>> Inventory::SeeAs(Client& client, std::shared_ptr<Shared> shared, Want want, Asker asker,
                                      absl::Duration deadline) {
  const absl::Duration until = clock_.Steady() + deadline;
  // What is watched stays where it is.
  Shared::Thing& thing = shared->things[want->name];
  if (!thing.is_watched()) thing.watched_since = clock_.Now();
  if (std::ranges::find(thing.watchers, asker.self) == thing.watchers.end())
    thing.watchers.push_back(asker.self);

  if (asker.need == absl::InfinitePast() || thing.asked_at >= asker.need) {
    const bool is_described = want->described_for > absl::ZeroDuration();
    // Nobody waits for a listing that is under way while the one before it may be believed: at its end, those
    // whose item changed are woken.
    absl::Time routine = clock_.Now() - (shared->listing.under_way() ? kBelieved : kInterval);
    if (!is_described && shared->LeftOut(want->name))
      routine = std::max<absl::Time>(routine, thing.watched_since);
    if (shared->listed_at < routine) {
      const Status listed =
          co_await Sweep(client, shared, want, asker.self, routine, until - clock_.Steady());
      if (!listed.ok()) co_return Unknown{listed.message()};
    }
    if (want->group_of != nullptr && !shared->Lists(want->name))
      co_return Known<Item>{std::make_shared<const json::value>(json::array()), shared->listed_at};
    const bool is_young =
        !is_described || !HasComeRound(want->name, want->described_for, thing.asked_at, clock_.Now());
    if (thing.is_told() && is_young) co_return Known<Item>{shared->packer.Unpack(thing.item), thing.asked_at};
  }
  if (want->group_of != nullptr)
    co_return co_await SeeGroup(client, shared, std::move(want), until - clock_.Steady());
  co_return co_await SeeOne(client, shared, std::move(want), asker.self, until - clock_.Steady());
}

std::vector<Item> Inventory::Kept(const Call& listing) const {
  std::vector<Item> kept;
  const auto shared = shared_.find(KeyOf(listing));
  if (shared == shared_.end()) return kept;
  for (const auto& [name, thing] : shared->second->things)
    if (thing.is_told()) kept.push_back(shared->second->packer.Unpack(thing.item));
  return kept;
}

Task<Observed<Item>> Inventory::SeeGroup(Client& client, std::shared_ptr<Shared> shared, Want want,
                                         absl::Duration deadline) {
  const Listing all = co_await client.ReadAll(want->one, deadline);
  if (!all.ok()) co_return Unknown{all.failure ? all.failure->status.message() : "no page came"};
  json::array group;
  for (const json::value& item : all.items)
    if (NameOf(item, *want) == want->name) group.push_back(item);
  auto item = std::make_shared<const json::value>(std::move(group));
  shared->things[want->name].Tell(shared->packer.Pack(*item), all.asked_at);
  co_return Known<Item>{std::move(item), all.asked_at};
}

Task<Reply> Inventory::ReadOne(Client& client, std::shared_ptr<Shared> shared, Want want,
                               absl::Duration deadline) {
  if (want->many.empty()) co_return co_await client.Read(want->one, deadline);
  if (!shared->together)
    shared->together = std::make_unique<clients::Gather<std::string, Reply>>(
        clients::Overlap::kOneByOne, kMostTogether, [client = &client, want](std::vector<std::string> names) {
          return ReadMany(client, *want, std::move(names));
        });
  std::optional<Reply> reply = co_await shared->together->Put(want->name);
  co_return reply ? *std::move(reply) : Unsent(Aborted("whoever asked for all of them gave up"));
}

Task<Observed<Item>> Inventory::SeeOne(Client& client, std::shared_ptr<Shared> shared, Want want,
                                       ResourceKey self, absl::Duration deadline) {
  const absl::Duration until = clock_.Steady() + deadline;
  Reply reply = co_await ReadOne(client, shared, want, deadline);
  const bool is_missing = reply.failure && reply.failure->trouble == Trouble::kMissing;
  if (!reply.ok() && !is_missing) co_return Unknown{reply.status().message()};
  Item item = reply.ok() ? Pick(*want, std::move(reply.body)) : nullptr;
  if (item) {
    shared->things[want->name].Tell(shared->packer.Pack(*item), reply.asked_at);
    co_return Known<Item>{std::move(item), reply.asked_at};
  }
  // A listing that has it must be a younger one to contradict.
  absl::Time listed = clock_.Now() - kInterval;
  if (shared->Lists(want->name)) listed = std::max(listed, reply.asked_at);
  const Status swept = co_await Sweep(client, shared, want, std::move(self), listed, until - clock_.Steady());
  if (!swept.ok()) co_return Unknown{swept.message()};
  if (shared->Lists(want->name))
    co_return Unknown{Cat(want->name, " is in the listing but ", want->one.operation, " does not find it")};
  co_return Absent{Cat("neither among ", shared->listed, " in ", want->listing.operation, " nor found by ",
                       want->one.operation, " in ", want->listing.target.region),
                   std::min(reply.asked_at, shared->listed_at)};
}

// Takes a whole listing over and gives the names of what is another now, was not there or is gone.
std::vector<std::string> Inventory::Take(Shared& shared, Harvest harvest, absl::Time asked_at) {
  using Page = Shared::Thing::Page;
  // The first listing serves those who have not asked yet; later ones only who is watching.
  const bool is_first = shared.listed_at == absl::InfinitePast();
  shared.listed_at = asked_at;
  shared.listed = harvest.count();
  shared.others.clear();
  std::vector<std::string> changed;
  auto others = std::move(harvest).Others();
  for (auto& [name, packed] : others) {
    if (is_first) shared.things.try_emplace(name);
    if (!shared.things.contains(name)) shared.others.insert(absl::HashOf(name));
  }
  absl::erase_if(shared.things, [&](auto& entry) {
    auto& [name, thing] = entry;
    const auto other = others.find(name);
    const bool is_known = thing.page_of == shared.listings, is_there = is_known || other != others.end();
    if (!is_first && !thing.is_watched()) {
      if (is_there) shared.others.insert(absl::HashOf(name));
      return true;
    }
    // What was read by itself since the listing was asked for is younger.
    if (thing.is_listed && thing.asked_at >= asked_at) return false;
    bool is_another = thing.is_listed != is_there && !is_first;
    if (!is_there) {
      thing.Forget();
    } else if (is_known && thing.page == Page::kSame) {
      thing.asked_at = asked_at;
    } else if (is_known && thing.page == Page::kOvertaken) {
      thing.Forget(), is_another = true;  // an older answer came after the page: it is read by itself
    } else if (!is_known && !other->second.empty()) {
      is_another = is_another || thing.is_listed;
      thing.Tell(std::move(other->second), asked_at);
    }  // else a listing of names, which says nothing about what was read by itself
    thing.is_listed = is_there;
    if (is_another) changed.push_back(name);
    return false;
  });
  return changed;
}

Task<Status> Inventory::Sweep(Client& client, std::shared_ptr<Shared> shared, Want want, ResourceKey self,
                              absl::Time not_older_than, absl::Duration deadline) {
  const absl::Duration until = clock_.Steady() + deadline;
  while (shared->listed_at < not_older_than && shared->listing.under_way()) {
    co_await shared->listing.End(clock_, until - clock_.Steady());
    if (clock_.Steady() >= until)
      co_return DeadlineExceeded(Cat("still waiting for ", want->listing.operation));
  }
  if (shared->listed_at >= not_older_than) co_return Status();
  if (clock_.Steady() - shared->failed_at < kAfterFailure) co_return shared->failure;
  co_return co_await List(client, shared, std::move(want), std::move(self), until - clock_.Steady());
}

Task<Status> Inventory::List(Client& client, std::shared_ptr<Shared> shared, Want want, ResourceKey self,
                             absl::Duration deadline) {
  const SingleFlight::Flight listing(shared->listing);
  Harvest harvest(*want, *shared);
  const Listing all = co_await client.ReadEach(
      want->listing, [&](json::value item) { harvest.Put(std::move(item)); }, deadline);
  if (!all.ok()) {
    shared->failure = all.failure ? all.failure->status : Unavailable("no page came");
    shared->failed_at = clock_.Steady();
    co_return shared->failure;
  }
  for (const std::string& name : Take(*shared, std::move(harvest), all.asked_at)) {
    const auto thing = shared->things.find(name);
    if (thing == shared->things.end()) continue;
    for (const ResourceKey& key : thing->second.watchers)
      if (key != self) waker_.LookNow(key, Cat(name, " changed in ", want->listing.operation));
  }
  co_return Status();
}

}  // namespace holdfast::aws
