// A server that speaks as AWS does, with signatures and permissions checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

  std::string key_id = "AKIAIOSFODNN7EXAMPLE", secret = "unchecked";

 private:
  clients::RealRig& rig_;
  std::string url_;
};

}  // namespace holdfast::aws
