// Everything that is in a simulated account, as it truly is.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "examples/sandbox/aws/alarms.h"
#include "examples/sandbox/aws/balancers.h"
#include "examples/sandbox/aws/groups.h"
#include "examples/sandbox/aws/machines.h"
#include "examples/sandbox/aws/metrics.h"
#include "examples/sandbox/aws/tables.h"
#include "examples/sandbox/aws/topics.h"
#include "examples/sandbox/hosts.h"

namespace holdfast::sandbox::aws {

// Another owner of capacity: Application Auto Scaling.
struct ScalableTarget {
  std::string service, resource, dimension, role;  // "table/users", "dynamodb:table:ReadCapacityUnits"
  int64_t min = 0, max = 0;
  absl::Time created;
  std::vector<json::object> policies;
};

// Something that was done or came about.
struct AccountEffect {
  absl::Time at;
  By by = By::kNature;
  std::string what;  // an operation, or "Launched", "Terminated", "AlarmState", "TableState", …
  std::string whom;  // the name of what it happened to
  json::value parameters;
};

struct Ground {
  std::string account, region;
  absl::Time now;
  uint64_t next_id = 1;

  Tables tables;
  std::map<std::string, ScalableTarget> scalable;  // by "resource dimension"
  Metrics metrics;
  Alarms alarms;
  Topics topics;
  Groups groups;
  Machines machines;
  Balancers balancers;

  std::vector<AccountEffect> news;  // what came about and was not told yet

  std::string Arn(std::string_view service, std::string_view rest) const {
    return Cat("arn:aws:", service, ":", region, ":", account, ":", rest);
  }
  std::string NewId(std::string_view prefix);  // "i-0…", "ami-0…"
  std::string NewUuid();
  void Happened(std::string what, std::string whom) {
    news.push_back({now, By::kNature, std::move(what), std::move(whom), {}});
  }
};

}  // namespace holdfast::sandbox::aws
