// Listings that all resources of an account share: one sweep an interval for everybody.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/task.h"
#include "controller/kind/resource.h"
#include "controller/kind/systems.h"
#include "controller/plan/observed.h"
#include "reconcilers/aws/packed.h"
#include "reconcilers/clients/aws/client.h"

namespace holdfast::aws {

// One thing among many that one operation lists.
struct Wanted {
  Call listing;             // all pages of it; parameters without a filter, so that everybody shares it
  std::string name_member;  // of each item: "AlarmName"; "" when the items are the names themselves
  std::string name;         // of the wanted one
  Call one;                 // the targeted read of just it: {"AlarmNames": ["web-cpu-high"]}
  std::string items;        // where `one` has it: a list ("MetricAlarms"), or the thing itself ("Table")
  // Above zero: the listing tells no more than that it is there. What `one` told is kept for so long at most:
  // each name has a moment of its own in every such time when it is read anew, so that the reads of many are
  // spread evenly over the sweeps.
  absl::Duration described_for = absl::ZeroDuration();
  // Given: `name` is that of a group of items, and the item that comes is the array of them, empty when there
  // are none. `one` is a listing then, too; what it gives of other groups is left out.
  std::string (*group_of)(const json::value& item) = nullptr;
  // Given: the parameter of `one` that is a list of names, "AlarmNames". What is asked for at once, and while
  // an answer is under way, is then asked for in one call, at most kMostTogether.
  std::string_view many = {};
};

// `systems.Use<Inventory>()`. Loop thread only.
class Inventory {
 public:
  Inventory(World& world, Waker& waker);
  ~Inventory();
  Inventory(const Inventory&) = delete;
  Inventory& operator=(const Inventory&) = delete;

  // Answers a routine look from the last whole listing when that is younger than kInterval, and makes a new
  // one else; those who ask meanwhile are answered from the last one up to kBelieved, and wait for the new
  // one when that is older. A listing keeps only what somebody has asked for, and of the rest that it is
  // there. What somebody demanded, touched or asked for ("fresh" in look.ask) is read by itself with `one`.
  // Absent needs both: a whole listing without it, and `one` without it. A listing that broke off at any page
  // is Unknown for everybody. After each new listing, those whose item changed are woken. `client` outlives
  // this.
  Task<Observed<Item>> See(Client& client, Wanted wanted, Look look, absl::Duration deadline);

  // The items of this listing that somebody watches and that were told of; there may be more.
  std::vector<Item> Kept(const Call& listing) const;

  static constexpr absl::Duration kInterval = absl::Seconds(30);
  static constexpr absl::Duration kBelieved = absl::Seconds(60);
  // A listing that failed is not tried again before.
  static constexpr absl::Duration kAfterFailure = absl::Seconds(5);
  // A page holds as many even where nobody asked for larger ones.
  static constexpr size_t kMostTogether = 50;
  static constexpr absl::Duration kTogetherDeadline = absl::Seconds(45);
  // What a kind writes into Plan::ask when its decision needs facts younger than a sweep.
  static constexpr std::string_view kFresh = "fresh";

 private:
  struct Shared;
  class Harvest;

  static std::vector<std::string> Take(Shared& shared, Harvest harvest, absl::Time asked_at);
  // Looks that wait are many: what they are about is kept once for all the frames of one.
  using Want = std::shared_ptr<const Wanted>;
  struct Asker {
    ResourceKey self;
    absl::Time need;  // of what is answered
  };
  Task<Observed<Item>> SeeAs(Client& client, std::shared_ptr<Shared> shared, Want want, Asker asker,
                             absl::Duration deadline);
  Task<Status> Sweep(Client& client, std::shared_ptr<Shared> shared, Want want, ResourceKey self,
                     absl::Time not_older_than, absl::Duration deadline);
  Task<Status> List(Client& client, std::shared_ptr<Shared> shared, Want want, ResourceKey self,
                    absl::Duration deadline);
  Task<Observed<Item>> SeeOne(Client& client, std::shared_ptr<Shared> shared, Want want, ResourceKey self,
                              absl::Duration deadline);
  static Task<Reply> ReadOne(Client& client, std::shared_ptr<Shared> shared, Want want,
                             absl::Duration deadline);
  static Task<Observed<Item>> SeeGroup(Client& client, std::shared_ptr<Shared> shared, Want want,
                                       absl::Duration deadline);

  Clock& clock_;
  Waker& waker_;
  std::map<std::string, std::shared_ptr<Shared>> shared_;  // by target, service and operation
};

}  // namespace holdfast::aws
