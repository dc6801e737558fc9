#include "reconcilers/clients/aws/exchange.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/clients/control/sent.h"

namespace holdfast::aws {

namespace {

std::optional<absl::Time> ParseHttpDate(std::string_view text) {
  absl::Time at;
  std::string ignored;
  if (!absl::ParseTime("%a, %d %b %E4Y %H:%M:%S GMT", std::string(text), absl::UTCTimeZone(), &at, &ignored))
    return std::nullopt;
  return at;
}

std::optional<absl::Time> ParseAmzDate(std::string_view text) {
  absl::Time at;
  std::string ignored;
  if (!absl::ParseTime("%E4Y%m%dT%H%M%SZ", std::string(text), absl::UTCTimeZone(), &at, &ignored))
    return std::nullopt;
  return at;
}

void Hide(std::string& text, const std::string& secret) {
  constexpr std::string_view kHidden = "<secret>";
  if (secret.empty()) return;
  for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), kHidden);
    at += kHidden.size();
  }
}

// A refused signature is answered with the canonical request, and the session's token is in it.
std::string Scrubbed(std::string text, const std::optional<Credentials>& credentials) {
  if (!credentials) return text;
  Hide(text, credentials->secret);
  Hide(text, credentials->token);
  return text;
}

absl::Duration RetryAfter(const HttpResponse& response) {
  double number = 0;
  const std::string milliseconds(response.Header("x-amz-retry-after"));
  if (absl::SimpleAtod(milliseconds, &number) && number > 0) return absl::Milliseconds(number);
  const std::string seconds(response.Header("retry-after"));
  if (absl::SimpleAtod(seconds, &number) && number > 0) return absl::Seconds(number);
  return absl::ZeroDuration();
}

std::string WhatText(const Question& question) {
  return Cat(question.service->name, " ", question.operation->name, " in ", question.endpoint.region);
}

// The service's sentence, and what a person can do about it.
std::string Sentence(const Question& question, const Failure& failure) {
  const ServiceError& error = failure.error;
  std::string text = Cat("HTTP ", error.http_status);
  if (!error.code.empty()) Append(text, " ", error.code);
  if (!error.message.empty()) Append(text, ": ", error.message);
  if (failure.trouble == Trouble::kForeign) Append(text, ": not an answer of AWS");
  if (failure.trouble == Trouble::kDenied)
    Append(text, " (needs ", IamAction(*question.operation), "; the credentials are from ",
           question.credentials ? question.credentials->source : "nowhere", ")");
  if (failure.trouble == Trouble::kExpired && question.credentials)
    Append(text, " (the credentials are from ", question.credentials->source, ")");
  if (failure.trouble == Trouble::kSkewed) Append(text, " (this machine's clock is not the service's)");
  if (failure.trouble == Trouble::kMaybeSkewed && question.credentials)
    Append(text,
           " (the secret key is wrong, or the request was changed on its way; the credentials are from ",
           question.credentials->source, ")");
  if (!error.request_id.empty()) Append(text, " [request ", error.request_id, "]");
  return text;
}

Failure FailureOf(const Question& question, const HttpResponse& response) {
  Failure failure;
  HttpResponse scrubbed = response;
  scrubbed.body = Scrubbed(std::move(scrubbed.body), question.credentials);
  failure.error = DecodeError(scrubbed);
  failure.trouble = Classify(question.service->name, failure.error);
  // What is not of AWS and is a refusal by its number was read by somebody who refused it.
  const bool is_refusal = response.status >= 400 && response.status < 500;
  failure.applied =
      failure.trouble == Trouble::kForeign && is_refusal ? Applied::kNo : AppliedDespite(failure.trouble);
  failure.status = {CodeOf(failure.trouble), Cat(WhatText(question), ": ", Sentence(question, failure))};
  return failure;
}

Failure Unreached(const Question& question, const Status& status) {
  Failure failure;
  failure.trouble = Trouble::kUnreached;
  failure.applied = clients::SentDespite(status) == clients::Sent::kNo ? Applied::kNo : Applied::kMaybe;
  failure.status = Annotate(status, WhatText(question));
  return failure;
}

Vitals::Answer VitalsOf(const Result<HttpResponse>& response) {
  if (response.ok()) return Vitals::Answer::kAnswered;
  if (response.status().code() == Code::kLocal) return Vitals::Answer::kLocal;
  const bool is_refused = clients::SentDespite(response.status()) == clients::Sent::kNo;
  return is_refused ? Vitals::Answer::kAnswered : Vitals::Answer::kSilent;
}

}  // namespace

Status Reply::status() const {
  if (failure) return failure->status;
  return attempts > 0 ? Status() : Internal("a call that was never made");
}

Reply Unsent(Status status) {
  Reply reply;
  reply.failure.emplace();
  reply.failure->status = std::move(status);
  return reply;
}

absl::Duration Skews::Of(const std::string& host) const {
  const auto found = skews_.find(host);
  return found == skews_.end() ? absl::ZeroDuration() : found->second;
}

absl::Duration Skews::LargeOf(const std::string& host) const {
  const absl::Duration skew = Of(host);
  return absl::AbsDuration(skew) >= kTold ? skew : absl::ZeroDuration();
}

