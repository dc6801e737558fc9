// EC2 instances, images and launch templates.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>
#include <vector>

#include "controller/base/json.h"

namespace holdfast::sandbox::aws {

using Tags = std::map<std::string, std::string>;

struct Machine {
  std::string id, image, type = "t3.micro", zone;
  enum class Is { kPending, kRunning, kShuttingDown, kTerminated } is = Is::kPending;
  absl::Time launched;
  // It answers its users from then until then.
  absl::Time serves_from = absl::InfiniteFuture(), serves_until = absl::InfiniteFuture();
  int reboots = 0;
  Tags tags;
  bool ServesAt(absl::Time time) const { return time >= serves_from && time < serves_until; }
};

struct Image {
  std::string id, name, from;  // `from`: the instance that it was made of
  enum class Is { kPending, kAvailable, kFailed } is = Is::kAvailable;
  absl::Time created, due = absl::InfiniteFuture();
  Tags tags;
  // What becomes of an instance that runs it.
  enum class Quality { kServes, kNeverServes, kDoesNotLaunch } quality = Quality::kServes;
};

struct LaunchTemplate {
  std::string id, name;
  std::vector<json::object> versions;  // LaunchTemplateData; the first is version 1
  int64_t usual = 1;                   // $Default
};

struct Machines {
  std::map<std::string, Machine> all;
  std::map<std::string, Image> images;
  std::map<std::string, LaunchTemplate> templates;     // by id
  absl::Duration image_takes = absl::Minutes(21);      // "just over 20 minutes"
  absl::Duration begins_to_serve = absl::Seconds(15);  // after it runs
  const LaunchTemplate* Template(const std::string& id, const std::string& name) const;
  absl::Time NextEvent() const;
  void Due(absl::Time now);
};

}  // namespace holdfast::sandbox::aws
