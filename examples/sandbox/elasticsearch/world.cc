#include "examples/sandbox/elasticsearch/world.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/elasticsearch/answers.h"
#include "examples/sandbox/shell.h"
#include "examples/sandbox/wire_text.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

constexpr absl::Duration kTakes = absl::Milliseconds(1);
constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
// After so long without an end a SIGTERM is followed by a SIGKILL.
constexpr absl::Duration kUntilKill = absl::Seconds(29);

// The node whose ip or host it is, on that port.
uint32_t NodeAt(const Ground& ground, std::string_view authority) {
  const size_t colon = authority.rfind(':');
  const std::string_view host = authority.substr(0, colon);
  const int port = colon == authority.npos ? 80 : NumberOf(authority.substr(colon + 1), 0);
  for (uint32_t i = 0; i < ground.nodes.size(); ++i) {
    const Node& node = ground.nodes[i];
    if (node.port == port && (node.ip == host || node.host == host || node.name == host)) return i;
  }
  return kNowhere;
}

struct Address {
  std::string authority, target;
};
Address AddressOf(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  const size_t end = std::min(url.find_first_of("/?"), url.size());
  std::string_view authority = url.substr(0, end);
  if (const size_t at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  return {std::string(authority), std::string(url.substr(end))};
}

std::string UnitTime(absl::Time time) {
  return time == absl::InfinitePast()
             ? ""
             : absl::FormatTime("%a %Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

}  // namespace

Task<Result<HttpResponse>> ClusterHttp::Send(HttpRequest request, Limits limits, HttpSink* sink) {
  const Address address = AddressOf(request.url);
  co_await clock_.Sleep(std::min(kTakes, limits.deadline));
  cluster_.Advance(clock_.Now());
  const uint32_t node = NodeAt(cluster_.ground(), address.authority);
  if (node == kNowhere) {
    co_await clock_.Sleep(limits.deadline);
    co_return DeadlineExceeded(Cat("connect to ", address.authority, ": timed out"));
  }
  const Node::Is is = cluster_.ground().nodes[node].is;
  if (is == Node::Is::kFrozen) {
    co_await clock_.Sleep(limits.deadline);
    cluster_.Advance(clock_.Now());
    co_return DeadlineExceeded(Cat(address.authority, ": connected, but no answer in time"));
  }
  if (is != Node::Is::kUp) co_return Unavailable(Cat(address.authority, ": Connection refused"));
  Answer answer;
  if (html_answers > 0) {
    --html_answers;
    answer = {.content_type = "text/html", .body = "<html><body>It works!</body></html>"};
  } else if (!wants_authorization.empty() && HeaderOf(request, "authorization") != wants_authorization) {
    answer = {
        .status = 401,
        .body =
            R"({"error":{"type":"security_exception","reason":"missing authentication credentials"},"status":401})"};
  } else {
    answer = AnswerRequest(
        cluster_, node,
        {request.method, address.target, HeaderOf(request, "content-type"), std::move(request.body)});
  }
  co_await clock_.Sleep(std::min(answer.took, limits.deadline));
  cluster_.Advance(clock_.Now());
  if (answer.took >= limits.deadline)
    co_return DeadlineExceeded(Cat(address.authority, ": no answer in time"));
  if (answer.body.size() > limits.max_bytes)
    co_return ResourceExhausted(
        Cat(address.authority, ": the answer is longer than ", limits.max_bytes, " bytes"));
  HttpResponse response{answer.status, {{"content-type", answer.content_type}}, std::move(answer.body)};
  if (sink == nullptr || response.status / 100 != 2) co_return response;
  constexpr size_t kPiece = 64 << 10;
  const std::string body = std::exchange(response.body, {});
  for (size_t at = 0; at < body.size(); at += kPiece)
    HF_CO_TRY(sink->Take(response, std::string_view(body).substr(at, kPiece)));
  co_return response;
}

Task<Result<Exit>> ClusterCommands::Run(CommandLine command, Limits limits) {
  cluster_.Advance(clock_.Now());
  if (command.argv.empty()) co_return NotFound("an empty command");
  const Ran ran =
      command.argv[0] == "ssh" ? Over(command.argv) : Control(command.argv, std::move(command.input));
  co_await clock_.Sleep(std::min(ran.took, limits.deadline));
  cluster_.Advance(clock_.Now());
  if (ran.took > limits.deadline) co_return DeadlineExceeded(Cat(command.argv[0], ": did not end in time"));
  co_return ran.exit;
}

ClusterCommands::Ran ClusterCommands::Control(const std::vector<std::string>& argv, std::string input) {
  if (argv.size() == 3 && argv[1] == "stop-node") return StopNode(argv[2]);
  if (argv.size() == 3 && argv[1] == "start-node") return StartNode(argv[2]);
  if (argv.size() == 4 && (argv[1] == "get" || argv[1] == "put")) return FileOf(argv, std::move(input));
  return {{.code = 2, .errors = "usage: ctl stop-node|start-node NAME, ctl get|put NAME PATH\n"}, kTakes};
}

ClusterCommands::Ran ClusterCommands::FileOf(const std::vector<std::string>& argv, std::string input) {
  const uint32_t node = cluster_.ground().NodeByName(argv[2]);
  if (node == kNowhere) return {{.code = 1, .errors = Cat("no node ", argv[2], "\n")}, kTakes};
  if (argv[1] == "put") {
    cluster_.PutFile(argv[2], argv[3], std::move(input), By::kController);
    return {{.code = 0}, kTakes};
  }
  const Texts& files = cluster_.ground().nodes[node].files;
  const auto found = files.find(argv[3]);
  if (found == files.end()) return {{.code = 1, .errors = Cat(argv[3], ": No such file\n")}, kTakes};
  return {{.code = 0, .output = found->second}, kTakes};
}

ClusterCommands::Ran ClusterCommands::StopNode(const std::string& node) {
  const Status status = cluster_.Stop(node, By::kController);
  if (!status.ok()) return {{.code = 1, .errors = Cat(status.message(), "\n")}, kTakes};
  const Ground& ground = cluster_.ground();
  if (ground.nodes[ground.NodeByName(node)].is != Node::Is::kFrozen)
    return {{.code = 0}, Cluster::kGoesDown + absl::Milliseconds(100)};
  (void)cluster_.Kill(node, By::kController);
  return {{.code = 0}, kUntilKill};
}

ClusterCommands::Ran ClusterCommands::StartNode(const std::string& node) {
  const Status status = cluster_.Start(node, By::kController);
  if (!status.ok()) return {{.code = 1, .errors = Cat(status.message(), "\n")}, kTakes};
  return {{.code = 0}, absl::Milliseconds(500)};
}

// The words after "--": the host, and one line for its shell.
ClusterCommands::Ran ClusterCommands::Over(const std::vector<std::string>& argv) {
  const auto dashes = std::find(argv.begin(), argv.end(), "--");
  const std::string host = argv.end() - dashes > 1 ? dashes[1] : "";
  std::vector<std::string> words =
      argv.end() - dashes > 2 ? ShellWords(dashes[2]) : std::vector<std::string>();
  const Ground& ground = cluster_.ground();
  const auto node = std::find_if(ground.nodes.begin(), ground.nodes.end(), [&](const Node& candidate) {
    return candidate.ip == host || candidate.host == host || candidate.name == host;
  });
  if (node == ground.nodes.end())
    return {{.code = 255, .errors = Cat("ssh: connect to host ", host, " port 22: Connection timed out\n")},
            kConnectTimeout};
  const auto systemctl = std::find(words.begin(), words.end(), "systemctl");
  if (systemctl == words.end())
    return {words.empty() || words[0] == "true" ? Exit{.code = 0}
                                                : Exit{.code = 127, .errors = "command not found\n"},
            absl::Milliseconds(200)};
  words.erase(words.begin(), systemctl + 1);
  Ran ran = Systemctl(node->name, words);
  ran.took += absl::Milliseconds(200);
  return ran;
}

ClusterCommands::Ran ClusterCommands::Systemctl(const std::string& name,
                                                const std::vector<std::string>& words) {
  std::vector<std::string> plain;
  for (const std::string& word : words)
    if (!word.starts_with("-")) plain.push_back(word);
  if (plain.empty()) return {{.code = 1, .errors = "systemctl without a verb\n"}, kTakes};
  if (plain[0] == "stop" || plain[0] == "kill") return StopNode(name);
  if (plain[0] == "start") {
    Ran ran = StartNode(name);
    ran.exit = {.code = 0};  // of a unit that runs it is no failure
    return ran;
  }
  const Node& node = cluster_.ground().nodes[cluster_.ground().NodeByName(name)];
  const int64_t lives = absl::ToUnixSeconds(node.started);
  if (std::find(words.begin(), words.end(), "--property=InvocationID") != words.end())
    return {{.code = 0, .output = Cat("inv", lives, "\n")}, kTakes};
  const bool down = node.is == Node::Is::kDown, leaving = node.is == Node::Is::kLeaving;
  std::string output;
  for (size_t i = 1; i < plain.size(); ++i)
    Append(output, i > 1 ? "\n" : "", "Id=", plain[i], "\nLoadState=loaded\nActiveState=",
           down      ? "inactive"
           : leaving ? "deactivating"
                     : "active",
           "\nSubState=",
           down      ? "dead"
           : leaving ? "stop-sigterm"
                     : "running",
           "\nInvocationID=inv", lives, "\nMainPID=", down ? 0 : 4000 + lives % 1000,
           "\nResult=success\nNRestarts=0\nExecMainCode=0",
           "\nExecMainStatus=0\nJob=\nUnitFileState=enabled\nStateChangeTimestamp=", UnitTime(node.started),
           "\nActiveEnterTimestamp=", UnitTime(node.started),
           "\nInactiveEnterTimestamp=", UnitTime(down ? cluster_.ground().now : absl::InfinitePast()), "\n");
  return {{.code = 0, .output = output}, kTakes};
}

std::vector<std::string> AuthoritiesOf(const Cluster& cluster) {
  std::vector<std::string> all;
  for (const Node& node : cluster.ground().nodes) all.push_back(Cat(node.ip, ":", node.port));
  return all;
}

}  // namespace holdfast::sandbox::elasticsearch
