#include "reconcilers/clients/aws/client.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::aws {

namespace {

std::string ProfileText(const std::string& profile) {
  return profile.empty() ? "the default credentials" : Cat("profile ", profile);
}

// Seen as an account of its own where nobody can be asked whose it is.
std::string EndpointAccount(const std::string& endpoint) { return Cat("at ", endpoint); }

std::string PinOf(const Target& target) { return Cat(target.profile, "@", target.endpoint); }

}  // namespace

Client::Client(World world, const clients::ClientSettings& settings)
    : world_(world), settings_(settings), exchanger_(world), chain_(world, settings, exchanger_) {}

Result<Endpoint> Client::EndpointFor(const Service& service, const Target& target) {
  const absl::Duration now = world_.clock.Steady();
  if (!config_ || now - config_at_ > kConfigFor) {
    config_ = HF_TRY(LoadSharedConfig(world_.files, settings_));
    config_at_ = now;
  }
  return EndpointOf(service, {target.region, target.endpoint, target.profile}, settings_, *config_);
}

Task<Result<Client::Prepared>> Client::Prepare(Call call, Effect effect, absl::Duration deadline) {
  const std::string what = Cat(call.service, " ", call.operation);
  const Operation* operation = FindOperation(call.service, call.operation);
  if (operation == nullptr) co_return Internal(Cat(what, ": not in the table of operations"));
  if (operation->effect != effect)
    co_return Internal(Cat(what, effect == Effect::kRead ? ": changes something" : ": changes nothing"));
  Prepared out;
  out.target = call.target;
  out.question.service = FindService(call.service);
  out.question.operation = operation;
  out.question.parameters = std::move(call.parameters);
  out.question.endpoint = HF_CO_TRY(EndpointFor(*out.question.service, call.target));
  out.question.ca_file = EnvironmentOf(settings_, "AWS_CA_BUNDLE");
  const std::string account = HF_CO_TRY(co_await Account(call.target, deadline));
  out.bucket = &buckets_.Of(account, call.target.region, *operation);
  co_return out;
}

Task<Result<std::string>> Client::Account(Target target, absl::Duration deadline) {
  Result<Credentials> credentials = co_await chain_.Get(target.profile);
  if (!credentials.ok()) co_return credentials.status();
  Result<std::string> account = co_await Verified(target, *credentials, deadline);
  if (account.ok()) co_return account;
  // Credentials that somebody replaced are noticed here first.
  const bool is_refused = account.status().code() == Code::kUnauthenticated;
  const bool is_wrong = account.status().code() == Code::kPermissionDenied;
  if (!is_refused && !(is_wrong && MayLookForOthers(target.profile))) co_return account;
  Result<Credentials> other = co_await chain_.GetOther(target.profile, *credentials);
  if (!other.ok()) co_return account;
  co_return co_await Verified(target, *other, deadline);
}

bool Client::MayLookForOthers(const std::string& profile) {
  const absl::Duration now = world_.clock.Steady();
  const auto [last, is_new] = looked_for_others_.emplace(profile, now);
  if (!is_new && now - last->second < kBetweenOthers) return false;
  last->second = now;
  return true;
}

absl::Duration Client::RoomIn(const Target& target, const Operation& operation, const std::string& place) {
  const auto pin = pinned_.find(PinOf(target));
  const bool has_no_owner = !target.endpoint.empty() && target.account.empty();
  if (pin == pinned_.end() && !has_no_owner) return absl::ZeroDuration();
  const std::string account = has_no_owner ? EndpointAccount(target.endpoint) : pin->second;
  return buckets_.Of(account, target.region, operation).RoomIn(place, world_.clock.Steady());
}

absl::Duration Client::SkewOf(const Target& target, std::string_view service) {
  const Service* known = FindService(service);
  const Result<Endpoint> endpoint =
      known == nullptr ? NotFound("no such service") : EndpointFor(*known, target);
  return endpoint.ok() ? exchanger_.skews().LargeOf(endpoint->host) : absl::ZeroDuration();
}

