#include "reconcilers/clients/aws/credential_chain.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::aws {

namespace {

constexpr std::string_view kAnyRegion = "us-east-1";  // STS of every region knows every role
constexpr std::string_view kRemedy =
    "Give holdfast's process one of these: a profile by `aws configure`, and `profile:` of the spec when it "
    "is "
    "not the default one; a role for the machine or the container; or both AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY";

std::string StsRegion(const clients::ClientSettings& settings, const Properties& profile) {
  if (const auto region = PropertyOf(profile, "region")) return *region;
  for (const std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (std::string region = EnvironmentOf(settings, name); !region.empty()) return region;
  return std::string(kAnyRegion);
}

std::string WhereText(const SharedConfig& config) {
  return Cat(config.config_path.empty() ? "(no HOME)" : config.config_path, " and ",
             config.credentials_path.empty() ? "(no HOME)" : config.credentials_path);
}

bool HasChainedRole(const Properties& profile) {
  return PropertyOf(profile, "role_arn").has_value() && !PropertyOf(profile, "web_identity_token_file");
}

Result<SsoQuestion> SsoOf(const SharedConfig& config, const std::string& name, const Properties& profile) {
  SsoQuestion out{.profile = name,
                  .start_url = PropertyOf(profile, "sso_start_url").value_or(""),
                  .region = PropertyOf(profile, "sso_region").value_or(""),
                  .account = PropertyOf(profile, "sso_account_id").value_or(""),
                  .role = PropertyOf(profile, "sso_role_name").value_or("")};
  if (const auto session = PropertyOf(profile, "sso_session")) {
    const auto found = config.sso_sessions.find(*session);
    if (found == config.sso_sessions.end())
      return Unauthenticated(Cat("profile ", name, ": there is no [sso-session ", *session, "]"));
    out.start_url = PropertyOf(found->second, "sso_start_url").value_or("");
    out.region = PropertyOf(found->second, "sso_region").value_or("");
  }
  if (out.start_url.empty() || out.region.empty() || out.role.empty())
    return Unauthenticated(Cat("profile ", name, ": sso_start_url, sso_region or sso_role_name is missing"));
  return out;
}

}  // namespace

absl::Duration CredentialChain::LeftOf(const Held& held) const {
  if (!held.credentials) return -absl::InfiniteDuration();
  return held.credentials->expires - from_.world.clock.Now();
}

Task<Result<Credentials>> CredentialChain::Get(std::string profile) {
  Held& held = held_[profile];  // a map's nodes stay where they are
  while (true) {
    const absl::Duration left = LeftOf(held);
    if (left > std::min(kRenewEarly, held.life / 4)) co_return *held.credentials;
    const bool is_usable = left > absl::ZeroDuration();
    if (held.renewal.under_way()) {
      if (left > std::min(kRenewNow, held.life / 8)) co_return *held.credentials;
      co_await held.renewal.End();
      continue;
    }
    if (from_.world.clock.Steady() < held.not_before) {
      if (is_usable) co_return *held.credentials;
      co_return held.failure;
    }
    const SingleFlight::Flight renewal(held.renewal);
    Result<Credentials> fresh = co_await Resolve(profile);
    held.failure = fresh.status();
    if (fresh.ok()) {
      held.credentials = *std::move(fresh);
      held.life = LeftOf(held);
      held.not_before = -absl::InfiniteDuration();
      if (held.life > absl::ZeroDuration()) co_return *held.credentials;
      held.failure = Unauthenticated(Cat(held.credentials->source, ": they have expired already"));
    }
    held.not_before = from_.world.clock.Steady() + kBetweenTries;
    if (LeftOf(held) > absl::ZeroDuration()) co_return *held.credentials;
    co_return held.failure;
  }
}

Task<Result<Credentials>> CredentialChain::GetOther(std::string profile, Credentials refused) {
  Held& held = held_[profile];
  if (held.credentials == refused && !held.renewal.under_way()) {
    if (from_.world.clock.Steady() < held.not_before)
      co_return Unauthenticated(Cat(refused.source, ": they were refused, and there are no others yet"));
    held.credentials.reset();
  }
  Result<Credentials> other = co_await Get(profile);
  if (!other.ok() ||
      !(other->key_id == refused.key_id && other->secret == refused.secret && other->token == refused.token))
    co_return other;
  held.not_before = from_.world.clock.Steady() + kBetweenTries;
  co_return Unauthenticated(Cat(refused.source, ": they were refused, and there are no others"));
}

Task<Result<Credentials>> CredentialChain::Resolve(std::string profile) {
  Result<Credentials> environment =
      profile.empty() ? FromEnvironment(from_.settings) : NotFound("a profile is named");
  if (environment.ok() || environment.status().code() != Code::kNotFound) co_return environment;
  Result<SharedConfig> config = LoadSharedConfig(from_.world.files, from_.settings);
  if (!config.ok()) co_return Unauthenticated(Cat("AWS configuration: ", config.status().message()));
  if (profile.empty()) co_return co_await FirstOf(*std::move(config));
  Result<Credentials> found = co_await FromProfile(*config, profile, {});
  if (found.ok() || found.status().code() != Code::kNotFound) co_return found;
  co_return Unauthenticated(Cat(found.status().message(), " (looked in ", WhereText(*config), ")"));
}

Task<Result<Credentials>> CredentialChain::FirstOf(SharedConfig config) {
  std::vector<std::string> looked = {"the environment: AWS_ACCESS_KEY_ID is not set"};
  const std::string name = ProfileName("", from_.settings);
  const auto profile = config.profiles.find(name);
  const bool has_role = profile != config.profiles.end() && HasChainedRole(profile->second);
  const std::string token_file = EnvironmentOf(from_.settings, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!token_file.empty() && !has_role) {
    const RoleQuestion role = HF_CO_TRY(RoleOfEnvironment(config));
    co_return co_await FromWebIdentity(from_, token_file, role);
  }
  Result<Credentials> found = co_await FromProfile(config, name, {});
  if (found.ok() || found.status().code() != Code::kNotFound) co_return found;
  looked.push_back(Cat(found.status().message(), " (in ", WhereText(config), ")"));
  looked.emplace_back("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  found = co_await FromContainer(from_);
  if (found.ok() || found.status().code() != Code::kNotFound) co_return found;
  looked.push_back(found.status().message());
  found = co_await FromInstance(from_);
  if (found.ok() || found.status().code() != Code::kNotFound) co_return found;
  looked.push_back(found.status().message());
  co_return Unauthenticated(Cat("no AWS credentials anywhere: ", Join(looked, "; "), ". ", kRemedy));
}

Task<Result<Credentials>> CredentialChain::FromProfile(SharedConfig config, std::string name,
                                                       std::vector<std::string> chain) {
  const auto found = config.profiles.find(name);
  if (found == config.profiles.end()) co_return NotFound(Cat("there is no profile ", name));
  const Properties profile = found->second;
  const std::string source = Cat("profile ", name);
  if (PropertyOf(profile, "role_arn") && std::ranges::count(chain, name) == 0) {
    chain.push_back(name);
    co_return co_await FromRoleOf(std::move(config), std::move(name), profile, std::move(chain));
  }
  if (PropertyOf(profile, "sso_account_id")) {
    const SsoQuestion sso = HF_CO_TRY(SsoOf(config, name, profile));
    co_return co_await FromSso(from_, sso);
  }
  Result<Credentials> keys = FromStaticKeys(profile, source);
  if (keys.ok() || keys.status().code() != Code::kNotFound) co_return keys;
  if (const auto process = PropertyOf(profile, "credential_process"))
    co_return co_await FromProcess(from_, *process, source);
  co_return NotFound(Cat(source, " has no credentials in it"));
}

Task<Result<Credentials>> CredentialChain::FromRoleOf(SharedConfig config, std::string name,
                                                      Properties profile, std::vector<std::string> chain) {
  const RoleQuestion role = HF_CO_TRY(RoleOf(config, name, profile));
  if (const auto token_file = PropertyOf(profile, "web_identity_token_file"))
    co_return co_await FromWebIdentity(from_, *token_file, role);
  if (PropertyOf(profile, "mfa_serial"))
    co_return Unauthenticated(Cat(role.source, ": mfa_serial asks for a code that nobody is there to type"));
  if (chain.size() > kMostChained)
    co_return Unauthenticated(Cat("profile ", chain.front(), ": more than ", kMostChained, " chained roles"));
  Result<Credentials> with =
      co_await SourceOf(std::move(config), std::move(name), std::move(profile), std::move(chain));
  // The profile names its source, so a source that is not there is a fault and not an invitation to look
  // further.
  if (!with.ok()) co_return Unauthenticated(Cat(role.source, ": ", with.status().message()));
  co_return co_await FromRole(from_, *std::move(with), role);
}

Task<Result<Credentials>> CredentialChain::SourceOf(SharedConfig config, std::string name, Properties profile,
                                                    std::vector<std::string> chain) {
  if (const auto source = PropertyOf(profile, "source_profile")) {
    // A profile may name itself and mean its own keys; everybody else who comes again is a circle.
    if (*source != name && std::ranges::count(chain, *source) > 0)
      co_return Unauthenticated(Cat("source_profile ", *source, " leads back to itself"));
    co_return co_await FromProfile(std::move(config), *source, std::move(chain));
  }
  const std::string source = PropertyOf(profile, "credential_source").value_or("");
  if (source == "Environment") co_return FromEnvironment(from_.settings);
  if (source == "EcsContainer") co_return co_await FromContainer(from_);
  if (source == "Ec2InstanceMetadata") co_return co_await FromInstance(from_);
  co_return Unauthenticated(
      "role_arn needs source_profile, web_identity_token_file or credential_source: Environment, "
      "EcsContainer or Ec2InstanceMetadata");
}

Result<RoleQuestion> CredentialChain::RoleOf(const SharedConfig& config, const std::string& name,
                                             const Properties& profile) const {
  RoleQuestion role{.role_arn = PropertyOf(profile, "role_arn").value_or(""),
                    .session_name = PropertyOf(profile, "role_session_name").value_or(""),
                    .external_id = PropertyOf(profile, "external_id").value_or("")};
  role.source = Cat("profile ", name, " (role ", Excerpt(role.role_arn, 200), ")");
  if (const auto duration = PropertyOf(profile, "duration_seconds")) {
    int64_t seconds = 0;
    for (const char c : *duration) {
      if (c < '0' || c > '9' || seconds > 1'000'000)
        return Unauthenticated(Cat("profile ", name, ": duration_seconds is no number of seconds"));
      seconds = seconds * 10 + (c - '0');
    }
    role.duration_seconds = seconds;
  }
  const EndpointQuestion question{StsRegion(from_.settings, profile), "", name};
  role.sts = HF_TRY(EndpointOf(*FindService("sts"), question, from_.settings, config));
  return role;
}

Result<RoleQuestion> CredentialChain::RoleOfEnvironment(const SharedConfig& config) const {
  RoleQuestion role{.role_arn = EnvironmentOf(from_.settings, "AWS_ROLE_ARN"),
                    .session_name = EnvironmentOf(from_.settings, "AWS_ROLE_SESSION_NAME")};
  if (role.role_arn.empty())
    return Unauthenticated("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  role.source = Cat("the web identity (role ", Excerpt(role.role_arn, 200), ")");
  role.sts = HF_TRY(
      EndpointOf(*FindService("sts"), {StsRegion(from_.settings, {}), "", ""}, from_.settings, config));
  return role;
}

}  // namespace holdfast::aws
