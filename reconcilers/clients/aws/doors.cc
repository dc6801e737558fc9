#include "reconcilers/clients/aws/doors.h"

#include <boost/json/string.hpp>
#include <string>
#include <utility>
#include <variant>

#include "controller/base/text.h"

namespace holdfast::aws {

using Kind = Outcome::Kind;

Result<json::value> ParametersOf(clients::Secrets& secrets, const Text& parameters) {
  std::string text;
  for (const auto& piece : parameters.pieces) {
    if (const auto* plain = std::get_if<std::string>(&piece)) {
      text += *plain;
      continue;
    }
    // A secret with a quote in it must not end the string that it stands in.
    const std::string secret = HF_TRY(secrets.Resolve(std::get<SecretRef>(piece)));
    const std::string quoted = Compact(json::value(JsonView(secret)));
    text += quoted.substr(1, quoted.size() - 2);
  }
  Result<json::value> value = ParseJson(text);
  if (!value.ok()) return Internal(Cat("the parameters are ", value.status().message()));
  return value;
}

Task<Outcome> AwsDoors::Perform(Action action, absl::Duration deadline) {
  auto* call = std::get_if<AwsCall>(&action);
  if (call == nullptr) co_return co_await otherwise_.Perform(std::move(action), deadline);
  Outcome outcome = co_await Do(std::move(*call), deadline);
  outcome.detail = Excerpt(system_.secrets.Scrubbed(outcome.detail), kMostDetail);
  co_return outcome;
}

absl::Duration AwsDoors::RoomIn(const Action& action) {
  const auto* call = std::get_if<AwsCall>(&action);
  if (call == nullptr) return otherwise_.RoomIn(action);
  const Operation* operation = FindOperation(call->service, call->operation);
  if (operation == nullptr) return absl::ZeroDuration();
  const Target target{call->account, call->region, call->profile, call->endpoint};
  return system_.client.RoomIn(target, *operation, Digest(action));
}

Task<Outcome> AwsDoors::Do(AwsCall call, absl::Duration deadline) {
  Result<json::value> parameters = ParametersOf(system_.secrets, call.parameters);
  if (!parameters.ok()) co_return Outcome{Kind::kRefused, parameters.status().message(), ""};
  Call made{
      {std::move(call.account), std::move(call.region), std::move(call.profile), std::move(call.endpoint)},
      std::move(call.service),
      std::move(call.operation),
      *std::move(parameters)};
  const Reply reply = co_await system_.client.Write(std::move(made), deadline);
  if (reply.ok()) co_return Outcome{Kind::kDone, "", reply.request_id};
  const Kind kind = reply.failure->applied == Applied::kMaybe ? Kind::kUnknown : Kind::kRefused;
  co_return Outcome{kind, reply.failure->status.message(), reply.request_id};
}

}  // namespace holdfast::aws
