#include "tests/integration/elasticsearch_lab.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::elasticsearch {

namespace {

constexpr std::string_view kScript = "tests/integration/elasticsearch_lab.sh";

// Tests run in the repository's root; the program runs elsewhere.
std::string ScriptPath() { return std::filesystem::absolute(kScript); }

std::string Cache() {
  const char* told = std::getenv("HOLDFAST_ELASTICSEARCH_CACHE");
  return told != nullptr ? told : std::filesystem::absolute("build/elasticsearch-nodes").string();
}

}  // namespace

std::string ElasticsearchLab::WhyNot(const Make& make) {
  for (const char* program : {"java", "python3", "setpriv", "setsid"})
    if (!clients::HasProgram(program)) return Cat(program, " is not installed");
  const std::string home = Cat(Cache(), "/", make.flavor, "-", make.version, "/.whole");
  if (std::filesystem::exists(home)) return {};
  clients::Lab lab;
  if (lab.Run({ScriptPath(), "fetch", make.flavor, make.version}) == 0) return {};
  return Cat(make.flavor, " ", make.version, " cannot be fetched: ", Trim(lab.Log("run")));
}

bool ElasticsearchLab::HasSecurity(const Make& make) {
  return std::filesystem::exists(
      Cat(Cache(), "/", make.flavor, "-", make.version, "/modules/x-pack-security"));
}

ElasticsearchLab::ElasticsearchLab(Make make) : make_(std::move(make)) {
  setenv("MASTERS", make_.masters.c_str(), 1);
  setenv("EXTRA_YML", make_.more_settings.c_str(), 1);
  setenv("PASSWORD", make_.password.c_str(), 1);
  if (Script({"start", Folder(), make_.flavor, make_.version, Cat(make_.nodes), make_.first_ip, make_.zones,
              Cat(getpid())}) != 0)
    problem_ = Cat("the cluster did not start: ", lab.Log("run"));
}

ElasticsearchLab::~ElasticsearchLab() {
  Script({"stop", Folder(), "KILL"});
  std::error_code ignored;
  std::filesystem::remove(Folder() + "/cluster.env", ignored);  // the guard goes as well
}

int ElasticsearchLab::Script(std::vector<std::string> words) {
  words.insert(words.begin(), ScriptPath());
  return lab.Run(words);
}

std::string ElasticsearchLab::Ip(int node) const {
  const size_t dot = make_.first_ip.rfind('.');
  return Cat(make_.first_ip.substr(0, dot + 1), std::atoi(make_.first_ip.c_str() + dot + 1) + node - 1);
}
std::string ElasticsearchLab::Endpoint(int node) const {
  return Cat(make_.password.empty() ? "http://" : "https://", Ip(node), ":9200");
}
std::vector<std::string> ElasticsearchLab::Endpoints() const {
  std::vector<std::string> all;
  for (int node = 1; node <= make_.nodes; ++node) all.push_back(Endpoint(node));
  return all;
}

pid_t ElasticsearchLab::PidOf(int node) const {
  return std::atoi(clients::ReadWhole(Cat(Folder(), "/n", node, "/pid")).c_str());
}

void ElasticsearchLab::Signal(int node, int number) {
  const pid_t pid = PidOf(node);
  ASSERT_GT(pid, 1);
  ASSERT_EQ(kill(pid, number), 0);
}

void ElasticsearchLab::StopNode(int node, std::string_view signal) {
  ASSERT_EQ(Script({"stop-node", Folder(), Cat("n", node), std::string(signal)}), 0) << lab.Log("run");
}
void ElasticsearchLab::StartNode(int node) {
  ASSERT_EQ(Script({"start-node", Folder(), Cat("n", node)}), 0) << lab.Log("run");
}
bool ElasticsearchLab::WaitGreen(absl::Duration longest) {
  return Script({"wait", Folder(), "green", Cat(absl::ToInt64Seconds(longest))}) == 0;
}

ElasticsearchLab::Said ElasticsearchLab::Call(const std::string& method, const std::string& path,
                                              const std::string& body, int node) {
  HttpRequest request;
  request.method = method;
  request.url = Cat(make_.password.empty() ? "http://" : Cat("https://operator:", make_.password, "@"),
                    Ip(node), ":9200", path);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  if (!make_.password.empty()) request.ca_file = Authority();
  const Result<HttpResponse> response =
      rig.Wait(rig.world.http.Send(std::move(request), {absl::Seconds(30), 64 << 20}));
  if (!response.ok()) return {0, response.status().message()};
  return {response->status, response->body};
}
ElasticsearchLab::Said ElasticsearchLab::Get(const std::string& path, int node) {
  return Call("GET", path, "", node);
}
ElasticsearchLab::Said ElasticsearchLab::Put(const std::string& path, const std::string& body, int node) {
  return Call("PUT", path, body, node);
}

}  // namespace holdfast::elasticsearch
