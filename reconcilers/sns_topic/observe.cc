#include <algorithm>
#include <utility>

#include "reconcilers/aws/inventory.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/system.h"
#include "reconcilers/sns_topic/kind.h"
#include "reconcilers/sns_topic/subscriptions.h"

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

bool Asks(const Look& look, std::string_view what) { return std::ranges::count(look.ask, what) > 0; }

bool WantsTargeted(const Look& look) {
  return look.demanded > absl::InfinitePast() || !look.touched.empty() || Asks(look, aws::Inventory::kFresh);
}

Task<Observed<std::map<std::string, std::string>>> TagsOf(aws::Client& client, aws::Target target,
                                                          std::string arn) {
  const aws::Reply reply = co_await client.Read(
      {std::move(target), "sns", "ListTagsForResource", json::object{{"ResourceArn", JsonView(arn)}}},
      kDeadline);
  if (!reply.ok()) co_return Unknown{reply.status().message()};
  const auto list = aws::ListAt(reply.body, "Tags");
  if (!list) co_return Unknown{"the answer has no Tags"};
  std::map<std::string, std::string> tags;
  for (const json::value* tag : *list)
    tags[aws::TextAt(*tag, "Key").value_or("")] = aws::TextAt(*tag, "Value").value_or("");
  co_return Observed<std::map<std::string, std::string>>(std::move(tags), reply.asked_at);
}

}  // namespace

Task<Observed<topic::State>> SnsTopic::Observe(Systems& systems, std::shared_ptr<const Spec> want,
                                               Look look) {
  aws::Client& client = systems.Use<aws::System>().client;
  Subscriptions& subscriptions = systems.Use<Subscriptions>();
  const aws::Target target = aws::TargetOf(want->location);
  const bool is_targeted = WantsTargeted(look), asks_tags = Asks(look, kAskTags);
  // A topic's name is whole only with its account.
  const Result<std::string> account = co_await client.Account(target, kDeadline);
  if (!account.ok()) co_return Unknown{account.status().message()};
  const std::string arn = aws::ArnOf(want->location.region, *account, "sns", want->name);
  const Observed<aws::Item> item =
      co_await systems.Use<aws::Inventory>().See(client, WantedOf(target, arn), std::move(look), kDeadline);
  State state;
  std::string trouble;
  absl::Time at;
  item.Match([&](const Known<aws::Item>& known) { at = known.at, state.topic = Known<Topic>{{arn}, at}; },
             [&](const Absent& absent) { at = absent.at, state.topic = absent; },
             [&](const Unknown& unknown) { trouble = unknown.reason; });
  if (!trouble.empty()) co_return Unknown{trouble};
  if (std::holds_alternative<Absent>(state.topic)) co_return Observed<State>(std::move(state), at);
  if (is_targeted) {
    state.subscriptions = co_await subscriptions.Targeted(client, target, arn, kDeadline);
    state.read = State::Read::kTargeted;
  } else {
    state.subscriptions = co_await subscriptions.Swept(client, target, arn, kDeadline);
  }
  if (asks_tags) state.tags = co_await TagsOf(client, target, arn);
  co_return Observed<State>(std::move(state), at);
}

}  // namespace holdfast
