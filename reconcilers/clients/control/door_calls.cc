#include "reconcilers/clients/control/door_calls.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "controller/base/text.h"
#include "reconcilers/clients/control/supervisord_wire.h"
#include "reconcilers/clients/control/xmlrpc.h"

namespace holdfast::clients {

namespace {

using Kind = Outcome::Kind;

constexpr int64_t kMemberDone = 80;

std::string ProgramOf(const XmlRpcCall& call) {
  const auto* program = call.params.empty() ? nullptr : std::get_if<std::string>(&call.params.front());
  return program == nullptr ? std::string() : *program;
}

// Calls for a group never fault for one member: each has its own status.
Outcome FromMembers(const json::array& members) {
  size_t done = 0;
  std::string first_refusal;
  for (const json::value& member : members) {
    const json::object* object = member.if_object();
    const json::value* status = object == nullptr ? nullptr : object->if_contains("status");
    if (status != nullptr && status->is_int64() && status->get_int64() == kMemberDone)
      ++done;
    else if (first_refusal.empty())
      first_refusal = Excerpt(Compact(member));
  }
  if (done == members.size()) return {Kind::kDone, Count(done, "member"), ""};
  return {done == 0 ? Kind::kRefused : Kind::kUnknown,
          Cat(done, " of ", members.size(), " done; ", first_refusal), ""};
}

Outcome FromAnswer(const XmlRpcAnswer& answer) {
  if (answer.fault) {
    const bool was_so_already = answer.fault->code == kAlreadyStarted || answer.fault->code == kNotRunning;
    return {was_so_already ? Kind::kDone : Kind::kRefused, FaultText(*answer.fault), ""};
  }
  if (const json::array* members = answer.value.if_array()) return FromMembers(*members);
  if (answer.value.is_bool() && !answer.value.get_bool())
    return {Kind::kRefused, "supervisord answered false", ""};
  return {Kind::kDone, "", ""};
}

// Nothing when it is still the one that was meant.
std::optional<Outcome> Compared(const XmlRpcAnswer& answer, const XmlRpcCall& call) {
  if (answer.fault) return Outcome{Kind::kRefused, FaultText(*answer.fault), ""};
  const json::object* info = answer.value.if_object();
  const std::string now = info == nullptr ? "unreadable" : IncarnationOf(*info);
  if (now == call.only_if_incarnation) return std::nullopt;
  return Outcome{Kind::kRefused,
                 Cat(ProgramOf(call), " is another one now: ", now, " instead of ", call.only_if_incarnation),
                 ""};
}

}  // namespace

ControlDoors::Calls::Calls(World world, Secrets& secrets, SupervisordEndpoint endpoint)
    : world_(world),
      secrets_(secrets),
      endpoint_(std::move(endpoint)),
      calls_(Overlap::kAllowed, kMostPerCall,
             [this](std::vector<Ask> asks) { return Exchange(std::move(asks)); }) {}

Task<Outcome> ControlDoors::Calls::Make(XmlRpcCall call, absl::Duration deadline) {
  std::optional<Outcome> outcome = co_await calls_.Put({std::move(call), world_.clock.Steady() + deadline});
  if (outcome) co_return *std::move(outcome);
  co_return Outcome{Kind::kUnknown, "the call that carried this one was given up", ""};
}

Task<std::vector<std::optional<Outcome>>> ControlDoors::Calls::Compare(std::vector<Ask> asks,
                                                                       absl::Duration until) {
  std::vector<std::optional<Outcome>> settled(asks.size());
  std::vector<size_t> guarded;
  std::vector<XmlRpcRequest> requests;
  for (size_t i = 0; i < asks.size(); ++i) {
    if (asks[i].call.only_if_incarnation.empty()) continue;
    guarded.push_back(i);
    requests.push_back({"supervisor.getProcessInfo", {ProgramOf(asks[i].call)}});
  }
  if (guarded.empty()) co_return settled;
  const Limits limits{until - world_.clock.Steady(), Supervisors::kMostAnswerBytes};
  std::string body = EncodeMulticall(requests);
  Posted posted = co_await PostXmlRpc(world_, secrets_, endpoint_, std::move(body), limits);
  Result<std::vector<XmlRpcAnswer>> answers =
      posted.body.ok() ? DecodeMulticall(*posted.body, requests.size()) : posted.body.status();
  for (size_t i = 0; i < guarded.size(); ++i) {
    if (answers.ok())
      settled[guarded[i]] = Compared((*answers)[i], asks[guarded[i]].call);
    else
      settled[guarded[i]] =
          Outcome{Kind::kRefused, Cat("not compared, so not done: ", answers.status().message()), ""};
  }
  co_return settled;
}

Task<std::vector<Outcome>> ControlDoors::Calls::Exchange(std::vector<Ask> asks) {
  absl::Duration until = absl::InfiniteDuration();
  for (const Ask& ask : asks) until = std::min(until, ask.until);
  std::vector<std::optional<Outcome>> settled = co_await Compare(asks, until);
  std::vector<size_t> sent;
  std::vector<XmlRpcRequest> requests;
  for (size_t i = 0; i < asks.size(); ++i) {
    if (settled[i]) continue;
    sent.push_back(i);
    requests.push_back({asks[i].call.method, asks[i].call.params});
  }
  const absl::Duration left = until - world_.clock.Steady();
  if (!sent.empty() && left > absl::ZeroDuration()) {
    std::string body = EncodeMulticall(requests);
    Posted posted =
        co_await PostXmlRpc(world_, secrets_, endpoint_, std::move(body), {left, kMostAnswerBytes});
    Result<std::vector<XmlRpcAnswer>> answers =
        posted.body.ok() ? DecodeMulticall(*posted.body, requests.size()) : posted.body.status();
    const Kind failed = posted.sent == Sent::kNo ? Kind::kRefused : Kind::kUnknown;
    for (size_t i = 0; i < sent.size(); ++i)
      settled[sent[i]] =
          answers.ok() ? FromAnswer((*answers)[i]) : Outcome{failed, answers.status().message(), ""};
  }
  std::vector<Outcome> out;
  out.reserve(asks.size());
  for (std::optional<Outcome>& one : settled)
    out.push_back(one ? *std::move(one) : Outcome{Kind::kRefused, "no time was left to begin", ""});
  co_return out;
}

}  // namespace holdfast::clients
