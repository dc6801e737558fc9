// A simulated account of AWS on a socket of this machine.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/clock.h"
#include "controller/world/http_query.h"
#include "examples/sandbox/aws/account.h"
#include "examples/sandbox/aws/world.h"
#include "examples/sandbox/scenario_account.h"

namespace holdfast {
class HttpServer;
}

namespace holdfast::sandbox {

// All services of the account's region at one address, under the clock's time. Engine thread only; `clock`
// outlives the loop.
class ServedAccount {
 public:
  ServedAccount(boost::asio::any_io_executor executor, Clock& clock, AccountSpec spec);
  ~ServedAccount();

  // Everything stands there as the scenario says, and whoever connects is answered. FailedPrecondition: the
  // account itself refuses the scene.
  Status Open();
  Task<void> Close();
  // Lets time pass; requests alone do it too.
  void Advance() { account_.Advance(clock_.Now()); }

  std::string url() const;
  const AccountSpec& spec() const { return spec_; }
  aws::Account& account() { return account_; }

 private:
  Status LayOut();
  Task<HttpReply> Answer(HttpQuery query);

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  const AccountSpec spec_;
  aws::Account account_;
  aws::AccountHttp http_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace holdfast::sandbox
