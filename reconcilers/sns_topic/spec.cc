#include "reconcilers/sns_topic/spec.h"

#include <algorithm>
#include <array>

#include "controller/base/text.h"
#include "specs/problem.h"

namespace holdfast::topic {
namespace {

using specs::FieldTable;
using specs::Node;
using specs::ProblemCode;
using specs::Problems;

constexpr std::string_view kFifo = ".fifo";

void CheckSubscription(const Subscription& subscription, const Node& node, Problems& problems) {
  const std::string& endpoint = subscription.endpoint;
  const auto wrong = [&](std::string_view what, std::string_view help) {
    problems
        .Error(ProblemCode::kRule, node.Find("endpoint").span(),
               Cat("`", Excerpt(endpoint, 80), "` is no ", what))
        .Help(std::string(help));
  };
  switch (subscription.protocol) {
    case Protocol::kEmail:
    case Protocol::kEmailJson:
      if (endpoint.find('@') == std::string::npos) wrong("e-mail address", "such as ops@example.com");
      break;
    case Protocol::kHttp:
      if (!endpoint.starts_with("http://")) wrong("http URL", "such as http://hooks.example.com/aws");
      break;
    case Protocol::kHttps:
      if (!endpoint.starts_with("https://")) wrong("https URL", "such as https://hooks.example.com/aws");
      break;
    case Protocol::kSms:
      if (!endpoint.starts_with('+')) wrong("telephone number", "with the country's code: +15550100");
      break;
    default:
      if (!endpoint.starts_with("arn:"))
        wrong("whole name", "such as arn:aws:sqs:us-east-1:123456789012:alarms");
  }
}

void CheckSpec(const Spec& spec, const Node& node, Problems& problems) {
  size_t at = 0;
  for (const Node& item : node.Find("subscriptions")) {
    if (at >= spec.subscriptions.size()) break;
    const auto begin = spec.subscriptions.begin(), here = begin + static_cast<ptrdiff_t>(at++);
    if (std::count(begin, here, *here) > 0)
      problems.Error(ProblemCode::kRule, item.span(), "the same subscription stands twice in the list")
          .Help("keep one of them");
  }
  const bool is_queue = spec.name.ends_with(kFifo);
  for (const Subscription& subscription : spec.subscriptions)
    if (is_queue && subscription.protocol != Protocol::kSqs)
      problems.Error(ProblemCode::kRule, node.Find("name").span(), "a .fifo topic tells queues only")
          .Help("take .fifo off the name, or subscribe SQS queues");
}

const FieldTable<Subscription>& SubscriptionFields() {
  static const FieldTable<Subscription> table =
      FieldTable<Subscription>("Who is told.")
          .Enum("protocol", &Subscription::protocol,
                {{"http", Protocol::kHttp},
                 {"https", Protocol::kHttps},
                 {"email", Protocol::kEmail},
                 {"email-json", Protocol::kEmailJson},
                 {"sms", Protocol::kSms},
                 {"sqs", Protocol::kSqs},
                 {"application", Protocol::kApplication},
                 {"lambda", Protocol::kLambda},
                 {"firehose", Protocol::kFirehose}},
                "By which way.", {.required = true})
          .Field("endpoint", &Subscription::endpoint, "Where: an address, a URL, a number, a whole name.",
                 {.required = true, .max_length = 2048, .example = "ops@example.com"})
          .Check(CheckSubscription);
  return table;
}

}  // namespace

const specs::FieldTable<Spec>& SpecFields() {
  static const FieldTable<Spec> table =
      FieldTable<Spec>("A topic and who is told of what is published to it.")
          .Named("SnsTopic")
          .Inline(&Spec::location, aws::LocationFields)
          .Field("name", &Spec::name, "The topic's name; one that ends in .fifo keeps the order.",
                 {.required = true,
                  .pattern = "[A-Za-z0-9_-]{1,251}(\\.fifo)?",
                  .pattern_says = "letters, digits, - and _",
                  .example = "ops"})
          .List("subscriptions", &Spec::subscriptions, SubscriptionFields,
                "Who is subscribed. Others that are subscribed stay so.", {.max_items = 100})
          .Check(CheckSpec);
  return table;
}

std::string_view ProtocolText(Protocol protocol) {
  constexpr std::array<std::string_view, 9> kTexts = {"http", "https",       "email",  "email-json", "sms",
                                                      "sqs",  "application", "lambda", "firehose"};
  return kTexts[static_cast<size_t>(protocol)];
}

std::string SubscriptionText(const Subscription& subscription) {
  return Cat(ProtocolText(subscription.protocol), " ", subscription.endpoint);
}

}  // namespace holdfast::topic
