// AWS in memory: a client, the credentials of the environment, and answers by operation.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/client.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::aws {

inline constexpr std::string_view kSecret = "canary+SECRET/key+0123456789abcdefghij";
inline constexpr std::string_view kToken = "canaryTOKEN//abcdefghijklmnop==";
inline constexpr std::string_view kAccount = "123456789012";

// The operation that a request asks for, whatever the protocol.
inline std::string OperationOf(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers)
    if (name == "X-Amz-Target") return value.substr(value.find('.') + 1);
  const size_t at = request.body.find("Action=");
  if (at == std::string::npos) return request.method + " " + request.url;
  return request.body.substr(at + 7, request.body.find('&') - at - 7);
}

inline std::string HeaderOf(const HttpRequest& request, std::string_view name) {
  for (const auto& [header, value] : request.headers)
    if (header == name) return value;
  return {};
}

inline HttpResponse Ok(std::string body, Pairs headers = {}) {
  return {200, std::move(headers), std::move(body)};
}
inline HttpResponse JsonError(std::string_view code, std::string_view message = "m", int status = 400) {
  return {status, {}, Cat(R"({"__type":"x#)", code, R"(","message":")", message, "\"}")};
}
inline HttpResponse XmlError(std::string_view code, std::string_view message = "m", int status = 400) {
  return {status,
          {},
          Cat("<ErrorResponse><Error><Code>", code, "</Code><Message>", message,
              "</Message></Error></ErrorResponse>")};
}
inline std::string IdentityBody(std::string_view account) {
  return Cat("<GetCallerIdentityResponse><GetCallerIdentityResult><Account>", account,
             "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
}
inline std::string RoleBody(std::string_view operation, std::string_view key, absl::Time expires) {
  return Cat("<", operation, "Response><", operation, "Result><Credentials><AccessKeyId>", key,
             "</AccessKeyId><SecretAccessKey>", kSecret, "</SecretAccessKey><SessionToken>", kToken,
             "</SessionToken><Expiration>",
             absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", expires, absl::UTCTimeZone()),
             "</Expiration></Credentials></", operation, "Result></", operation, "Response>");
}

struct AwsRig : clients::Rig {
  AwsRig() {
    settings.environment = {{"HOME", "/home/ops"},
                            {"AWS_ACCESS_KEY_ID", "AKIDENV"},
                            {"AWS_SECRET_ACCESS_KEY", std::string(kSecret)}};
    answers["GetCallerIdentity"] = {Ok(IdentityBody(kAccount))};
    http.answer = [this](const HttpRequest& request) { return Next(request); };
  }

  // The next of the operation's answers; its last one for ever.
  Result<HttpResponse> Next(const HttpRequest& request) {
    auto found = answers.find(OperationOf(request));
    if (found == answers.end() || found->second.empty())
      return Unavailable(Cat("nobody answers ", OperationOf(request)));
    Result<HttpResponse> answer = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return answer;
  }
  size_t Asked(std::string_view operation) const {
    size_t count = 0;
    for (const HttpRequest& request : http.requests) count += OperationOf(request) == operation;
    return count;
  }
  Call Describe(Target target = {.region = "us-east-1"}) {
    return {std::move(target), "dynamodb", "DescribeTable", json::object{{"TableName", "t"}}};
  }
  Call Update(Target target = {.region = "us-east-1"}) {
    return {std::move(target), "dynamodb", "UpdateTable", json::object{{"TableName", "t"}}};
  }

  clients::ClientSettings settings;
  std::map<std::string, std::deque<Result<HttpResponse>>> answers;
  Client client{world, settings};
};

}  // namespace holdfast::aws
