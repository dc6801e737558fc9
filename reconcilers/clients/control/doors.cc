#include "reconcilers/clients/control/doors.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/clients/control/door_calls.h"
#include "reconcilers/clients/control/sent.h"

namespace holdfast::clients {

namespace {

using Kind = Outcome::Kind;

constexpr int kGone = 41, kAnother = 42, kNotAllowed = 43;

// Compares and signals in one command, so that hardly any time is left for the pid to be reused between.
constexpr std::string_view kSignalScript = R"(b=$(cat /proc/sys/kernel/random/boot_id) || exit 44
s=$(cat "/proc/$1/stat" 2>/dev/null) || exit 41
p=$1; n=$2; want=$3
set -- ${s##*) }
[ "$1" = Z ] && exit 41
[ "${b%%-*}:${20}" = "$want" ] || exit 42
kill "-$n" "$p" || exit 43)";

// The end of what a program said tells why it failed; the beginning is often chatter.
std::string LastWords(const Exit& exit) {
  std::string_view said = Trim(exit.errors);
  if (said.empty()) said = Trim(exit.output);
  if (said.size() > ControlDoors::kMostDetail) said.remove_prefix(said.size() - ControlDoors::kMostDetail);
  return Excerpt(said, ControlDoors::kMostDetail);
}

// Before a command ran there is nothing that could have happened.
Outcome FromFailure(const Status& status) {
  return {status.code() == Code::kDeadlineExceeded ? Kind::kUnknown : Kind::kRefused, status.message(), ""};
}

}  // namespace

ControlDoors::ControlDoors(World world, Clients& clients) : world_(world), clients_(clients) {}
ControlDoors::~ControlDoors() = default;

Task<Outcome> ControlDoors::Perform(Action action, absl::Duration deadline) {
  Outcome outcome;
  if (auto* http = std::get_if<HttpCall>(&action))
    outcome = co_await Do(std::move(*http), deadline);
  else if (auto* call = std::get_if<XmlRpcCall>(&action))
    outcome = co_await Do(std::move(*call), deadline);
  else if (auto* command = std::get_if<Command>(&action))
    outcome = co_await Do(std::move(*command), deadline);
  else if (auto* signal = std::get_if<Signal>(&action))
    outcome = co_await Do(std::move(*signal), deadline);
  else
    outcome = {Kind::kRefused, "this door does not lead to AWS", ""};
  outcome.detail = Excerpt(clients_.secrets.Scrubbed(outcome.detail), kMostDetail);
  co_return outcome;
}

Task<Outcome> ControlDoors::Do(HttpCall call, absl::Duration deadline) {
  HttpRequest request{call.method, call.url, call.unix_socket, {}, "", call.ca_file};
  for (const auto& [name, value] : call.headers) {
    Result<std::string> resolved = clients_.secrets.Resolve(value);
    if (!resolved.ok()) co_return Outcome{Kind::kRefused, resolved.status().message(), ""};
    request.headers.emplace_back(name, *std::move(resolved));
  }
  if (call.auth) {
    Result<std::string> basic = BasicAuthorization(clients_.secrets, *call.auth);
    if (!basic.ok()) co_return Outcome{Kind::kRefused, basic.status().message(), ""};
    request.headers.emplace_back("Authorization", *std::move(basic));
  }
  Result<std::string> body = clients_.secrets.Resolve(call.body);
  if (!body.ok()) co_return Outcome{Kind::kRefused, body.status().message(), ""};
  request.body = *std::move(body);
  const Result<HttpResponse> response =
      co_await world_.http.Send(std::move(request), {deadline, kMostAnswerBytes});
  if (!response.ok())
    co_return Outcome{SentDespite(response.status()) == Sent::kNo ? Kind::kRefused : Kind::kUnknown,
                      response.status().message(), ""};
  const std::string detail =
      Cat("HTTP ", response->status, response->body.empty() ? "" : ": ", Excerpt(response->body));
  if (response->status >= 200 && response->status < 300) co_return Outcome{Kind::kDone, detail, ""};
  co_return Outcome{response->status >= 500 ? Kind::kUnknown : Kind::kRefused, detail, ""};
}

Task<Outcome> ControlDoors::Do(XmlRpcCall call, absl::Duration deadline) {
  const SupervisordEndpoint endpoint = EndpointOf(call);
  std::unique_ptr<Calls>& calls =
      endpoints_[Cat(endpoint.Text(), " ", endpoint.user, " ", endpoint.password.name)];
  if (!calls) calls = std::make_unique<Calls>(world_, clients_.secrets, endpoint);
  return calls->Make(std::move(call), deadline);
}

Task<Outcome> ControlDoors::Do(Command command, absl::Duration deadline) {
  const absl::Duration until = world_.clock.Steady() + deadline;
  CommandLine line;
  for (const Text& word : command.argv) {
    Result<std::string> resolved = clients_.secrets.Resolve(word);
    if (!resolved.ok()) co_return Outcome{Kind::kRefused, resolved.status().message(), ""};
    line.argv.push_back(*std::move(resolved));
  }
  if (line.argv.empty()) co_return Outcome{Kind::kRefused, "an empty command", ""};
  Result<std::string> input = clients_.secrets.Resolve(command.input);
  if (!input.ok()) co_return Outcome{Kind::kRefused, input.status().message(), ""};
  line.input = *std::move(input);
  if (command.only_if) {
    CommandLine check{command.only_if->argv, "", {}};
    const Result<Exit> now =
        co_await clients_.ssh.Run(command.where, std::move(check), {deadline, kMostAnswerBytes});
    if (!now.ok())
      co_return Outcome{Kind::kRefused, Cat("not compared, so not done: ", now.status().message()), ""};
    std::string_view output = now->output;
    if (output.ends_with('\n')) output.remove_suffix(1);
    if (now->signal != 0 || output != command.only_if->output)
      co_return Outcome{Kind::kRefused,
                        Cat("it is another one now: '", Excerpt(output, 80), "' instead of '",
                            Excerpt(command.only_if->output, 80), "'"),
                        ""};
  }
  const absl::Duration left = until - world_.clock.Steady();
  if (left <= absl::ZeroDuration()) co_return Outcome{Kind::kRefused, "no time was left to begin", ""};
  const Result<Exit> ran =
      co_await clients_.ssh.Run(command.where, std::move(line), {left, kMostAnswerBytes});
  if (!ran.ok()) co_return FromFailure(ran.status());
  if (ran->signal != 0)
    co_return Outcome{Kind::kUnknown, Cat("ended by signal ", ran->signal, ": ", LastWords(*ran)), ""};
  if (std::ranges::count(command.done_codes, ran->code) > 0)
    co_return Outcome{Kind::kDone, LastWords(*ran), ""};
  co_return Outcome{Kind::kRefused, Cat("exit code ", ran->code, ": ", LastWords(*ran)), ""};
}

Task<Outcome> ControlDoors::Do(Signal signal, absl::Duration deadline) {
  if (!signal.where.host.empty()) co_return co_await SignalElsewhere(std::move(signal), deadline);
  if (!clients_.settings.signal_process)
    co_return Outcome{Kind::kRefused, "this controller cannot send signals", ""};
  const Status status = clients_.settings.signal_process(signal.pid, signal.incarnation, signal.number);
  if (status.ok()) co_return Outcome{Kind::kDone, "", ""};
  co_return Outcome{Kind::kRefused, status.message(), ""};
}

Task<Outcome> ControlDoors::SignalElsewhere(Signal signal, absl::Duration deadline) {
  CommandLine line{
      {"sh", "-c", std::string(kSignalScript), "sh", Cat(signal.pid), Cat(signal.number), signal.incarnation},
      "",
      {}};
  const Result<Exit> ran =
      co_await clients_.ssh.Run(signal.where, std::move(line), {deadline, kMostAnswerBytes});
  if (!ran.ok()) co_return FromFailure(ran.status());
  const std::string whom = Cat("process ", signal.pid, " on ", PlaceText(signal.where));
  switch (ran->code) {
    case 0:
      co_return Outcome{Kind::kDone, "", ""};
    case kGone:
      co_return Outcome{Kind::kRefused, Cat(whom, " is gone"), ""};
    case kAnother:
      co_return Outcome{Kind::kRefused, Cat(whom, " is another one now than ", signal.incarnation), ""};
    case kNotAllowed:
      co_return Outcome{Kind::kRefused, Cat(whom, ": ", LastWords(*ran)), ""};
    default:
      co_return Outcome{Kind::kRefused, Cat(whom, ": exit code ", ran->code, ": ", LastWords(*ran)), ""};
  }
}

}  // namespace holdfast::clients
