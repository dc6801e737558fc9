// The account of AWS that a simulated world has, as people write it.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "examples/sandbox/aws/account.h"
#include "specs/field_table.h"

namespace holdfast::sandbox {

struct IndexSpec {
  std::string name;
  int64_t read = 5, write = 5;
};
struct LoadSpec {
  double read = 0, write = 0;
};
struct TableSpec {
  std::string name;
  int64_t read = 5, write = 5;
  std::vector<IndexSpec> indexes;
  LoadSpec load;
};
struct GroupSpec {
  std::string name;
  int64_t min = 1, max = 4, desired = 2;
  std::vector<std::string> balancers;
};
struct AlarmSpec {
  std::string name, name_space, metric, statistic = "Average", comparison = "GreaterThanOrEqualToThreshold";
  std::map<std::string, std::string> dimensions;
  absl::Duration period = absl::Minutes(5);
  int64_t evaluation_periods = 1;
  double threshold = 0;
  std::vector<std::string> actions;
};
struct MetricSpec {
  std::string name_space, name;
  std::map<std::string, std::string> dimensions;
  double value = 0;
};
struct AccountSpec {
  std::string listen;
  std::string id = "123456789012", region = "us-east-1", key = "AKIDSANDBOX";
  aws::Account::Rates rates = aws::Account::Rates::kPublished;
  std::vector<TableSpec> tables;
  std::vector<GroupSpec> groups;
  std::vector<std::string> topics, images;
  std::vector<AlarmSpec> alarms;
  std::vector<MetricSpec> metrics;
};
const specs::FieldTable<AccountSpec>& AccountFields();

}  // namespace holdfast::sandbox
