// Performing calls to AWS.
#pragma once

#include <absl/time/time.h>

#include "controller/plan/doors.h"
#include "reconcilers/clients/aws/system.h"

namespace holdfast::aws {

// Every other action goes on to another door. A call whose outcome is not known is never sent again; a
// refusal, a throttle among them, is told as one, because then nothing was done.
class AwsDoors : public Doors {
 public:
  // Both outlive this.
  AwsDoors(System& system, Doors& otherwise) : system_(system), otherwise_(otherwise) {}

  Task<Outcome> Perform(Action action, absl::Duration deadline) override;
  absl::Duration RoomIn(const Action& action) override;

  static constexpr size_t kMostDetail = 400;

 private:
  Task<Outcome> Do(AwsCall call, absl::Duration deadline);

  System& system_;
  Doors& otherwise_;
};

// The parameters with every secret in its place, quoted as JSON wants it.
Result<json::value> ParametersOf(clients::Secrets& secrets, const Text& parameters);

}  // namespace holdfast::aws
