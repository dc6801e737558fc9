#include "reconcilers/sns_topic/subscriptions.h"

#include <utility>

#include "controller/base/event.h"
#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::topic {

struct Subscriptions::Shared {
  enum class Is { kIdle, kListing } is = Is::kIdle;
  std::map<std::string, std::vector<Subscribed>> by_topic;
  absl::Time listed_at = absl::InfinitePast();
  std::string failure;
  absl::Duration failed_at = -absl::InfiniteDuration();
  Event done;
};

namespace {

Subscribed Read(const json::value& item) {
  return {aws::TextAt(item, "Protocol").value_or(""), aws::TextAt(item, "Endpoint").value_or(""),
          aws::TextAt(item, "SubscriptionArn").value_or("")};
}

std::string Trouble(const aws::Listing& listing) {
  return listing.failure ? listing.failure->status.message() : std::string("no page came");
}

}  // namespace

Task<Observed<std::vector<Subscribed>>> Subscriptions::Targeted(aws::Client& client, aws::Target target,
                                                                std::string topic, absl::Duration deadline) {
  const aws::Listing listing = co_await client.ReadAll(
      {std::move(target), "sns", "ListSubscriptionsByTopic", json::object{{"TopicArn", JsonView(topic)}}},
      deadline);
  if (!listing.ok()) co_return Unknown{Trouble(listing)};
  std::vector<Subscribed> all;
  for (const json::value& item : listing.items) all.push_back(Read(item));
  co_return Observed<std::vector<Subscribed>>(std::move(all), listing.asked_at);
}

Task<Observed<std::vector<Subscribed>>> Subscriptions::Swept(aws::Client& client, aws::Target target,
                                                             std::string topic, absl::Duration deadline) {
  std::shared_ptr<Shared>& slot =
      shared_[Cat(target.account, " ", target.profile, " ", target.region, " ", target.endpoint)];
  if (!slot) slot = std::make_shared<Shared>();
  const std::shared_ptr<Shared> shared = slot;
  const absl::Duration until = clock_.Steady() + deadline;
  while (shared->is == Shared::Is::kListing) {
    co_await shared->done.Wait(clock_, until - clock_.Steady());
    if (clock_.Steady() >= until) co_return Unknown{"still waiting for ListSubscriptions"};
  }
  if (shared->listed_at < clock_.Now() - kInterval) {
    const bool failed_just_now = clock_.Steady() - shared->failed_at < kAfterFailure;
    if (!failed_just_now) co_await Sweep(client, shared, std::move(target), until - clock_.Steady());
    if (!shared->failure.empty()) co_return Unknown{shared->failure};
  }
  const auto found = shared->by_topic.find(topic);
  co_return Observed<std::vector<Subscribed>>(
      found == shared->by_topic.end() ? std::vector<Subscribed>() : found->second, shared->listed_at);
}

Task<void> Subscriptions::Sweep(aws::Client& client, std::shared_ptr<Shared> shared, aws::Target target,
                                absl::Duration deadline) {
  struct Listing {
    explicit Listing(Shared& shared) : shared(shared) { shared.is = Shared::Is::kListing; }
    ~Listing() {
      shared.is = Shared::Is::kIdle;
      shared.done.Ring();
    }
    Shared& shared;
  } const in_progress(*shared);
  const aws::Listing all =
      co_await client.ReadAll({std::move(target), "sns", "ListSubscriptions", json::object{}}, deadline);
  shared->failure = all.ok() ? "" : Trouble(all);
  if (!all.ok()) {
    shared->failed_at = clock_.Steady();
    co_return;
  }
  shared->by_topic.clear();
  for (const json::value& item : all.items)
    shared->by_topic[aws::TextAt(item, "TopicArn").value_or("")].push_back(Read(item));
  shared->listed_at = all.asked_at;
}

}  // namespace holdfast::topic
