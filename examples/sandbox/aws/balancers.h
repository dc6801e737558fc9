// Load balancers, classic ones and target groups, whose view of health lags behind the truth.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>

#include "examples/sandbox/aws/machines.h"

namespace holdfast::sandbox::aws {

struct Balancer {
  std::string name, arn;                         // `arn` of a target group
  std::map<std::string, absl::Time> registered;  // instance → since when
};

struct Balancers {
  std::map<std::string, Balancer> classic;  // by name
  std::map<std::string, Balancer> targets;  // target groups by ARN
  absl::Duration lag = absl::Seconds(20);   // what is seen is so old
};

enum class Health { kNotRegistered, kComing, kHealthy, kUnhealthy };
Health HealthIn(const Balancers& balancers, const Balancer& balancer, const Machines& machines,
                const std::string& instance, absl::Time now);

}  // namespace holdfast::sandbox::aws
