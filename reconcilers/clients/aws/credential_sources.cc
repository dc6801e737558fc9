#include "reconcilers/clients/aws/credential_sources.h"

#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::aws {

namespace {

// Where an answer keeps its four members.
struct Names {
  std::string_view key_id = "AccessKeyId", secret = "SecretAccessKey", token = "Token",
                   expires = "Expiration";
};

Result<Credentials> CredentialsIn(const json::value& answer, const Names& names, std::string source) {
  Credentials out;
  out.key_id = TextAt(answer, names.key_id).value_or("");
  out.secret = TextAt(answer, names.secret).value_or("");
  out.token = TextAt(answer, names.token).value_or("");
  if (out.key_id.empty() || out.secret.empty())
    return Unauthenticated(Cat(source, ": the answer has no credentials in it"));
  if (At(answer, names.expires) != nullptr) {
    const std::optional<absl::Time> expires = TimeAt(answer, names.expires);
    if (!expires) return Unauthenticated(Cat(source, ": the answer's expiration is no time"));
    out.expires = *expires;
  }
  out.source = std::move(source);
  return out;
}

Result<json::value> ParsedAnswer(std::string_view body, std::string_view source) {
  Result<json::value> answer = ParseJson(body);
  // The parser's own message tells a place and no content.
  if (!answer.ok()) return Unauthenticated(Cat(source, ": the answer is ", answer.status().message()));
  if (!answer->is_object()) return Unauthenticated(Cat(source, ": the answer is no JSON object"));
  return answer;
}

Result<Credentials> OfSts(const Reply& reply, std::string_view result, const RoleQuestion& role) {
  if (!reply.ok()) return Annotate(reply.status(), role.source);
  const json::value* answer = At(reply.body, result);
  if (answer == nullptr) return Unauthenticated(Cat(role.source, ": the answer has no credentials in it"));
  return CredentialsIn(*answer, {.token = "SessionToken"}, role.source);
}

json::object RoleParameters(const RoleQuestion& role) {
  json::object out;
  out["RoleArn"] = role.role_arn;
  out["RoleSessionName"] = role.session_name.empty() ? "holdfast" : role.session_name;
  if (role.duration_seconds) out["DurationSeconds"] = *role.duration_seconds;
  return out;
}

}  // namespace

Result<std::vector<std::string>> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  enum class In { kBlank, kWord } in = In::kBlank;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool is_blank = c == ' ' || c == '\t' || c == '\n';
    if (quote == 0 && is_blank) {
      if (in == In::kWord) words.push_back(std::exchange(word, {}));
      in = In::kBlank;
      continue;
    }
    in = In::kWord;
    if (c == '\\' && quote != '\'' && i + 1 < line.size())
      word += line[++i];
    else if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote && quote != 0)
      quote = 0;
    else
      word += c;
  }
  if (quote != 0) return InvalidArgument("an open quote");
  if (in == In::kWord) words.push_back(std::move(word));
  return words;
}

Result<Credentials> FromEnvironment(const clients::ClientSettings& settings) {
  Credentials out{.key_id = EnvironmentOf(settings, "AWS_ACCESS_KEY_ID"),
                  .secret = EnvironmentOf(settings, "AWS_SECRET_ACCESS_KEY"),
                  .token = EnvironmentOf(settings, "AWS_SESSION_TOKEN"),
                  .source = "the environment"};
  if (out.key_id.empty() && out.secret.empty()) return NotFound("AWS_ACCESS_KEY_ID is not set");
  if (out.key_id.empty() || out.secret.empty())
    return Unauthenticated(
        "the environment has only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; set both or none");
  return out;
}

Result<Credentials> FromStaticKeys(const Properties& profile, std::string_view source) {
  const auto key_id = PropertyOf(profile, "aws_access_key_id");
  const auto secret = PropertyOf(profile, "aws_secret_access_key");
  if (!key_id && !secret) return NotFound(Cat(source, ": no aws_access_key_id"));
  if (!key_id || !secret)
    return Unauthenticated(
        Cat(source, ": only one of aws_access_key_id and aws_secret_access_key; write both or none"));
  return Credentials{.key_id = *key_id,
                     .secret = *secret,
                     .token = PropertyOf(profile, "aws_session_token").value_or(""),
                     .source = std::string(source)};
}

Task<Result<Credentials>> FromProcess(SourceWorld from, std::string command_line, std::string source) {
  Result<std::vector<std::string>> words = SplitWords(command_line);
  if (!words.ok()) co_return Annotate(words.status(), Cat(source, ": credential_process"));
  if (words->empty()) co_return NotFound(Cat(source, ": credential_process is empty"));
  const std::string program = Cat(source, ": credential_process ", words->front());
  CommandLine command{std::move(*words), "", {}};
  for (const auto& [name, value] : from.settings.environment)
    if (name.starts_with("AWS_") && name != "AWS_SECRET_ACCESS_KEY" && name != "AWS_SESSION_TOKEN")
      command.environment.emplace_back(name, value);
  const Result<Exit> exit =
      co_await from.world.commands.Run(std::move(command), {kProcessDeadline, kMostCredentialBytes});
  if (!exit.ok()) co_return Unauthenticated(Cat(program, ": ", exit.status().message()));
  // Neither its output nor its errors are told: both may have a secret in them.
  if (exit->signal != 0) co_return Unauthenticated(Cat(program, ": ended by signal ", exit->signal));
  if (exit->code != 0)
    co_return Unauthenticated(Cat(program, ": exit code ", exit->code, "; run it by hand to see why"));
  const json::value answer = HF_CO_TRY(ParsedAnswer(exit->output, program));
  if (WholeAt(answer, "Version") != 1) co_return Unauthenticated(Cat(program, ": Version is not 1"));
  co_return CredentialsIn(answer, {.token = "SessionToken"}, program);
}

