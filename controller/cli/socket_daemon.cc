// The daemon behind a unix socket, asked over HTTP.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <csignal>
#include <utility>

#include "controller/base/text.h"
#include "controller/cli/daemon.h"
#include "controller/cli/machine.h"
#include "controller/world/real/signals.h"

namespace holdfast::cli {
namespace {

using namespace boost::asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace): `||`

constexpr size_t kMostAnswerBytes = size_t{1} << 30;  // a status of 100,000 resources is a tenth of that

// SIGHUP is a question to a daemon; for a command it means that its terminal is gone.
int NumberOf(HostSignal signal) {
  return signal == HostSignal::kInterrupt ? SIGINT : signal == HostSignal::kTerminate ? SIGTERM : SIGHUP;
}

class SocketDaemon final : public Daemon {
 public:
  explicit SocketDaemon(std::string socket)
      : socket_(std::move(socket)), signals_(machine_.loop.get_executor()) {}

  Result<Answer> Get(const std::string& path, absl::Duration deadline) override {
    return Ask({.method = "GET", .url = UrlOf(path)}, deadline);
  }
  Result<Answer> Post(const std::string& path, const json::object& body, absl::Duration deadline) override {
    return Ask({.method = "POST",
                .url = UrlOf(path),
                .headers = {{"Content-Type", "application/json"}},
                .body = Compact(body)},
               deadline);
  }

  Status Pause(absl::Duration duration) override {
    if (signal_ == 0) machine_.Run(SleepOrSignal(this, duration));
    return signal_ == 0 ? Status() : Status(Code::kAborted, "interrupted");
  }

  int signal() const override { return signal_; }

 private:
  static std::string UrlOf(const std::string& path) { return Cat("http://localhost", path); }

  Result<Answer> Ask(HttpRequest request, absl::Duration deadline) {
    if (socket_.empty()) return NotFound("no socket is named");
    request.unix_socket = socket_;
    Result<HttpResponse> response = Internal("nothing was sent");
    if (signal_ == 0) machine_.Run(SendOrSignal(this, std::move(request), deadline, &response));
    if (signal_ != 0) return Aborted("interrupted");
    if (!response.ok()) return response.status();
    Result<json::value> document = ParseJson(response->body);
    if (!document.ok())
      return Internal(Cat("what answers at ", socket_, " is no holdfast: ", document.status().message()));
    return Answer{response->status, *std::move(document)};
  }

  static Task<void> SendOrSignal(SocketDaemon* self, HttpRequest request, absl::Duration deadline,
                                 Result<HttpResponse>* response) {
    auto first = co_await (self->machine_.real.http.Send(
                               std::move(request), {.deadline = deadline, .max_bytes = kMostAnswerBytes}) ||
                           self->signals_.Next());
    if (first.index() == 0)
      *response = std::get<0>(std::move(first));
    else
      self->signal_ = NumberOf(std::get<1>(first));
  }

  static Task<void> SleepOrSignal(SocketDaemon* self, absl::Duration duration) {
    const auto first = co_await (self->machine_.real.clock.Sleep(duration) || self->signals_.Next());
    if (first.index() == 1) self->signal_ = NumberOf(std::get<1>(first));
  }

  const std::string socket_;
  Machine machine_;
  Signals signals_;
  int signal_ = 0;
};

}  // namespace

std::unique_ptr<Daemon> AskBySocket(const std::string& socket) {
  return std::make_unique<SocketDaemon>(socket);
}

}  // namespace holdfast::cli
