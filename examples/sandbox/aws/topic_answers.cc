// SNS, and who is asking.
#include <utility>

#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kPage = 100;

Fault NoTopic() { return {"NotFound", "Topic does not exist", 404}; }
Fault NoSubscription() { return {"NotFound", "Subscription does not exist", 404}; }

std::string ShownArn(const Subscription& subscription) {
  return subscription.is == Subscription::Is::kPending ? "PendingConfirmation" : subscription.arn;
}

json::object AttributesDocument(const std::map<std::string, std::string>& attributes) {
  json::object out;
  for (const auto& [key, value] : attributes) out[key] = Word(value);
  return out;
}

Said Subscriptions(Call& call, const std::string& topic) {
  json::array subscriptions;
  const std::string token = PageOf(
      call.seen.topics.subscriptions, call.Text("NextToken"), kPage,
      [&](const Subscription& one) { return topic.empty() || one.topic == topic; },
      [&](const Subscription& one) {
        subscriptions.push_back(json::object{{"SubscriptionArn", Word(ShownArn(one))},
                                             {"Owner", Word(call.seen.account)},
                                             {"Protocol", Word(one.protocol)},
                                             {"Endpoint", Word(one.endpoint)},
                                             {"TopicArn", Word(one.topic)}});
      });
  json::object out = {{"Subscriptions", std::move(subscriptions)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Topic* TopicOf(Call& call, std::string_view member) {
  const auto found = call.truth.topics.all.find(call.Text(member));
  return found == call.truth.topics.all.end() ? nullptr : &found->second;
}

}  // namespace

std::map<std::string, std::string> TagsIn(const json::value& parameters, std::string_view member) {
  std::map<std::string, std::string> out;
  for (const json::value* one : ListAt(parameters, member).value_or(std::vector<const json::value*>()))
    if (const auto key = TextAt(*one, "Key")) out[*key] = TextAt(*one, "Value").value_or("");
  return out;
}

json::array TagList(const std::map<std::string, std::string>& tags) {
  json::array out;
  for (const auto& [key, value] : tags)
    out.push_back(json::object{{"Key", Word(key)}, {"Value", Word(value)}});
  return out;
}

Said GetCallerIdentity(Call& call) {
  return json::object{{"Arn", Word(Cat("arn:aws:iam::", call.seen.account, ":user/ops"))},
                      {"UserId", "AIDASANDBOX"},
                      {"Account", Word(call.seen.account)}};
}

Said ListTopics(Call& call) {
  json::array topics;
  const std::string token = PageOf(
      call.seen.topics.all, call.Text("NextToken"), kPage, [](const Topic&) { return true; },
      [&](const Topic& topic) { topics.push_back(json::object{{"TopicArn", Word(topic.arn)}}); });
  json::object out = {{"Topics", std::move(topics)}};
  if (!token.empty()) out["NextToken"] = Word(token);
  return out;
}

Said CreateTopic(Call& call) {
  Ground& ground = call.truth;
  const std::string name = call.Text("Name");
  if (name.empty()) return Fault{"InvalidParameter", "Invalid parameter: Topic Name"};
  const std::string arn = ground.Arn("sns", name);
  const auto [at, is_new] = ground.topics.all.try_emplace(arn);
  Topic& topic = at->second;
  const std::map<std::string, std::string> tags = TagsIn(call.asked.parameters, "Tags");
  if (!is_new && !tags.empty() && tags != topic.tags)
    return Fault{"InvalidParameter",
                 "Invalid parameter: Tags Reason: Topic already exists with different tags"};
  if (is_new) {
    topic.arn = arn;
    topic.name = name;
    topic.tags = tags;
    topic.attributes = {{"TopicArn", arn}, {"Owner", ground.account}, {"DisplayName", ""}};
    if (const json::value* given = At(call.asked.parameters, "Attributes"); given && given->is_object())
      for (const auto& one : given->get_object())
        topic.attributes[std::string(Chars(one.key()))] = Chars(one.value().as_string());
  }
  return json::object{{"TopicArn", Word(arn)}};
}

Said DeleteTopic(Call& call) {
  const std::string arn = call.Text("TopicArn");
  call.truth.topics.all.erase(arn);
  std::erase_if(call.truth.topics.subscriptions,
                [&](const auto& entry) { return entry.second.topic == arn; });
  return json::object();
}

Said GetTopicAttributes(Call& call) {
  const auto found = call.seen.topics.all.find(call.Text("TopicArn"));
  if (found == call.seen.topics.all.end()) return NoTopic();
  std::map<std::string, std::string> attributes = found->second.attributes;
  int pending = 0, confirmed = 0;
  for (const auto& [arn, one] : call.seen.topics.subscriptions)
    if (one.topic == found->first) ++(one.is == Subscription::Is::kPending ? pending : confirmed);
  attributes["SubscriptionsPending"] = Cat(pending);
  attributes["SubscriptionsConfirmed"] = Cat(confirmed);
  attributes["SubscriptionsDeleted"] = "0";
  return json::object{{"Attributes", AttributesDocument(attributes)}};
}

Said SetTopicAttributes(Call& call) {
  Topic* topic = TopicOf(call, "TopicArn");
  if (topic == nullptr) return NoTopic();
  topic->attributes[call.Text("AttributeName")] = call.Text("AttributeValue");
  return json::object();
}

Said ListSubscriptions(Call& call) { return Subscriptions(call, ""); }

Said ListSubscriptionsByTopic(Call& call) {
  const std::string arn = call.Text("TopicArn");
  if (!call.seen.topics.all.contains(arn)) return NoTopic();
  return Subscriptions(call, arn);
}

Said Subscribe(Call& call) {
  Ground& ground = call.truth;
  const Topic* topic = TopicOf(call, "TopicArn");
  if (topic == nullptr) return NoTopic();
  const std::string protocol = call.Text("Protocol"), endpoint = call.Text("Endpoint");
  if (protocol.empty() || endpoint.empty())
    return Fault{"InvalidParameter", "Invalid parameter: Endpoint and Protocol are required"};
  Subscription* found = nullptr;
  for (auto& [arn, one] : ground.topics.subscriptions)
    if (one.topic == topic->arn && one.protocol == protocol && one.endpoint == endpoint) found = &one;
  if (found == nullptr) {
    const std::string arn = Cat(topic->arn, ":", ground.NewUuid());
    found = &ground.topics.subscriptions[arn];
    *found = {.arn = arn, .topic = topic->arn, .protocol = protocol, .endpoint = endpoint};
    found->asked_at = ground.now;
    const bool needs_nobody = protocol == "sqs" || protocol == "lambda" || protocol == "sms";
    if (needs_nobody) found->is = Subscription::Is::kConfirmed;
  }
  const bool is_pending = found->is == Subscription::Is::kPending;
  if (is_pending) {
    ++found->letters;
    found->asked_at = ground.now;
  }
  const bool wants_arn = call.IsSet("ReturnSubscriptionArn");
  return json::object{
      {"SubscriptionArn", Word(is_pending && !wants_arn ? "pending confirmation" : found->arn)}};
}

Said Unsubscribe(Call& call) {
  const std::string arn = call.Text("SubscriptionArn");
  if (!arn.starts_with("arn:"))
    return Fault{"InvalidParameter",
                 Cat("Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not ",
                     Split(arn, ':').size())};
  call.truth.topics.subscriptions.erase(arn);
  return json::object();
}

Said GetSubscriptionAttributes(Call& call) {
  const auto found = call.seen.topics.subscriptions.find(call.Text("SubscriptionArn"));
  if (found == call.seen.topics.subscriptions.end()) return NoSubscription();
  std::map<std::string, std::string> attributes = found->second.attributes;
  const bool is_pending = found->second.is == Subscription::Is::kPending;
  attributes["SubscriptionArn"] = found->second.arn;
  attributes["TopicArn"] = found->second.topic;
  attributes["Protocol"] = found->second.protocol;
  attributes["Endpoint"] = found->second.endpoint;
  attributes["PendingConfirmation"] = is_pending ? "true" : "false";
  return json::object{{"Attributes", AttributesDocument(attributes)}};
}

Said SetSubscriptionAttributes(Call& call) {
  const auto found = call.truth.topics.subscriptions.find(call.Text("SubscriptionArn"));
  if (found == call.truth.topics.subscriptions.end()) return NoSubscription();
  found->second.attributes[call.Text("AttributeName")] = call.Text("AttributeValue");
  return json::object();
}

Said ListTopicTags(Call& call) {
  const auto found = call.seen.topics.all.find(call.Text("ResourceArn"));
  if (found == call.seen.topics.all.end()) return Fault{"ResourceNotFound", "Resource does not exist", 404};
  return json::object{{"Tags", TagList(found->second.tags)}};
}

Said TagTopic(Call& call) {
  Topic* topic = TopicOf(call, "ResourceArn");
  if (topic == nullptr) return Fault{"ResourceNotFound", "Resource does not exist", 404};
  for (const auto& [key, value] : TagsIn(call.asked.parameters, "Tags")) topic->tags[key] = value;
  return json::object();
}

Said UntagTopic(Call& call) {
  Topic* topic = TopicOf(call, "ResourceArn");
  if (topic == nullptr) return Fault{"ResourceNotFound", "Resource does not exist", 404};
  for (const std::string& key : call.Texts("TagKeys")) topic->tags.erase(key);
  return json::object();
}

}  // namespace holdfast::sandbox::aws
