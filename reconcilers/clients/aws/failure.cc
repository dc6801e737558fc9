#include "reconcilers/clients/aws/failure.h"

#include <array>

namespace holdfast::aws {

namespace {

// The first row that fits counts. An empty service is any; an empty message is any, else it is how the
// message begins. Services change codes rarely and texts more often, so a text only refines.
struct Row {
  std::string_view service, code, message;
  Trouble trouble;
};
using T = Trouble;
constexpr std::array kRows = {
    // DynamoDB's one code for a tag lock, an index under way, the decrease budget and the account's limits.
    Row{"dynamodb", "LimitExceededException", "Only 1 online index", T::kBusy},
    Row{"dynamodb", "ThrottlingException", "", T::kThrottled},
    Row{"autoscaling", "ValidationError", "AutoScalingGroup name not found", T::kMissing},
    Row{"autoscaling", "ValidationError", "Launch configuration name not found", T::kMissing},
    // Sent with HTTP 500, though it says that nothing was done.
    Row{"autoscaling", "ResourceContention", "", T::kBusy},
    Row{"elbv2", "PriorRequestNotComplete", "", T::kBusy},
    Row{"elb", "InvalidInstance", "", T::kMissing},

    Row{"", "BandwidthLimitExceeded", "", T::kThrottled},
    Row{"", "DependentServiceRequestThrottlingFault", "", T::kThrottled},
    Row{"", "EC2ThrottledException", "", T::kThrottled},
    Row{"", "ProvisionedThroughputExceededException", "", T::kThrottled},
    Row{"", "RequestLimitExceeded", "", T::kThrottled},
    Row{"", "RequestThrottled", "", T::kThrottled},
    Row{"", "RequestThrottledException", "", T::kThrottled},
    Row{"", "SlowDown", "", T::kThrottled},
    Row{"", "Throttled", "", T::kThrottled},
    Row{"", "ThrottledException", "", T::kThrottled},
    Row{"", "Throttling", "", T::kThrottled},
    Row{"", "ThrottlingException", "", T::kThrottled},
    Row{"", "TooManyRequestsException", "", T::kThrottled},

    Row{"", "ConcurrentModification", "", T::kBusy},
    Row{"", "ConcurrentModificationException", "", T::kBusy},
    Row{"", "ConcurrentUpdateException", "", T::kBusy},
    Row{"", "InstanceRefreshInProgress", "", T::kBusy},
    Row{"", "ResourceInUse", "", T::kBusy},
    Row{"", "ResourceInUseException", "", T::kBusy},
    Row{"", "ScalingActivityInProgress", "", T::kBusy},
    Row{"", "StaleTag", "", T::kBusy},
    Row{"", "TransactionInProgressException", "", T::kBusy},

    Row{"", "FilterPolicyLimitExceeded", "", T::kQuota},
    Row{"", "LimitExceeded", "", T::kQuota},
    Row{"", "LimitExceededException", "", T::kQuota},
    Row{"", "LimitExceededFault", "", T::kQuota},
    Row{"", "SubscriptionLimitExceeded", "", T::kQuota},
    Row{"", "TopicLimitExceeded", "", T::kQuota},

    Row{"", "ActiveInstanceRefreshNotFound", "", T::kMissing},
    Row{"", "LoadBalancerNotFound", "", T::kMissing},
    Row{"", "NoSuchBucket", "", T::kMissing},
    Row{"", "NoSuchLifecycleConfiguration", "", T::kMissing},
    Row{"", "NoSuchTagSet", "", T::kMissing},
    Row{"", "NotFound", "", T::kMissing},
    Row{"", "ObjectNotFoundException", "", T::kMissing},
    Row{"", "ResourceNotFound", "", T::kMissing},
    Row{"", "ResourceNotFoundException", "", T::kMissing},
    Row{"", "TableNotFoundException", "", T::kMissing},
    Row{"", "TargetGroupNotFound", "", T::kMissing},

    Row{"", "ExpiredToken", "", T::kExpired},
    Row{"", "ExpiredTokenException", "", T::kExpired},
    Row{"", "InvalidAccessKeyId", "", T::kExpired},
    Row{"", "InvalidClientTokenId", "", T::kExpired},
    Row{"", "InvalidToken", "", T::kExpired},
    Row{"", "TokenRefreshRequired", "", T::kExpired},
    Row{"", "UnrecognizedClientException", "", T::kExpired},

    Row{"", "RequestExpired", "", T::kSkewed},
    Row{"", "RequestInTheFuture", "", T::kSkewed},
    Row{"", "RequestTimeTooSkewed", "", T::kSkewed},
    Row{"", "AuthFailure", "", T::kMaybeSkewed},
    Row{"", "InvalidSignatureException", "", T::kMaybeSkewed},
    Row{"", "SignatureDoesNotMatch", "", T::kMaybeSkewed},

    Row{"", "AccessDenied", "", T::kDenied},
    Row{"", "AccessDeniedException", "", T::kDenied},
    Row{"", "AuthorizationError", "", T::kDenied},
    Row{"", "IncompleteSignature", "", T::kDenied},
    Row{"", "MissingAuthenticationToken", "", T::kDenied},
    Row{"", "MissingAuthenticationTokenException", "", T::kDenied},
    Row{"", "OptInRequired", "", T::kDenied},
    Row{"", "UnauthorizedOperation", "", T::kDenied},

    Row{"", "HealthUnavailable", "", T::kTransient},
    Row{"", "IDPCommunicationError", "", T::kTransient},
    Row{"", "InternalError", "", T::kTransient},
    Row{"", "InternalFailure", "", T::kTransient},
    Row{"", "InternalServerError", "", T::kTransient},
    Row{"", "InternalServiceError", "", T::kTransient},
    Row{"", "InternalServiceFault", "", T::kTransient},
    Row{"", "RequestTimeout", "", T::kTransient},
    Row{"", "RequestTimeoutException", "", T::kTransient},
    Row{"", "ServiceUnavailable", "", T::kTransient},
    Row{"", "ServiceUnavailableException", "", T::kTransient},
    Row{"", "Unavailable", "", T::kTransient},
};

bool Fits(const Row& row, std::string_view service, const ServiceError& error) {
  return (row.service.empty() || row.service == service) && row.code == error.code &&
         error.message.starts_with(row.message);
}

}  // namespace

std::string_view TroubleName(Trouble trouble) {
  static constexpr std::string_view kNames[] = {"throttled", "transient", "busy",   "quota",        "missing",
                                                "denied",    "expired",   "skewed", "maybe skewed", "refused",
                                                "foreign",   "unreached", "ours"};
  return kNames[static_cast<size_t>(trouble)];
}

Trouble Classify(std::string_view service, const ServiceError& error) {
  for (const Row& row : kRows)
    if (Fits(row, service, error)) return row.trouble;
  if (error.code.empty()) {
    if (error.http_status == 429) return T::kThrottled;
    return T::kForeign;
  }
  if (error.code.ends_with(".NotFound")) return T::kMissing;  // EC2 has one for each type
  switch (error.http_status) {
    case 429:
      return T::kThrottled;
    case 500:
    case 502:
    case 503:
    case 504:
    case 509:
      return T::kTransient;
    default:
      return T::kRefused;
  }
}

Applied AppliedDespite(Trouble trouble) {
  switch (trouble) {
    case T::kTransient:
    case T::kForeign:
    case T::kUnreached:
      return Applied::kMaybe;
    default:
      return Applied::kNo;
  }
}

Code CodeOf(Trouble trouble) {
  switch (trouble) {
    case T::kThrottled:
      return Code::kResourceExhausted;
    case T::kTransient:
    case T::kForeign:
    case T::kUnreached:
      return Code::kUnavailable;
    case T::kBusy:
      return Code::kAborted;
    case T::kQuota:
    case T::kRefused:
      return Code::kFailedPrecondition;
    case T::kMissing:
      return Code::kNotFound;
    case T::kDenied:
      return Code::kPermissionDenied;
    case T::kExpired:
    case T::kSkewed:
    case T::kMaybeSkewed:
      return Code::kUnauthenticated;
    case T::kOurs:
      break;
  }
  return Code::kInvalidArgument;
}

bool IsPassing(Trouble trouble) {
  return trouble == T::kThrottled || trouble == T::kTransient || trouble == T::kForeign ||
         trouble == T::kUnreached;
}

}  // namespace holdfast::aws