void Skews::Keep(const std::string& host, absl::Duration skew) {
  const bool was_wrong = LargeOf(host) != absl::ZeroDuration(), is_wrong = absl::AbsDuration(skew) >= kTold;
  if (is_wrong && !was_wrong)
    Log(Severity::kWarning, "this machine's clock is not the service's: its calls are signed with its time",
        {{"service", host},
         {skew > absl::ZeroDuration() ? "behind" : "ahead",
          Brief(absl::Floor(absl::AbsDuration(skew) + absl::Seconds(30), absl::Minutes(1)))}});
  if (was_wrong && !is_wrong)
    Log(Severity::kInfo, "this machine's clock is the service's again", {{"service", host}});
  if (absl::AbsDuration(skew) < kLeastSkew)
    skews_.erase(host);
  else
    skews_[host] = skew;
}

void Skews::Learn(const std::string& host, const HttpResponse& response, absl::Time sent,
                  absl::Time received) {
  const absl::Duration took = received - sent;
  if (took < absl::ZeroDuration() || took > kMostRoundTrip || !response.Header("age").empty()) return;
  if (const std::string_view date = response.Header("date"); date != date_) {
    date_ = date;
    said_ = ParseHttpDate(date);
  }
  if (said_) Keep(host, *said_ - (sent + took / 2));
}

void Skews::LearnFromText(const std::string& host, std::string_view message, absl::Time received) {
  constexpr size_t kDateSize = sizeof("20261121T161500Z") - 1;
  for (size_t at = message.find('('); at != std::string_view::npos; at = message.find('(', at + 1))
    if (const auto date = ParseAmzDate(message.substr(at + 1, kDateSize)))
      return Keep(host, *date - received);
}

Pairs SignedHeaders(Signer& signer, const Question& question, const Encoded& encoded, absl::Time at) {
  Pairs headers = encoded.headers;
  headers.emplace_back("Host", question.endpoint.host);
  if (!question.credentials) return headers;
  const Credentials& credentials = *question.credentials;
  const bool is_s3 = question.service->protocol == Protocol::kRestXml;
  const std::string body_hash = Sha256Hex(encoded.body);
  headers.emplace_back("X-Amz-Date", AmzDate(at));
  if (!credentials.token.empty()) headers.emplace_back("X-Amz-Security-Token", credentials.token);
  if (is_s3) headers.emplace_back("x-amz-content-sha256", body_hash);
  Signable request{.method = encoded.method,
                   .path = encoded.path,
                   .query = encoded.query,
                   .headers = headers,
                   .body_hash = body_hash,
                   .path_rule = is_s3 ? PathRule::kVerbatim : PathRule::kNormalized};
  const Scope scope{at, question.endpoint.region, std::string(question.service->signing)};
  headers.emplace_back("Authorization", signer.Authorization(credentials, scope, request));
  return headers;
}

bool Exchanger::IsExplainedByClock(const Reply& reply, absl::Duration used, const std::string& host) const {
  if (reply.ok()) return false;
  const absl::Duration wrong = absl::AbsDuration(skews_.Of(host) - used);
  if (reply.failure->trouble == Trouble::kSkewed) return wrong >= Skews::kLeastSkew;
  return reply.failure->trouble == Trouble::kMaybeSkewed && wrong >= Skews::kExplains;
}

Task<Reply> Exchanger::Ask(Question question, absl::Duration deadline) {
  const absl::Duration until = world_.clock.Steady() + deadline;
  const absl::Duration used = skews_.Of(question.endpoint.host);
  Reply first = co_await Send(question, deadline);
  const absl::Duration left = until - world_.clock.Steady();
  if (!IsExplainedByClock(first, used, question.endpoint.host) || left <= absl::ZeroDuration())
    co_return first;
  Reply second = co_await Send(std::move(question), left);
  second.attempts += first.attempts;
  co_return second;
}

Task<Reply> Exchanger::Send(Question question, absl::Duration deadline) {
  Result<Encoded> encoded = Encode(*question.service, *question.operation, question.parameters);
  if (!encoded.ok()) co_return Unsent(Annotate(encoded.status(), WhatText(question)));
  const std::string& host = question.endpoint.host;
  Reply reply;
  reply.asked_at = world_.clock.Now();
  HttpRequest request;
  request.method = encoded->method;
  request.url = Cat(question.endpoint.url, encoded->path);
  if (!encoded->query.empty()) Append(request.url, "?", QueryText(encoded->query));
  request.headers = SignedHeaders(signer_, question, *encoded, reply.asked_at + skews_.Of(host));
  request.body = std::move(encoded->body);
  request.ca_file = question.ca_file;
  const Result<HttpResponse> response =
      co_await world_.http.Send(std::move(request), {deadline, kMostAnswerBytes});
  const absl::Time now = world_.clock.Now();
  reply.attempts = 1;
  world_.vitals.Report(host, VitalsOf(response), now);
  if (!response.ok()) {
    reply.failure = Unreached(question, response.status());
    co_return reply;
  }
  reply.request_id = RequestId(*response);
  reply.retry_after = RetryAfter(*response);
  skews_.Learn(host, *response, reply.asked_at, now);
  if (response->status >= 200 && response->status < 300) {
    Result<json::value> body = DecodeAnswer(*question.service, *question.operation, *response);
    if (body.ok()) {
      reply.body = *std::move(body);
      co_return reply;
    }
    reply.failure = Failure{Trouble::kForeign,
                            {"", "", reply.request_id, response->status},
                            Annotate(body.status(), Cat("in ", question.endpoint.region)),
                            Applied::kMaybe};
    co_return reply;
  }
  reply.failure = FailureOf(question, *response);
  if (response->Header("date").empty()) skews_.LearnFromText(host, reply.failure->error.message, now);
  co_return reply;
}

}  // namespace holdfast::aws
