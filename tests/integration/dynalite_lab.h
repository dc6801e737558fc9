// A DynamoDB whose tables take their time: what moto changes at once is CREATING or UPDATING here.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "tests/integration/lab.h"

namespace holdfast::aws {

// dynalite as it is installed from npm: tables only. It counts decreases and echoes old values as AWS does,
// limits nothing and refuses nothing that comes while a table is UPDATING.
class Dynalite {
 public:
  // The program's path, or "" when it is not installed.
  static std::string Program();
  // Starts it and waits until it answers; a test failure when it does not. A table is CREATING or UPDATING
  // for `window`.
  Dynalite(clients::Lab& lab, clients::RealRig& rig, absl::Duration window);

  const std::string& url() const { return url_; }

 private:
  std::string url_;
};

}  // namespace holdfast::aws
