// SNS topics with their subscriptions.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>

namespace holdfast::sandbox::aws {

struct Topic {
  std::string arn, name;
  std::map<std::string, std::string> attributes, tags;
};

struct Subscription {
  std::string arn, topic, protocol, endpoint;
  enum class Is { kPending, kConfirmed } is = Is::kPending;
  absl::Time asked_at;
  int letters = 0;  // requests for confirmation that were sent
  std::map<std::string, std::string> attributes;
};

struct Topics {
  std::map<std::string, Topic> all;                   // by ARN
  std::map<std::string, Subscription> subscriptions;  // by ARN
  static constexpr absl::Duration kPendingFor = absl::Hours(72);
  absl::Time NextEvent() const;
  void Due(absl::Time now);
};

}  // namespace holdfast::sandbox::aws
