// What people write about a topic of SNS.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/aws/location.h"
#include "specs/field_table.h"

namespace holdfast::topic {

enum class Protocol { kHttp, kHttps, kEmail, kEmailJson, kSms, kSqs, kApplication, kLambda, kFirehose };
// As the service writes it.
std::string_view ProtocolText(Protocol protocol);

struct Subscription {
  Protocol protocol = Protocol::kEmail;
  std::string endpoint;
  bool operator==(const Subscription&) const = default;
};
// "email ops@example.com"
std::string SubscriptionText(const Subscription& subscription);

struct Spec {
  aws::Location location;
  std::string name;
  std::vector<Subscription> subscriptions;
};

const specs::FieldTable<Spec>& SpecFields();

}  // namespace holdfast::topic