Task<Result<std::string>> Client::Verified(Target target, Credentials credentials, absl::Duration deadline) {
  // An endpoint that a spec names is a world of its own, which may have no STS to ask.
  if (!target.endpoint.empty() && target.account.empty()) co_return EndpointAccount(target.endpoint);
  const std::string account = HF_CO_TRY(co_await Identify(target, credentials, deadline));
  if (!target.account.empty() && target.account != account)
    co_return PermissionDenied(Cat("the wrong account: ", ProfileText(target.profile), " (from ",
                                   credentials.source, ") belongs to ", account, ", the spec wants ",
                                   target.account));
  const auto [pin, ignored] = pinned_.emplace(PinOf(target), account);
  if (pin->second != account)
    co_return PermissionDenied(Cat("another account: ", ProfileText(target.profile), " belonged to ",
                                   pin->second, " and now to ", account,
                                   "; if that is meant, restart holdfast"));
  co_return account;
}

Task<Result<std::string>> Client::Identify(Target target, Credentials credentials, absl::Duration deadline) {
  Identity& identity = identities_[Cat(credentials.key_id, "@", target.endpoint)];
  while (true) {
    if (identity.account) co_return *identity.account;
    if (identity.asking.under_way()) {
      co_await identity.asking.End();
      continue;
    }
    if (world_.clock.Steady() < identity.not_before) co_return identity.failure;
    const SingleFlight::Flight asking(identity.asking);
    const Service& sts = *FindService("sts");
    const Operation& operation = *FindOperation("sts", "GetCallerIdentity");
    const Endpoint endpoint = HF_CO_TRY(EndpointFor(sts, target));
    Question question{&sts,     &operation,  json::object(),
                      endpoint, credentials, EnvironmentOf(settings_, "AWS_CA_BUNDLE")};
    const Reply reply = co_await exchanger_.Ask(std::move(question), deadline);
    const std::string account = reply.ok() ? TextAt(reply.body, "Account").value_or("") : "";
    if (!account.empty()) {
      identity.account = account;
      co_return account;
    }
    identity.failure = reply.ok() ? Unavailable("sts GetCallerIdentity: no account in the answer")
                                  : Annotate(reply.status(), "whose account it is cannot be told");
    identity.not_before = world_.clock.Steady() + kBetweenIdentities;
    co_return identity.failure;
  }
}

// One sending with the credentials of the moment, and a second one with others when these have expired.
Task<Reply> Client::Attempt(const Prepared* call, absl::Duration deadline) {
  const Prepared& prepared = *call;
  const absl::Duration until = world_.clock.Steady() + deadline;
  const Effect effect = prepared.question.operation->effect;
  Result<Credentials> credentials = co_await chain_.Get(prepared.target.profile);
  if (!credentials.ok()) co_return Unsent(credentials.status());
  int attempts = 0;
  while (true) {
    const Status token = co_await prepared.bucket->Take(world_.clock, effect, until - world_.clock.Steady());
    if (!token.ok())
      co_return Unsent(
          Annotate(token, Cat(prepared.question.service->name, " ", prepared.question.operation->name)));
    Question question = prepared.question;
    question.credentials = *credentials;
    Reply reply = co_await exchanger_.Ask(std::move(question), until - world_.clock.Steady());
    reply.attempts += attempts;
    const absl::Duration now = world_.clock.Steady();
    if (reply.ok()) prepared.bucket->Succeeded(now);
    if (!reply.ok() && reply.failure->trouble == Trouble::kThrottled)
      prepared.bucket->Throttled(now, reply.retry_after);
    const bool has_expired = !reply.ok() && reply.failure->trouble == Trouble::kExpired;
    if (!has_expired || attempts > 0) co_return reply;
    attempts = reply.attempts;
    credentials = co_await chain_.GetOther(prepared.target.profile, *credentials);
    if (!credentials.ok()) co_return reply;
    // Other credentials may be another account's.
    const Result<std::string> account =
        co_await Verified(prepared.target, *credentials, until - world_.clock.Steady());
    if (!account.ok()) co_return Unsent(account.status());
  }
}

