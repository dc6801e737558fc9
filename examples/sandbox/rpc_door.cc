#include "examples/sandbox/rpc_door.h"

#include <absl/strings/escaping.h>

#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/http_server.h"
#include "examples/sandbox/supervisord.h"
#include "examples/sandbox/xml_rpc.h"

namespace holdfast::sandbox {
namespace {

constexpr int kSocketMode = 0700;
constexpr absl::Duration kLookEvery = absl::Milliseconds(20);
constexpr int64_t kAbnormalTermination = 50;

HttpReply Plain(int status, std::string text) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain";
  reply.body = std::move(text);
  return reply;
}

}  // namespace

RpcDoor::RpcDoor(boost::asio::any_io_executor executor, Hosts& hosts, Clock& clock, Supervisord supervisord)
    : executor_(std::move(executor)), hosts_(hosts), clock_(clock), supervisord_(std::move(supervisord)) {}
RpcDoor::~RpcDoor() = default;

Status RpcDoor::Open() {
  silence_.reset();
  if (server_ != nullptr) return {};
  std::vector<Listener> listeners;
  if (!supervisord_.socket.empty())
    listeners.push_back(HF_TRY(Listener::Unix(supervisord_.socket, kSocketMode)));
  if (!supervisord_.listen.empty()) listeners.push_back(HF_TRY(Listener::Tcp(supervisord_.listen)));
  HttpServerLimits limits;
  limits.over_tcp = HttpServerLimits::OverTcp::kEverything;
  server_ = std::make_unique<HttpServer>(
      executor_, [this](HttpQuery query) { return Answer(std::move(query)); }, limits);
  for (Listener& listener : listeners) server_->Serve(std::move(listener));
  return {};
}

Task<void> RpcDoor::Close() {
  silence_.reset();
  if (server_ == nullptr) co_return;
  co_await server_->Stop(absl::ZeroDuration());
  server_.reset();
}

Task<Status> RpcDoor::Mute() {
  if (silence_) co_return Status();
  co_await Close();
  const size_t colon = supervisord_.listen.rfind(':');
  const auto port = static_cast<uint16_t>(std::stoi(supervisord_.listen.substr(colon + 1)));
  silence_.emplace(HF_CO_TRY(Silence::At(executor_, PlaceAt(supervisord_.listen.substr(0, colon), port))));
  co_return Status();
}

bool RpcDoor::IsAllowed(const HttpQuery& query) const {
  if (supervisord_.user.empty() || query.peer.way == HttpPeer::Way::kUnixSocket) return true;
  return query.Header("authorization") ==
         Cat("Basic ", absl::Base64Escape(Cat(supervisord_.user, ":", supervisord_.password)));
}

Task<HttpReply> RpcDoor::Answer(HttpQuery query) {
  if (!IsAllowed(query)) {
    HttpReply reply = Plain(401, "wrong user or password\n");
    reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"default\"");
    co_return reply;
  }
  if (query.path != "/RPC2") co_return Plain(404, "a simulated supervisord answers at /RPC2\n");
  if (query.method != "POST") co_return Plain(405, "an XML-RPC call is a POST\n");
  hosts_.Advance(clock_.Now());
  HttpReply reply;
  reply.content_type = "text/xml";
  reply.body = AnswerRpc(hosts_, supervisord_.endpoint, query.body);
  if (reply.body.find("faultCode") == std::string::npos)
    if (auto outcome = co_await Outcome(std::move(query.body))) reply.body = *std::move(outcome);
  co_return reply;
}

// Waiting is what supervisord does unless it is told not to, and what supervisorctl relies on.
Task<std::optional<std::string>> RpcDoor::Outcome(std::string request) {
  const std::optional<RpcCall> call = ReadCall(request);
  if (!call || call->params.empty() || !call->params[0].is_string()) co_return std::nullopt;
  if (call->method != "supervisor.startProcess" && call->method != "supervisor.stopProcess")
    co_return std::nullopt;
  if (call->params.size() > 1 && call->params[1] == json::value(false)) co_return std::nullopt;
  const std::string name(Chars(call->params[0].get_string()));
  const absl::Duration until = clock_.Steady() + kLongestWait;
  for (; clock_.Steady() < until; co_await clock_.Sleep(kLookEvery)) {
    hosts_.Advance(clock_.Now());
    const Unit* unit = hosts_.FindProgram(supervisord_.host, supervisord_.endpoint, name);
    if (unit == nullptr || unit->state == UnitState::kStopping) continue;
    if (call->method == "supervisor.stopProcess" || unit->state == UnitState::kRunning)
      co_return std::nullopt;
    if (unit->state != UnitState::kStarting)
      co_return WriteAnswer(Fault(kAbnormalTermination, Cat("ABNORMAL_TERMINATION: ", name)));
  }
  co_return std::nullopt;
}

}  // namespace holdfast::sandbox
