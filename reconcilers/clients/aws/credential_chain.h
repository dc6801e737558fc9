// Credentials by profile, kept until shortly before they expire.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/single_flight.h"
#include "reconcilers/clients/aws/credential_sources.h"

namespace holdfast::aws {

// Loop thread only. Whoever finds credentials that end soon renews them for everybody; one renewal of a
// profile is under way at most.
class CredentialChain {
 public:
  CredentialChain(World world, const clients::ClientSettings& settings, Exchanger& exchanger)
      : from_{world, settings, exchanger} {}
  CredentialChain(const CredentialChain&) = delete;
  CredentialChain& operator=(const CredentialChain&) = delete;

  // Of a profile, or, when it is "", of the first place that has any: the environment, a role of the default
  // profile, a web identity, the default profile, the container, the instance. Unauthenticated says where it
  // looked. A named profile is never replaced by another place.
  Task<Result<Credentials>> Get(std::string profile);
  // Others than `refused`, which a service did not take any more.
  Task<Result<Credentials>> GetOther(std::string profile, Credentials refused);

  // Renewed from here on when it succeeds, …
  static constexpr absl::Duration kRenewEarly = absl::Minutes(15);
  // … and waited for from here on. Shorter lives are renewed in their last quarter and eighth.
  static constexpr absl::Duration kRenewNow = absl::Minutes(10);
  // After a failure, or after the same credentials came again.
  static constexpr absl::Duration kBetweenTries = absl::Seconds(15);
  static constexpr size_t kMostChained = 5;

 private:
  struct Held {
    std::optional<Credentials> credentials;
    absl::Duration life;  // when they were fetched
    Status failure;       // of the last renewal
    absl::Duration not_before = -absl::InfiniteDuration();
    SingleFlight renewal;
  };

  absl::Duration LeftOf(const Held& held) const;
  Task<Result<Credentials>> Resolve(std::string profile);
  Task<Result<Credentials>> FirstOf(SharedConfig config);
  Task<Result<Credentials>> FromProfile(SharedConfig config, std::string name,
                                        std::vector<std::string> chain);
  Task<Result<Credentials>> FromRoleOf(SharedConfig config, std::string name, Properties profile,
                                       std::vector<std::string> chain);
  Task<Result<Credentials>> SourceOf(SharedConfig config, std::string name, Properties profile,
                                     std::vector<std::string> chain);
  Result<RoleQuestion> RoleOf(const SharedConfig& config, const std::string& name,
                              const Properties& profile) const;
  Result<RoleQuestion> RoleOfEnvironment(const SharedConfig& config) const;

  SourceWorld from_;
  std::map<std::string, Held> held_;
};

}  // namespace holdfast::aws
