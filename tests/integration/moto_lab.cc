#include "tests/integration/moto_lab.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/uri.h"
#include "reconcilers/clients/aws/xml.h"

namespace holdfast::aws {

namespace {

constexpr absl::Duration kStart = absl::Seconds(60);
constexpr absl::Duration kCall = absl::Seconds(30);

}  // namespace

std::string Moto::Program(const std::string& name) {
  const char* path = std::getenv("PATH");
  // tests/setup puts it there when it is not on the PATH.
  const std::string own = std::filesystem::absolute("build/moto/bin");
  for (const std::string& directory : Split(Cat(own, ":", path == nullptr ? "" : path), ':'))
    if (const std::string program = Cat(directory, "/", name); access(program.c_str(), X_OK) == 0)
      return program;
  return {};
}

Moto::Moto(clients::Lab& lab, clients::RealRig& rig) : lab_(lab), rig_(rig) {
  const uint16_t port = clients::FreePort();
  url_ = Cat("http://127.0.0.1:", port);
  lab.Start("moto", {Program(), "-H", "127.0.0.1", "-p", Cat(port)});
  const bool answers = clients::WaitUntil(
      [&] {
        const Result<HttpResponse> response =
            rig_.Wait(rig_.real.http.Send({.method = "GET", .url = url_ + "/moto-api/"}, {absl::Seconds(5)}));
        return response.ok() && response->status == 200;
      },
      kStart);
  EXPECT_TRUE(answers) << lab.Log("moto");
}

HttpResponse Moto::Unchecked(const std::string& method, const std::string& path, const std::string& service,
                             const std::string& body) {
  HttpRequest request{.method = method, .url = url_ + path, .body = body};
  request.headers = {{"Content-Type", service.empty() ? "text/plain" : "application/x-www-form-urlencoded"},
                     {"Authorization", Cat("AWS4-HMAC-SHA256 Credential=", key_id, "/20260101/us-east-1/",
                                           service, "/aws4_request, SignedHeaders=host, Signature=0")}};
  Result<HttpResponse> response = rig_.Wait(rig_.real.http.Send(std::move(request), {kCall}));
  EXPECT_TRUE(response.ok() && response->status / 100 == 2)
      << path << " " << body << ": " << (response.ok() ? response->body : response.status().message());
  return response.ok() ? *response : HttpResponse();
}

void Moto::CheckEveryCall(const std::string& policy) {
  const auto iam = [&](const Pairs& form) { return Unchecked("POST", "/", "iam", FormEncoded(form)); };
  iam({{"Action", "CreateUser"}, {"Version", "2010-05-08"}, {"UserName", "ops"}});
  iam({{"Action", "PutUserPolicy"},
       {"Version", "2010-05-08"},
       {"UserName", "ops"},
       {"PolicyName", "all"},
       {"PolicyDocument", policy}});
  const HttpResponse key =
      iam({{"Action", "CreateAccessKey"}, {"Version", "2010-05-08"}, {"UserName", "ops"}});
  const Result<XmlDocument> document = ParseXml(key.body);
  ASSERT_TRUE(document.ok()) << key.body;
  const std::string at = "CreateAccessKeyResult.AccessKey.";
  key_id = TextAt(document->content, at + "AccessKeyId").value_or("");
  secret = TextAt(document->content, at + "SecretAccessKey").value_or("");
  ASSERT_FALSE(secret.empty()) << key.body;
  Unchecked("POST", "/moto-api/reset-auth", "", "0");
}

std::vector<std::pair<std::string, std::string>> Moto::Environment() const {
  return {{"AWS_ACCESS_KEY_ID", key_id}, {"AWS_SECRET_ACCESS_KEY", secret}, {"AWS_ENDPOINT_URL", url_}};
}

void Moto::ExpectPasted(const std::string& line) const {
  std::vector<std::string> argv = {"env"};
  for (const auto& [name, value] : Environment()) argv.push_back(Cat(name, "=", value));
  const char* path = std::getenv("PATH");
  argv.push_back(Cat("PATH=", std::filesystem::path(Program("aws")).parent_path().string(), ":",
                     path == nullptr ? "" : path));
  argv.insert(argv.end(), {"sh", "-c", line});
  EXPECT_EQ(lab_.Run(argv), 0) << line << "\n" << lab_.Log("run");
}

void OnMoto::SetUp() {
  if (Moto::Program().empty())
    GTEST_SKIP() << "skipped: moto_server is not installed (tests/setup check installs it)";
  moto = std::make_unique<Moto>(lab, rig);
}

void OnMoto::CheckEveryCall(const std::string& policy) {
  moto->CheckEveryCall(policy);
  clients::ClientSettings& settings = systems.Use<System>().settings;
  for (const auto& [name, value] : moto->Environment()) settings.environment[name] = value;
  settings.environment["HOME"] = lab.directory();
  settings.file_mode = rig.clients.settings.file_mode;
}

void OnMoto::Perform(const Action& action, By by) {
  if (by == By::kLine) return moto->ExpectPasted(Line(action));
  const Outcome outcome = Perform(action);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kDone) << Line(action) << ": " << outcome.detail;
}

}  // namespace holdfast::aws
