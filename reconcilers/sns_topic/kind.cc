#include "reconcilers/sns_topic/kind.h"

#include <array>

#include "reconcilers/aws/location.h"

namespace holdfast {

std::vector<std::string> SnsTopic::Claims(const Spec& spec) {
  return {aws::ClaimOf(spec.location, "sns", "topic", spec.name)};
}

std::span<const aws::Need> SnsTopic::Needs() {
  static constexpr std::array kNeeds = {
      aws::Need{"sns", "CreateTopic", "{name}"},
      aws::Need{"sns", "DeleteTopic", "{name}"},
      aws::Need{"sns", "GetTopicAttributes", "{name}"},
      aws::Need{"sns", "ListSubscriptions", ""},  // a listing is of all topics
      aws::Need{"sns", "ListSubscriptionsByTopic", "{name}"},
      aws::Need{"sns", "ListTagsForResource", "{name}"},
      aws::Need{"sns", "ListTopics", ""},
      aws::Need{"sns", "Subscribe", "{name}"},
      aws::Need{"sns", "TagResource", "{name}"},  // for the tag that a new topic is made with
  };
  return kNeeds;
}

}  // namespace holdfast