Task<Result<Credentials>> FromRole(SourceWorld from, Credentials with, RoleQuestion role) {
  json::object parameters = RoleParameters(role);
  if (!role.external_id.empty()) parameters["ExternalId"] = role.external_id;
  Question question{FindService("sts"),    FindOperation("sts", "AssumeRole"),
                    std::move(parameters), role.sts,
                    std::move(with),       EnvironmentOf(from.settings, "AWS_CA_BUNDLE")};
  const Reply reply = co_await from.exchanger.Ask(std::move(question), kStsDeadline);
  co_return OfSts(reply, "Credentials", role);
}

Task<Result<Credentials>> FromWebIdentity(SourceWorld from, std::string token_file, RoleQuestion role) {
  Result<std::string> token = from.world.files.Read(token_file, kMostCredentialBytes);
  if (!token.ok()) co_return Unauthenticated(Cat(role.source, ": ", token.status().message()));
  json::object parameters = RoleParameters(role);
  parameters["WebIdentityToken"] = std::string(Trim(*token));
  Question question{FindService("sts"),    FindOperation("sts", "AssumeRoleWithWebIdentity"),
                    std::move(parameters), role.sts,
                    std::nullopt,          EnvironmentOf(from.settings, "AWS_CA_BUNDLE")};
  Reply reply = co_await from.exchanger.Ask(question, kStsDeadline);
  // STS could not reach the identity provider, which it may the next time.
  if (!reply.ok() && reply.failure->error.code == "IDPCommunicationError")
    reply = co_await from.exchanger.Ask(std::move(question), kStsDeadline);
  co_return OfSts(reply, "Credentials", role);
}

namespace {

// The newest token that a login for that start URL left in the cache.
struct SsoToken {
  std::string token;
  absl::Time expires = absl::InfinitePast();
};

std::optional<SsoToken> ReadSsoToken(std::string_view content, const std::string& start_url) {
  const Result<json::value> cached = ParseJson(content);
  if (!cached.ok() || TextAt(*cached, "startUrl") != start_url) return std::nullopt;
  const auto token = TextAt(*cached, "accessToken");
  std::string expires = TextAt(*cached, "expiresAt").value_or("");
  if (expires.ends_with("UTC")) expires.replace(expires.size() - 3, 3, "Z");
  const auto at = ParseRfc3339(expires);
  if (!token || !at) return std::nullopt;
  return SsoToken{*token, *at};
}

SsoToken FindSsoToken(Files& files, const std::string& directory, const std::string& start_url) {
  SsoToken newest;
  const Result<std::vector<FileInfo>> list = files.List(directory);
  if (!list.ok()) return newest;
  for (const FileInfo& file : *list) {
    const Result<std::string> content = files.Read(file.path, kMostCredentialBytes);
    if (!content.ok()) continue;
    const std::optional<SsoToken> token = ReadSsoToken(*content, start_url);
    if (token && token->expires > newest.expires) newest = *token;
  }
  return newest;
}

}  // namespace

Task<Result<Credentials>> FromSso(SourceWorld from, SsoQuestion sso) {
  const std::string source = Cat("the SSO session of profile ", sso.profile);
  const std::string remedy = Cat("; run: aws sso login --profile ", sso.profile);
  const std::string directory = Cat(EnvironmentOf(from.settings, "HOME"), "/.aws/sso/cache");
  const SsoToken token = FindSsoToken(from.world.files, directory, sso.start_url);
  if (token.token.empty()) co_return Unauthenticated(Cat(source, ": nobody is logged in", remedy));
  if (token.expires <= from.world.clock.Now())
    co_return Unauthenticated(Cat(source, " expired at ", Rfc3339(token.expires), remedy));
  const Service sso_portal{.name = "sso", .host = "portal.sso", .id = "SSO"};
  const Endpoint endpoint =
      HF_CO_TRY(EndpointOf(sso_portal, {sso.region, "", sso.profile}, from.settings, SharedConfig()));
  HttpRequest request;
  request.url = Cat(endpoint.url, "/federation/credentials?",
                    QueryText({{"account_id", sso.account}, {"role_name", sso.role}}));
  request.headers = {{"x-amz-sso_bearer_token", token.token}};
  request.ca_file = EnvironmentOf(from.settings, "AWS_CA_BUNDLE");
  const Result<HttpResponse> response =
      co_await from.world.http.Send(std::move(request), {kStsDeadline, kMostCredentialBytes});
  if (!response.ok()) co_return Annotate(response.status(), source);
  if (response->status == 401) co_return Unauthenticated(Cat(source, " is not valid any more", remedy));
  if (response->status != 200) co_return Unauthenticated(Cat(source, ": HTTP ", response->status));
  const json::value answer = HF_CO_TRY(ParsedAnswer(response->body, source));
  const json::value* role = At(answer, "roleCredentials");
  if (role == nullptr) co_return Unauthenticated(Cat(source, ": the answer has no credentials in it"));
  Credentials out = HF_CO_TRY(CredentialsIn(
      *role, {"accessKeyId", "secretAccessKey", "sessionToken", "not given as seconds"}, source));
  if (const auto expires = NumberAt(*role, "expiration"))
    out.expires = absl::UnixEpoch() + absl::Milliseconds(*expires);
  co_return out;
}

}  // namespace holdfast::aws
