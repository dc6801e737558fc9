// One signed request to a service and its answer, without a second try.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>

#include "controller/base/json.h"
#include "controller/world/world.h"
#include "reconcilers/clients/aws/encode.h"
#include "reconcilers/clients/aws/endpoint.h"
#include "reconcilers/clients/aws/failure.h"
#include "reconcilers/clients/aws/sigv4.h"

namespace holdfast::aws {

// What a call came to: a document, or a failure.
struct Reply {
  json::value body;  // an object when ok()
  std::optional<Failure> failure;
  std::string request_id;
  absl::Time asked_at;         // when the request was sent that was answered
  absl::Duration retry_after;  // as the service asks us to wait; zero when it does not
  int attempts = 0;
  bool ok() const { return !failure.has_value() && attempts > 0; }
  // The failure's status, or ok.
  Status status() const;
};
// A failure on our side, before anything was sent.
Reply Unsent(Status status);

// How far each service's clock is from ours, by host. Asked before signing, told with every answer.
class Skews {
 public:
  absl::Duration Of(const std::string& host) const;
  // The same where it is kTold at least, else zero: what is less may be the network, and varies.
  absl::Duration LargeOf(const std::string& host) const;
  // `sent` and `received` are wall-clock moments of ours. An answer that took long or came out of a cache
  // says nothing; so does one without a Date.
  void Learn(const std::string& host, const HttpResponse& response, absl::Time sent, absl::Time received);
  // From "… (20261121T161500Z - 5 min.)" in the message of a refusal.
  void LearnFromText(const std::string& host, std::string_view message, absl::Time received);

  static constexpr absl::Duration kMostRoundTrip = absl::Minutes(15);
  // Less is the network and the header's whole seconds.
  static constexpr absl::Duration kLeastSkew = absl::Seconds(5);
  // A refused signature is put down to the clock only when this much was wrong.
  static constexpr absl::Duration kExplains = absl::Minutes(4);
  // So much is told in the log, once, and once more when it is over.
  static constexpr absl::Duration kTold = absl::Minutes(1);

 private:
  void Keep(const std::string& host, absl::Duration skew);
  std::map<std::string, absl::Duration> skews_;
  // The last Date and what it says: answers of the same second come with the same one.
  std::string date_;
  std::optional<absl::Time> said_;
};

struct Question {
  const Service* service = nullptr;
  const Operation* operation = nullptr;
  json::value parameters;
  Endpoint endpoint;
  std::optional<Credentials> credentials;  // unsigned without
  std::string ca_file;
};

// The signer and the skews of one client. What it refers to outlives it.
class Exchanger {
 public:
  explicit Exchanger(World world) : world_(world) {}

  // Never throws. Sends once, and once more only what was refused for the time in its signature when the
  // answer told a better one. No credential is in any message that comes back, whatever the other side
  // quotes.
  Task<Reply> Ask(Question question, absl::Duration deadline);
  Skews& skews() { return skews_; }

  static constexpr size_t kMostAnswerBytes = 16 << 20;

 private:
  Task<Reply> Send(Question question, absl::Duration deadline);
  bool IsExplainedByClock(const Reply& reply, absl::Duration used, const std::string& host) const;

  World world_;
  Signer signer_;
  Skews skews_;
};

// The headers that a signed request carries, Authorization among them.
Pairs SignedHeaders(Signer& signer, const Question& question, const Encoded& encoded, absl::Time at);

}  // namespace holdfast::aws
