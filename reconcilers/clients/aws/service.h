// The services that are spoken to, and how each wants to be spoken to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace holdfast::aws {

enum class Protocol { kJson10, kJson11, kQuery, kEc2, kRestXml };

struct Service {
  std::string_view name;  // as the `aws` program names it: "dynamodb", "autoscaling", "elbv2"
  Protocol protocol = Protocol::kQuery;
  std::string_view host;     // the first part of its host's name
  std::string_view signing;  // its name in a signature's scope
  std::string_view version;
  std::string_view target;  // before the operation in X-Amz-Target, for JSON
  std::string_view id;      // in AWS_ENDPOINT_URL_<ID> and in the configuration file's services sections
  std::string_view iam;     // before the colon of its IAM actions
};

std::span<const Service> Services();
// Null when it is none of ours.
const Service* FindService(std::string_view name);

// Whether an operation changes anything.
enum class Effect { kRead, kWrite };
// Whether a good answer has a document in it.
enum class Output { kDocument, kNothing };

struct Operation {
  std::string_view service, name;
  Effect effect = Effect::kRead;
  Output output = Output::kDocument;
  std::string_view iam;   // the action it needs when that is not "<service>:<name>"
  std::string_view rate;  // its row in rates.h; "" is the service's own
};

// Everything that may be asked of AWS is in this table: nothing else is ever sent, and the IAM policy that
// specs need is read from it.
std::span<const Operation> Operations();
const Operation* FindOperation(std::string_view service, std::string_view name);
// "autoscaling:DescribeAutoScalingGroups".
std::string IamAction(const Operation& operation);

}  // namespace holdfast::aws
