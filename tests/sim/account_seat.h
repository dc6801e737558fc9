// A simulated AWS account at its place in the harness's world: its services answer at their own names.
#pragma once

#include <string>
#include <utility>

#include "examples/sandbox/aws/account.h"
#include "examples/sandbox/aws/world.h"
#include "tests/sim/harness.h"

namespace holdfast::sim {

// auto& seat = harness.Add<AccountSeat>(harness); seat.account.AddTable(…); Before Start.
class AccountSeat {
 public:
  explicit AccountSeat(Harness& harness, sandbox::aws::Account::Setup setup = {})
      : account(harness.clock.Now(), std::move(setup)), http(account, harness.clock), harness_(harness) {
    for (const std::string& authority : sandbox::aws::AuthoritiesOf(account))
      harness.AnswersAt(authority, http);
    harness.environment["AWS_ACCESS_KEY_ID"] = http.key;
    harness.environment["AWS_SECRET_ACCESS_KEY"] = "not-checked-here";
  }

  // As it is by now; requests alone move it too.
  sandbox::aws::Account& Now() {
    account.Advance(harness_.clock.Now());
    return account;
  }

  sandbox::aws::Account account;
  sandbox::aws::AccountHttp http;

 private:
  Harness& harness_;
};

}  // namespace holdfast::sim
