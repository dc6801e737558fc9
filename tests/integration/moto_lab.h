// A server that speaks as AWS does, with signatures and permissions checked.
#pragma once

#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/kind/systems.h"
#include "controller/plan/action.h"
#include "controller/plan/doors.h"
#include "reconcilers/clients/aws/client.h"
#include "reconcilers/clients/aws/doors.h"
#include "reconcilers/clients/aws/system.h"
#include "tests/integration/lab.h"

namespace holdfast::aws {

// moto_server as it is installed from PyPI (moto[server]): a judge of encodings and signatures, not of
// behaviour, which is AWS's only in part.
class Moto {
 public:
  static constexpr std::string_view kEverything =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";

  // The program's path, or "" when it is not installed.
  static std::string Program(const std::string& name = "moto_server");
  // Why a test that pastes lines is skipped where Program("aws") is "".
  static constexpr std::string_view kNoAws =
      "skipped: the aws program is not installed (tests/setup check installs it)";
  // Starts it and waits until it answers; a test failure when it does not.
  Moto(clients::Lab& lab, clients::RealRig& rig);

  const std::string& url() const { return url_; }
  // A user who may do what the policy says, and his key. From then on every call is checked. moto names
  // CloudWatch's actions `monitoring:` and knows no resources but "*".
  void CheckEveryCall(const std::string& policy = std::string(kEverything));
  // Sends what only tests send: as a user that nobody checks.
  HttpResponse Unchecked(const std::string& method, const std::string& path, const std::string& service,
                         const std::string& body);
  // The environment of a process that has the user's key and knows where the server is.
  std::vector<std::pair<std::string, std::string>> Environment() const;
  // A line as a person would paste it who has the user's key and the aws program.
  void ExpectPasted(const std::string& line) const;

  std::string key_id = "AKIAIOSFODNN7EXAMPLE", secret = "unchecked";

 private:
  clients::Lab& lab_;
  clients::RealRig& rig_;
  std::string url_;
};

// How a step is performed: by our door, or by its line pasted into a shell.
enum class By { kDoor, kLine };

// What the tests on it share: the clients and doors of the daemon with their own machine's clock and files.
// Where moto_server is missing, the test is skipped.
struct OnMoto : testing::Test {
  void SetUp() override;
  // From here on with a key of a user who may do what the policy says.
  void CheckEveryCall(const std::string& policy = std::string(Moto::kEverything));
  Reply SendRead(Call call) { return rig.Wait(client().Read(std::move(call), kDeadline)); }
  Reply SendWrite(Call call) { return rig.Wait(client().Write(std::move(call), kDeadline)); }
  Outcome Perform(const Action& action) { return rig.Wait(doors.Perform(action, kDeadline)); }
  // Expects that it works.
  void Perform(const Action& action, By by);
  Client& client() { return systems.Use<System>().client; }

  static constexpr absl::Duration kDeadline = absl::Seconds(60);
  struct NobodyWakes : Waker {
    void LookNow(const ResourceKey&, std::string) override {}
  };
  clients::Lab lab;
  clients::RealRig rig{lab.directory()};
  NobodyWakes waker;
  Systems systems{rig.world, waker};
  AwsDoors doors{systems.Use<System>(), rig.doors};
  std::unique_ptr<Moto> moto;
};

}  // namespace holdfast::aws
