// Calls to AWS: with credentials, at the right account, no faster than allowed.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/single_flight.h"
#include "controller/world/world.h"
#include "reconcilers/clients/aws/credential_chain.h"
#include "reconcilers/clients/aws/exchange.h"
#include "reconcilers/clients/aws/pages.h"
#include "reconcilers/clients/aws/rates.h"
#include "reconcilers/clients/settings.h"

namespace holdfast::aws {

// Whom to ask.
struct Target {
  std::string account;  // twelve digits; "" is whoever the credentials belong to
  std::string region;
  std::string profile;   // "" is the first credentials that are found
  std::string endpoint;  // "" is as the environment and the configuration file say
  bool operator==(const Target&) const = default;
};

struct Call {
  Target target;
  std::string service, operation;  // rows of service.h
  json::value parameters;          // as `aws SERVICE OPERATION --cli-input-json` takes them
};

// Loop thread only; what it refers to outlives it.
class Client {
 public:
  Client(World world, const clients::ClientSettings& settings);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // An operation that changes nothing, up to kMostAttempts times while the trouble is passing.
  Task<Reply> Read(Call call, absl::Duration deadline);
  // An operation that changes something, sent once. Only what the service refused unread is sent again: when
  // the credentials had expired or the clock was wrong. `failure->applied` says whether it may have happened.
  Task<Reply> Write(Call call, absl::Duration deadline);
  // All pages of a listing, or a failure and no item at all: half a listing would make the rest look absent.
  Task<Listing> ReadAll(Call call, absl::Duration deadline);
  // The same for who needs no list of them: each item goes to `take` when its page comes, also those of a
  // listing that fails later.
  Task<Listing> ReadEach(Call call, TakeItem take, absl::Duration deadline);

  // The account that the target's credentials belong to, pinned at the first use of the profile.
  // PermissionDenied when it is not the wanted one or changed since.
  Task<Result<std::string>> Account(Target target, absl::Duration deadline);

  // How far the clock of the target's service is ahead of ours, as its answers say; less than Skews::kTold is
  // zero. Requests are signed with its time; whoever compares a time that it told with ours takes this off.
  absl::Duration SkewOf(const Target& target, std::string_view service);

  // How long until a write may be sent, as far as the rate is concerned; `place` names it in the line. Zero
  // while nobody knows whose account it is.
  absl::Duration RoomIn(const Target& target, const Operation& operation, const std::string& place);

  Buckets& buckets() { return buckets_; }

  static constexpr int kMostAttempts = 3;
  static constexpr absl::Duration kMostBackoff = absl::Seconds(20);
  static constexpr absl::Duration kConfigFor = absl::Minutes(1);
  static constexpr absl::Duration kBetweenIdentities = absl::Seconds(15);
  // Credentials of the wrong account are looked for anew, in case somebody has put the right ones there.
  static constexpr absl::Duration kBetweenOthers = absl::Minutes(1);
  // Retries of all reads together, so that an outage is not answered with three times the calls.
  static constexpr int kRetryQuota = 500, kRetryCost = 5, kUnreachedCost = 10;

 private:
  // A call with everything that it needs but credentials.
  struct Prepared {
    Question question;
    Target target;
    Bucket* bucket = nullptr;
  };
  // What is known of an access key.
  struct Identity {
    std::optional<std::string> account;
    Status failure;
    absl::Duration not_before = -absl::InfiniteDuration();
    SingleFlight asking;
  };

  Result<Endpoint> EndpointFor(const Service& service, const Target& target);
  bool MayLookForOthers(const std::string& profile);
  Task<Result<Prepared>> Prepare(Call call, Effect effect, absl::Duration deadline);
  Task<Result<std::string>> Verified(Target target, Credentials credentials, absl::Duration deadline);
  Task<Result<std::string>> Identify(Target target, Credentials credentials, absl::Duration deadline);
  Task<Reply> Attempt(const Prepared* call, absl::Duration deadline);
  absl::Duration Backoff(const Reply& reply, int attempt);

  World world_;
  const clients::ClientSettings& settings_;
  Exchanger exchanger_;
  CredentialChain chain_;
  Buckets buckets_;
  std::optional<SharedConfig> config_;
  absl::Duration config_at_;
  std::map<std::string, Identity> identities_;               // by access key
  std::map<std::string, std::string> pinned_;                // account by profile
  std::map<std::string, absl::Duration> looked_for_others_;  // when, by profile
  int retry_quota_ = kRetryQuota;
};

}  // namespace holdfast::aws
