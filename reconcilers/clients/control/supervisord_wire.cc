#include "reconcilers/clients/control/supervisord_wire.h"

#include <array>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

struct FaultRow {
  int64_t code;
  std::string_view name, remedy;
};
constexpr std::array kFaults = {
    FaultRow{kUnknownMethod, "UNKNOWN_METHOD", "its configuration lacks [rpcinterface:supervisor]"},
    FaultRow{kShutdownState, "SHUTDOWN_STATE", "supervisord is shutting down or restarting"},
    FaultRow{kBadName, "BAD_NAME", "it has no such program; a member of a group is GROUP:NAME"},
    FaultRow{kBadSignal, "BAD_SIGNAL", ""},
    FaultRow{kNoFile, "NO_FILE", "the program's file does not exist: correct `command` in its configuration"},
    FaultRow{kNotExecutable, "NOT_EXECUTABLE", "the program's file may not be executed: chmod it"},
    FaultRow{kFailed, "FAILED", ""},
    FaultRow{kAbnormalTermination, "ABNORMAL_TERMINATION", "it ended before it was up: look at its log"},
    FaultRow{kSpawnError, "SPAWN_ERROR", "it could not be started: look at its log and at supervisord's"},
    FaultRow{kAlreadyStarted, "ALREADY_STARTED", ""},
    FaultRow{kNotRunning, "NOT_RUNNING", ""},
};

int64_t IntOf(const json::object& object, std::string_view key, int64_t otherwise = 0) {
  const json::value* value = object.if_contains(JsonView(key));
  return value != nullptr && value->is_int64() ? value->as_int64() : otherwise;
}
std::string TextOf(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(JsonView(key));
  return value != nullptr && value->is_string() ? std::string(Chars(value->as_string())) : std::string();
}
absl::Time TimeOf(const json::object& object, std::string_view key) {
  const int64_t seconds = IntOf(object, key);
  return seconds <= 0 ? absl::InfinitePast() : absl::FromUnixSeconds(seconds);
}

ProcessState StateOf(int64_t code) {
  switch (code) {
    case 0:
      return ProcessState::kStopped;
    case 10:
      return ProcessState::kStarting;
    case 20:
      return ProcessState::kRunning;
    case 30:
      return ProcessState::kBackoff;
    case 40:
      return ProcessState::kStopping;
    case 100:
      return ProcessState::kExited;
    case 200:
      return ProcessState::kFatal;
    default:
      return ProcessState::kUnknown;
  }
}

Status FromHttpStatus(int status, const SupervisordEndpoint& endpoint) {
  const std::string whom = Cat("supervisord at ", endpoint.Text());
  if (status == 401)
    return Unauthenticated(
        Cat(whom, ": 401, wrong user or password; correct control.supervisord.user and password"));
  if (status == 404)
    return FailedPrecondition(
        Cat(whom, ": 404 for /RPC2; is this supervisord, with [rpcinterface:supervisor]?"));
  return FailedPrecondition(Cat(whom, ": HTTP ", status));
}

// Adds what a person can do to the words of the network.
Status FromNetwork(const Status& status, const SupervisordEndpoint& endpoint, Files& files) {
  const std::string whom = Cat("supervisord at ", endpoint.Text());
  if (!endpoint.unix_socket.empty()) {
    const Result<FileInfo> socket = files.Stat(endpoint.unix_socket);
    if (!socket.ok() && socket.status().code() == Code::kNotFound)
      return Unavailable(
          Cat(whom, ": there is no such socket; start supervisord, or correct control.supervisord.socket"));
    if (status.code() == Code::kPermissionDenied)
      return PermissionDenied(Cat(whom, ": we may not use its socket; see `chown` in [unix_http_server]"));
  }
  if (status.message().find("refused") != std::string::npos)
    return Unavailable(Cat(whom, ": connection refused; start supervisord, or correct the address"));
  return Annotate(status, whom);
}

Vitals::Answer AnswerOf(const Status& status) {
  if (status.code() == Code::kLocal) return Vitals::Answer::kLocal;
  if (status.ok() || status.message().find("refused") != std::string::npos ||
      status.code() == Code::kNotFound)
    return Vitals::Answer::kAnswered;
  return Vitals::Answer::kSilent;
}

}  // namespace

Task<Posted> PostXmlRpc(World world, Secrets& secrets, SupervisordEndpoint endpoint, std::string call,
                        Limits limits) {
  HttpRequest request;
  request.method = "POST";
  request.url = endpoint.unix_socket.empty() ? endpoint.url : "http://localhost";
  while (request.url.ends_with('/')) request.url.pop_back();
  if (!request.url.ends_with("/RPC2")) request.url += "/RPC2";
  request.unix_socket = endpoint.unix_socket;
  request.headers.emplace_back("Content-Type", "text/xml");
  if (!endpoint.user.empty()) {
    Result<std::string> basic = BasicAuthorization(secrets, {endpoint.user, endpoint.password});
    if (!basic.ok())
      co_return Posted{Sent::kNo, Annotate(basic.status(), Cat("supervisord at ", endpoint.Text()))};
    request.headers.emplace_back("Authorization", *basic);
  }
  request.body = std::move(call);
  Result<HttpResponse> response = co_await world.http.Send(std::move(request), limits);
  world.vitals.Report(endpoint.Text(), AnswerOf(response.status()), world.clock.Now());
  if (!response.ok())
    co_return Posted{SentDespite(response.status()), FromNetwork(response.status(), endpoint, world.files)};
  // What supervisord answers with another status was refused by its web server, before its methods.
  if (response->status != 200)
    co_return Posted{response->status >= 500 ? Sent::kMaybe : Sent::kNo,
                     FromHttpStatus(response->status, endpoint)};
  co_return Posted{Sent::kMaybe, std::move(response->body)};
}

std::string FaultText(const XmlRpcFault& fault) {
  for (const FaultRow& row : kFaults) {
    if (row.code != fault.code) continue;
    return Cat("fault ", fault.code, " ", fault.text.empty() ? std::string(row.name) : fault.text,
               row.remedy.empty() ? "" : "; ", row.remedy);
  }
  return Cat("fault ", fault.code, " ", fault.text);
}

std::string IncarnationOf(const json::object& info) {
  return Cat(IntOf(info, "pid"), "@", IntOf(info, "start"));
}

std::optional<ProcessInfo> ReadProcessInfo(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr || !object->contains("state") || !object->contains("pid") ||
      !object->contains("start"))
    return std::nullopt;
  ProcessInfo info;
  info.name = TextOf(*object, "name");
  info.group = TextOf(*object, "group");
  if (info.name.empty()) return std::nullopt;
  info.state = StateOf(IntOf(*object, "state", 1000));
  info.statename = TextOf(*object, "statename");
  info.pid = IntOf(*object, "pid");
  info.start = TimeOf(*object, "start");
  info.stop = TimeOf(*object, "stop");
  info.now = TimeOf(*object, "now");
  info.spawnerr = Excerpt(TextOf(*object, "spawnerr"));
  info.description = Excerpt(TextOf(*object, "description"));
  info.exitstatus = IntOf(*object, "exitstatus");
  info.incarnation = IncarnationOf(*object);
  return info;
}

}  // namespace holdfast::clients
