// The two sources that answer on a link-local address: containers and instances.
#include <array>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/credential_sources.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::aws {

namespace {

constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr std::string_view kInstanceHost = "http://169.254.169.254";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";

// Over plain HTTP the token would be told to whoever the variable names, so only these may be named.
bool IsSafeContainerUrl(std::string_view url) {
  if (url.starts_with("https://")) return true;
  if (!url.starts_with("http://")) return false;
  std::string_view host = url.substr(sizeof("http://") - 1);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) return false;
  const size_t port = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  host = host.substr(0, port);
  static constexpr std::array<std::string_view, 5> kHosts = {"localhost", "[::1]", "169.254.170.2",
                                                             "169.254.170.23", "[fd00:ec2::23]"};
  for (const std::string_view allowed : kHosts)
    if (host == allowed) return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<Credentials> MetadataCredentials(const HttpResponse& response, const std::string& source) {
  const Result<json::value> answer = ParseJson(response.body);
  if (!answer.ok()) return Unauthenticated(Cat(source, ": the answer is ", answer.status().message()));
  Credentials out{.key_id = TextAt(*answer, "AccessKeyId").value_or(""),
                  .secret = TextAt(*answer, "SecretAccessKey").value_or(""),
                  .token = TextAt(*answer, "Token").value_or(""),
                  .source = source};
  const std::optional<absl::Time> expires = TimeAt(*answer, "Expiration");
  if (out.key_id.empty() || out.secret.empty() || !expires)
    return Unauthenticated(Cat(source, ": the answer has no credentials in it (Code ",
                               Excerpt(TextAt(*answer, "Code").value_or("is missing"), 40), ")"));
  out.expires = *expires;
  return out;
}

Result<std::string> ContainerToken(SourceWorld& from) {
  const std::string file = EnvironmentOf(from.settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  std::string token = EnvironmentOf(from.settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (!file.empty()) token = std::string(Trim(HF_TRY(from.world.files.Read(file, kMostCredentialBytes))));
  if (token.find_first_of("\r\n") != std::string::npos)
    return Unauthenticated("the container's authorization token has a line break in it");
  return token;
}

}  // namespace

Task<Result<Credentials>> FromContainer(SourceWorld from) {
  const std::string relative = EnvironmentOf(from.settings, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = EnvironmentOf(from.settings, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty())
    co_return NotFound("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set");
  const std::string source = "the container's credentials";
  HttpRequest request;
  request.url = relative.empty() ? full : Cat(kContainerHost, relative.starts_with('/') ? "" : "/", relative);
  if (!IsSafeContainerUrl(request.url))
    co_return Unauthenticated(Cat(source, ": AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor local"));
  const Result<std::string> token = ContainerToken(from);
  if (!token.ok()) co_return Unauthenticated(Cat(source, ": ", token.status().message()));
  if (!token->empty()) request.headers.emplace_back("Authorization", *token);
  Status last;
  for (int attempt = 1; attempt <= kContainerTries; ++attempt) {
    if (attempt > 1) co_await from.world.clock.Sleep(absl::Seconds(1));
    const Result<HttpResponse> response =
        co_await from.world.http.Send(request, {kContainerDeadline, kMostCredentialBytes});
    if (response.ok() && response->status == 200) co_return MetadataCredentials(*response, source);
    last = response.ok() ? Unavailable(Cat("HTTP ", response->status)) : response.status();
  }
  co_return Unauthenticated(Cat(source, ": ", last.message()));
}

Task<Result<Credentials>> FromInstance(SourceWorld from) {
  if (Lower(EnvironmentOf(from.settings, "AWS_EC2_METADATA_DISABLED")) == "true")
    co_return NotFound("AWS_EC2_METADATA_DISABLED is true");
  std::string host = EnvironmentOf(from.settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (host.empty()) host = kInstanceHost;
  while (host.ends_with('/')) host.pop_back();
  const std::string source = "the instance's metadata";
  const Limits limits{kInstanceDeadline, kMostCredentialBytes};
  HttpRequest ask{.method = "PUT", .url = Cat(host, "/latest/api/token")};
  ask.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
  const Result<HttpResponse> token = co_await from.world.http.Send(ask, limits);
  if (!token.ok()) co_return NotFound("no instance metadata service answers");
  if (token->status != 200) co_return Unauthenticated(Cat(source, ": no token: HTTP ", token->status));
  HttpRequest get{.method = "GET", .url = Cat(host, kRolePath)};
  get.headers = {{"x-aws-ec2-metadata-token", std::string(Trim(token->body))}};
  const Result<HttpResponse> role = co_await from.world.http.Send(get, limits);
  if (!role.ok()) co_return Unauthenticated(Cat(source, ": ", role.status().message()));
  if (role->status == 404) co_return NotFound("the instance has no role");
  if (role->status != 200) co_return Unauthenticated(Cat(source, ": HTTP ", role->status));
  const std::string name(Trim(std::string_view(role->body).substr(0, role->body.find('\n'))));
  if (name.empty()) co_return NotFound("the instance has no role");
  get.url += UriEncoded(name);
  const Result<HttpResponse> answer = co_await from.world.http.Send(get, limits);
  if (!answer.ok()) co_return Unauthenticated(Cat(source, ": ", answer.status().message()));
  if (answer->status != 200) co_return Unauthenticated(Cat(source, ": HTTP ", answer->status));
  Credentials out = HF_CO_TRY(MetadataCredentials(*answer, Cat(source, " (role ", Excerpt(name, 80), ")")));
  // A metadata service that cannot renew hands out what it has, and AWS goes on accepting that: use it, and
  // ask again after a while that differs from instance to instance.
  const absl::Time now = from.world.clock.Now();
  if (out.expires <= now)
    out.expires = now + absl::Minutes(15) + absl::Minutes(2) + absl::Minutes(8) * from.world.random.Uniform();
  co_return out;
}

}  // namespace holdfast::aws
