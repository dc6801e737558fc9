// holdfast-sandbox: a simulated world on this machine's loopback.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/world/real/http_server.h"
#include "controller/world/real/real_world.h"
#include "controller/world/real/run_on.h"
#include "controller/world/real/signals.h"
#include "examples/sandbox/control.h"
#include "examples/sandbox/scenario.h"
#include "examples/sandbox/stage.h"
#include "specs/node.h"

namespace holdfast::sandbox {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsage = 64;
constexpr int kControlMode = 0600;
constexpr size_t kMostAnswerBytes = 16 << 20;
constexpr absl::Duration kGrace = absl::Seconds(1);

int Usage() {
  std::cerr
      << "holdfast-sandbox: a simulated world, served on loopback\n\n"
         "  holdfast-sandbox serve SCENARIO [--socket PATH]   until SIGTERM; PATH takes commands\n"
         "  holdfast-sandbox check SCENARIO                   what is wrong with it\n"
         "  holdfast-sandbox fields                           what a scenario may say\n"
         "  holdfast-sandbox ctl --socket PATH COMMAND        breaks and heals the world that is served:\n";
  for (const Verb& verb : Verbs()) {
    std::string left = Cat("    ", verb.name, " ", verb.takes);
    left.resize(std::max<size_t>(left.size() + 2, 32), ' ');
    std::cerr << left << verb.says << "\n";
  }
  return kUsage;
}

// Tells what is wrong; nothing when it cannot be played.
std::optional<Scenario> Read(Files& files, const std::string& path) {
  Result<std::string> bytes = files.Read(path, specs::kMaxFileBytes);
  if (!bytes.ok()) {
    std::cerr << "holdfast-sandbox: " << bytes.status().message() << "\n";
    return std::nullopt;
  }
  ReadScenario read = ParseScenario(path, *std::move(bytes));
  std::cerr << specs::ProblemsText(read.problems);
  if (read.is == ReadScenario::Is::kBroken) return std::nullopt;
  return std::move(read.scenario);
}

Task<void> EndWhenTold(Stage* stage, boost::asio::any_io_executor executor) {
  Signals signals(std::move(executor));
  while (co_await signals.Next() == HostSignal::kHangUp) {
  }
  stage->End();
}

Task<int> Play(Stage* stage, HttpServer* control) {
  co_await stage->Run();
  co_await control->Stop(kGrace);
  co_return kDone;
}

int Serve(const std::string& path, const std::string& socket) {
  boost::asio::io_context loop{1};
  RealWorld real(loop.get_executor(), "/");
  std::optional<Scenario> scenario = Read(real.files, path);
  if (!scenario) return kFailed;
  Stage stage(loop.get_executor(), real.clock, *std::move(scenario));
  HttpServer control(loop.get_executor(),
                     [&](HttpQuery query) { return AnswerControl(&stage, std::move(query)); });
  Status opened = stage.Open();
  if (opened.ok() && !socket.empty()) {
    Result<Listener> listener = Listener::Unix(socket, kControlMode);
    opened = listener.status();
    if (opened.ok()) control.Serve(*std::move(listener));
  }
  if (!opened.ok()) {
    std::cerr << "holdfast-sandbox: " << opened.message() << "\n";
    return kFailed;
  }
  for (const Supervisord& one : stage.scenario().supervisords)
    std::cout << "supervisord of " << one.host << ": " << (one.socket.empty() ? one.endpoint : one.socket)
              << "\n";
  if (const ServedAccount* account = stage.account())
    std::cout << "account " << account->spec().id << " in " << account->spec().region
              << ": AWS_ENDPOINT_URL=" << account->url() << " AWS_ACCESS_KEY_ID=" << account->spec().key
              << " AWS_SECRET_ACCESS_KEY=any\n";
  std::cout << "serving " << Count(stage.hosts().units().size(), "program") << std::endl;
  boost::asio::co_spawn(loop, EndWhenTold(&stage, loop.get_executor()), [](std::exception_ptr) {});
  return RunOn(loop, Play(&stage, &control));
}

Task<Result<HttpResponse>> Post(Http* http, std::string socket, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = "http://localhost/";
  request.unix_socket = std::move(socket);
  request.body = std::move(body);
  co_return co_await http->Send(std::move(request), {absl::Seconds(10), kMostAnswerBytes});
}

int Control(const std::string& socket, const std::vector<std::string>& words) {
  boost::asio::io_context loop{1};
  RealWorld real(loop.get_executor(), "/");
  json::array list;
  for (const std::string& word : words) list.emplace_back(JsonView(word));
  const Result<HttpResponse> answer = RunOn(loop, Post(&real.http, socket, Compact(list)));
  if (!answer.ok()) {
    std::cerr << "holdfast-sandbox: no world is served at " << socket << ": " << answer.status().message()
              << "\n";
    return kFailed;
  }
  (answer->status == 200 ? std::cout : std::cerr)
      << (answer->status == 200 ? "" : "holdfast-sandbox: ") << answer->body;
  return answer->status == 200 ? kDone : kFailed;
}

int Main(std::vector<std::string> words) {
  std::string socket;
  for (size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "--socket") {
      socket = words[i + 1];
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i),
                  words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      break;
    }
  const std::string command = words.empty() ? "" : words[0];
  if (command == "ctl" && words.size() > 1 && !socket.empty())
    return Control(socket, {words.begin() + 1, words.end()});
  if (command == "serve" && words.size() == 2) return Serve(words[1], socket);
  if (command == "fields" && words.size() == 1) {
    std::cout << ScenarioFields().Markdown("scenario");
    return kDone;
  }
  if (command == "check" && words.size() == 2) {
    boost::asio::io_context loop{1};
    RealWorld real(loop.get_executor(), "/");
    return Read(real.files, words[1]) ? kDone : kFailed;
  }
  return Usage();
}

}  // namespace
}  // namespace holdfast::sandbox

int main(int count, char** arguments) {
  return holdfast::sandbox::Main(std::vector<std::string>(arguments + 1, arguments + count));
}
