#include "reconcilers/cloudwatch_alarm/kind.h"

#include <array>

#include "reconcilers/aws/location.h"

namespace holdfast {

std::vector<std::string> CloudWatchAlarm::Claims(const Spec& spec) {
  return {aws::ClaimOf(spec.location, "cloudwatch", "alarm", spec.name)};
}

std::span<const aws::Need> CloudWatchAlarm::Needs() {
  static constexpr std::array kNeeds = {
      aws::Need{"cloudwatch", "DeleteAlarms", "alarm:{name}"},
      aws::Need{"cloudwatch", "DescribeAlarms", ""},  // a listing is of all alarms
      aws::Need{"cloudwatch", "EnableAlarmActions", "alarm:{name}"},
      aws::Need{"cloudwatch", "ListTagsForResource", "alarm:{name}"},
      aws::Need{"cloudwatch", "PutMetricAlarm", "alarm:{name}"},
      aws::Need{"cloudwatch", "TagResource", "alarm:{name}"},  // for the tag that a new alarm is made with
  };
  return kNeeds;
}

}  // namespace holdfast
