// The places that credentials come from, each asked once.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/world.h"
#include "reconcilers/clients/aws/exchange.h"
#include "reconcilers/clients/aws/profile.h"
#include "reconcilers/clients/settings.h"

namespace holdfast::aws {

// What every source needs; what it refers to outlives the call.
struct SourceWorld {
  World world;
  const clients::ClientSettings& settings;
  Exchanger& exchanger;
};

// All of these: NotFound says that this place is not set up, so that the next one may be asked; every other
// error is a place that is set up and does not work. No message quotes what the place answered.

Result<Credentials> FromEnvironment(const clients::ClientSettings& settings);
Result<Credentials> FromStaticKeys(const Properties& profile, std::string_view source);
// A program that prints credentials as JSON; it is split into words, never given to a shell.
Task<Result<Credentials>> FromProcess(SourceWorld from, std::string command_line, std::string source);
// ECS and EKS: $AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI.
Task<Result<Credentials>> FromContainer(SourceWorld from);
// IMDSv2. There is no way back to version 1: whoever can make us send a plain GET could use it, too.
Task<Result<Credentials>> FromInstance(SourceWorld from);

struct RoleQuestion {
  std::string role_arn, session_name, external_id;
  std::optional<int64_t> duration_seconds;
  Endpoint sts;
  std::string source;
};
Task<Result<Credentials>> FromRole(SourceWorld from, Credentials with, RoleQuestion role);
// The token file is read anew each time.
Task<Result<Credentials>> FromWebIdentity(SourceWorld from, std::string token_file, RoleQuestion role);

struct SsoQuestion {
  std::string profile, start_url, region, account, role;
};
// With the token that `aws sso login` left; an expired one is Unauthenticated and says what to run.
Task<Result<Credentials>> FromSso(SourceWorld from, SsoQuestion sso);

// "a 'b c' d\ e" is {"a", "b c", "d e"}. InvalidArgument: an open quote.
Result<std::vector<std::string>> SplitWords(std::string_view line);

inline constexpr absl::Duration kProcessDeadline = absl::Minutes(1);
inline constexpr absl::Duration kContainerDeadline = absl::Seconds(2);
inline constexpr int kContainerTries = 3;
inline constexpr absl::Duration kInstanceDeadline = absl::Seconds(1);
inline constexpr absl::Duration kStsDeadline = absl::Seconds(10);
inline constexpr size_t kMostCredentialBytes = 64 << 10;

}  // namespace holdfast::aws