absl::Duration Client::Backoff(const Reply& reply, int attempt) {
  const absl::Duration most = std::min(kMostBackoff, absl::Seconds(std::pow(2, attempt - 1)));
  return std::max(most * world_.random.Uniform(), std::min(reply.retry_after, kMostBackoff));
}

Task<Reply> Client::Read(Call call, absl::Duration deadline) {
  const absl::Duration until = world_.clock.Steady() + deadline;
  const Result<Prepared> prepared = co_await Prepare(std::move(call), Effect::kRead, deadline);
  if (!prepared.ok()) co_return Unsent(prepared.status());
  int sent = 0, paid = 0;
  for (int attempt = 1;; ++attempt) {
    Reply reply = co_await Attempt(&*prepared, until - world_.clock.Steady());
    sent += reply.attempts;
    reply.attempts = sent;
    if (reply.ok()) {
      retry_quota_ = std::min(kRetryQuota, retry_quota_ + std::max(1, paid));
      co_return reply;
    }
    const int cost = reply.failure->trouble == Trouble::kUnreached ? kUnreachedCost : kRetryCost;
    const absl::Duration pause = Backoff(reply, attempt);
    const bool has_time = world_.clock.Steady() + pause < until;
    if (!IsPassing(reply.failure->trouble) || attempt >= kMostAttempts || retry_quota_ < cost || !has_time)
      co_return reply;
    retry_quota_ -= cost;
    paid = cost;
    co_await world_.clock.Sleep(pause);
  }
}

Task<Reply> Client::Write(Call call, absl::Duration deadline) {
  const absl::Duration until = world_.clock.Steady() + deadline;
  const Result<Prepared> prepared = co_await Prepare(std::move(call), Effect::kWrite, deadline);
  if (!prepared.ok()) co_return Unsent(prepared.status());
  co_return co_await Attempt(&*prepared, until - world_.clock.Steady());
}

Task<Listing> Client::ReadAll(Call call, absl::Duration deadline) {
  std::vector<json::value> items;
  Listing out = co_await ReadEach(
      std::move(call), [&](json::value item) { items.push_back(std::move(item)); }, deadline);
  if (out.ok()) out.items = std::move(items);
  co_return out;
}

Task<Listing> Client::ReadEach(Call call, TakeItem take, absl::Duration deadline) {
  const absl::Duration until = world_.clock.Steady() + deadline;
  Listing out;
  const Paging* paging = FindPaging(call.service, call.operation);
  const std::string what = Cat(call.service, " ", call.operation);
  if (paging == nullptr || !call.parameters.is_object()) {
    out.failure = {.status = Internal(Cat(what, ": not a listing"))};
    co_return out;
  }
  std::string token;
  do {
    Reply reply = co_await Read(call, until - world_.clock.Steady());
    if (!reply.ok()) {
      out.failure = std::move(reply.failure);
      out.failure->status = Annotate(out.failure->status, Cat("page ", out.pages + 1));
      co_return out;
    }
    if (out.pages++ == 0) out.asked_at = reply.asked_at;
    const Result<std::string> next = TakePage(*paging, std::move(reply.body), take);
    Status odd = next.status();
    if (next.ok() && !next->empty() && *next == token) odd = Unavailable("the same page comes again");
    if (next.ok() && out.pages >= kMostPages) odd = ResourceExhausted("too many pages");
    if (!odd.ok()) {
      out.failure = {.trouble = Trouble::kForeign, .status = Annotate(odd, Cat(what, ": page ", out.pages))};
      co_return out;
    }
    token = *next;
    call.parameters.get_object()[JsonView(paging->resume)] = token;
  } while (!token.empty());
  co_return out;
}

}  // namespace holdfast::aws
