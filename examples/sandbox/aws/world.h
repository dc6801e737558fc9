// A simulated account behind the interface of controller/world: a client of AWS cannot tell it from the real
// one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/world/clock.h"
#include "controller/world/http.h"
#include "examples/sandbox/aws/account.h"

namespace holdfast::sandbox::aws {

// What an answer is turned into on its way.
enum class Mangled { kNot, kHtml, kTruncated, kEmpty, kServerError };

// Answers for every service of the account's region. Who signs with a key that is not the account's is
// refused, and so is who signs for another region, another service or another time. What it refers to
// outlives it.
class AccountHttp : public Http {
 public:
  AccountHttp(Account& account, Clock& clock) : account_(account), clock_(clock) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override;

  std::string key = "AKIDSANDBOX";
  absl::Duration takes = absl::Milliseconds(5);
  // How the next so many answers arrive. What was asked is done all the same.
  Mangled mangled = Mangled::kNot;
  int mangles = 0;
  // Each exchange, for those who want to check it elsewhere.
  std::function<void(const Asked&, const Said&, const HttpResponse&)> on_exchange;

  static constexpr absl::Duration kMostSkew = absl::Minutes(15);

 private:
  HttpResponse Answer(const HttpRequest& request);
  std::optional<Fault> RefuseSignature(const HttpRequest& request, const Asked& asked) const;
  void Mangle(HttpResponse& response);

  Account& account_;
  Clock& clock_;
  uint64_t requests_ = 0;
};

// "dynamodb.us-east-1.amazonaws.com" and so on, of every service.
std::vector<std::string> AuthoritiesOf(const Account& account);

}  // namespace holdfast::sandbox::aws
