// What changes on the board, as it changes.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/cli/call.h"

namespace holdfast::cli {

// Follows the board's cursor, so that only what changed travels. A daemon that goes away is waited for; when
// it is back, or another one answers, everything is told anew.
class Follower {
 public:
  static constexpr absl::Duration kAskEvery = absl::Milliseconds(500);
  static constexpr absl::Duration kAskDownEvery = absl::Seconds(2);

  explicit Follower(Call& call) : call_(call) {}
  // The status of everything at first, then documents of /api/v1/changes that are not empty. Blocks until
  // there is one; Aborted when a signal came. Whether nobody answers the very first time is for the caller.
  Result<json::object> Next();

 private:
  Result<json::object> Whole();
  Status WaitForDaemon(const Status& why_down);

  Call& call_;
  int64_t version_ = 0;
  std::string epoch_;
  enum class Told { kNothing, kWhole } told_ = Told::kNothing;
};

// The code for a command that people end with ^C: 130, or 143 for SIGTERM; nothing is said.
int EndOfFollowing(Call& call);
// False when nobody reads any more.
bool WriteNow(Call& call, std::string_view text);

}  // namespace holdfast::cli
