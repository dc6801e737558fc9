#include <algorithm>
#include <utility>

#include "reconcilers/aws/inventory.h"
#include "reconcilers/aws/tags.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/system.h"
#include "reconcilers/sns_topic/kind.h"

namespace holdfast {
namespace {

using namespace topic;

constexpr absl::Duration kDeadline = absl::Seconds(50);

aws::Wanted WantedOf(const aws::Target& target, const std::string& arn) {
  return {.listing = {target, "sns", "ListTopics", json::object{}},
          .name_member = "TopicArn",
          .name = arn,
          .one = {target, "sns", "GetTopicAttributes", json::object{{"TopicArn", JsonView(arn)}}},
          .items = "Attributes"};
}

std::string TopicOf(const json::value& item) { return aws::TextAt(item, "TopicArn").value_or(""); }

aws::Wanted SubscriptionsOf(const aws::Target& target, const std::string& arn) {
  return {.listing = {target, "sns", "ListSubscriptions", json::object{}},
          .name = arn,
          .one = {target, "sns", "ListSubscriptionsByTopic", json::object{{"TopicArn", JsonView(arn)}}},
          .group_of = TopicOf};
}

Observed<std::vector<Subscribed>> ReadSubscriptions(const Observed<aws::Item>& items) {
  return items.Match(
      [](const Known<aws::Item>& known) -> Observed<std::vector<Subscribed>> {
        if (!known.value->is_array()) return Unknown{"the subscriptions are no list"};
        std::vector<Subscribed> all;
        for (const json::value& item : known.value->get_array())
          all.push_back({aws::TextAt(item, "Protocol").value_or(""),
                         aws::TextAt(item, "Endpoint").value_or(""),
                         aws::TextAt(item, "SubscriptionArn").value_or("")});
        return {std::move(all), known.at};
      },
      [](const Absent& absent) -> Observed<std::vector<Subscribed>> {
        return {std::vector<Subscribed>(), absent.at};
      },
      [](const Unknown& unknown) -> Observed<std::vector<Subscribed>> { return unknown; });
}

}  // namespace

Task<Observed<topic::State>> SnsTopic::Observe(Systems& systems, std::shared_ptr<const Spec> want,
                                               Look look) {
  aws::Client& client = systems.Use<aws::System>().client;
  aws::Inventory& inventory = systems.Use<aws::Inventory>();
  const aws::Target target = aws::TargetOf(want->location);
  const bool asks_tags = look.Asks(kAskTags);
  const absl::Time fresh_since = look.not_older_than;
  // A topic's name is whole only with its account.
  const Result<std::string> account = co_await client.Account(target, kDeadline);
  if (!account.ok()) co_return Unknown{account.status().message()};
  const std::string arn = aws::ArnOf(want->location.region, *account, "sns", want->name);
  const Observed<aws::Item> item = co_await inventory.See(client, WantedOf(target, arn), look, kDeadline);
  State state;
  std::string trouble;
  absl::Time at;
  item.Match([&](const Known<aws::Item>& known) { at = known.at, state.topic = Known<Topic>{{arn}, at}; },
             [&](const Absent& absent) { at = absent.at, state.topic = absent; },
             [&](const Unknown& unknown) { trouble = unknown.reason; });
  if (!trouble.empty()) co_return Unknown{trouble};
  if (std::holds_alternative<Absent>(state.topic)) co_return Observed<State>(std::move(state), at);
  state.subscriptions = ReadSubscriptions(
      co_await inventory.See(client, SubscriptionsOf(target, arn), std::move(look), kDeadline));
  state.subscriptions.Match(
      [&](const Known<std::vector<Subscribed>>& known) {
        if (known.at >= fresh_since) state.read = State::Read::kTargeted;
      },
      [](const Absent&) {}, [](const Unknown&) {});
  if (asks_tags)
    state.tags = co_await aws::ReadTags(
        client, {target, "sns", "ListTagsForResource", json::object{{"ResourceArn", JsonView(arn)}}},
        kDeadline);
  co_return Observed<State>(std::move(state), at);
}

}  // namespace holdfast
