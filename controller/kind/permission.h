// What the controller must be allowed to do elsewhere for a spec.
#pragma once

#include <string>

namespace holdfast {

// As AWS writes them: "cloudwatch:PutMetricAlarm" on "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu".
struct Permission {
  std::string action;
  std::string resource = "*";
  bool operator==(const Permission&) const = default;
  auto operator<=>(const Permission&) const = default;
};

}  // namespace holdfast
