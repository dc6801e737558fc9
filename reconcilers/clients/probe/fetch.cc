#include <algorithm>
#include <memory>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/probe/answers.h"
#include "reconcilers/clients/probe/asker.h"

namespace holdfast::clients {

namespace {

using How = Exchanged::How;

// When HTTP gives no answer in time, this much is left to find out whether it at least accepts connections.
constexpr absl::Duration kConnectCheck = absl::Seconds(1);

std::string HostHeader(const HttpProbe& probe, const ProbePlace& place) {
  if (!probe.host_header.empty()) return probe.host_header;
  ProbePlace here = place;
  here.from = ProbePlace::From::kFromHere;
  return place.host.starts_with('/') ? "localhost" : WhomText(here, probe.port);
}

How HowOf(const Status& status) {
  switch (status.code()) {
    case Code::kOk:
      return How::kAnswered;
    case Code::kLocal:
      return How::kLocal;
    case Code::kNotFound:
      return How::kRefused;
    case Code::kResourceExhausted:
      return How::kTooLong;
    case Code::kDeadlineExceeded:
      return How::kSilent;
    default:
      break;
  }
  if (status.message().find("refused") != std::string::npos) return How::kRefused;
  return How::kUnreachable;
}

}  // namespace

Task<Asker::Fetched> Asker::Fetch(HttpProbe probe, size_t max_bytes) {
  // What would end the line or begin another header must not get onto the wire.
  for (const std::string& word : {probe.path, probe.host_header})
    if (std::ranges::any_of(word, [](unsigned char c) { return c <= ' ' || c == 0x7f; })) {
      Fetched refused;
      refused.exchanged.detail = Cat("not a path or host that can be asked for: ", Excerpt(word, 60));
      co_return refused;
    }
  if (IsElsewhere()) co_return co_await FetchThere(std::move(probe), max_bytes);
  co_return co_await FetchHere(std::move(probe), max_bytes);
}

Task<Asker::Fetched> Asker::FetchHere(HttpProbe probe, size_t max_bytes) {
  const absl::Duration begun = world_.clock.Steady();
  Fetched out;
  out.exchanged.at = world_.clock.Now();
  HttpRequest request;
  const bool is_unix = place_.host.starts_with('/');
  request.url =
      Cat(probe.scheme, "://", is_unix ? "localhost" : HostHeader({.port = probe.port}, place_), probe.path);
  if (is_unix) request.unix_socket = place_.host;
  if (!probe.host_header.empty()) request.headers.emplace_back("Host", probe.host_header);
  request.headers.emplace_back("Accept", "application/json, */*");
  request.ca_file = probe.ca_file;
  const absl::Duration reserve = std::min(kConnectCheck, Left() / 4);
  Result<HttpResponse> response =
      co_await world_.http.Send(std::move(request), {Left() - reserve, max_bytes});
  out.exchanged.how = HowOf(response.status());
  out.exchanged.detail = response.status().message();
  if (out.exchanged.how == How::kSilent) {
    // A time-out does not say how far it came: only one who accepts connections may be called a zombie.
    const std::string host = place_.host.empty() ? "127.0.0.1" : place_.host;
    const Result<std::unique_ptr<Stream>> accepts =
        co_await world_.net.Connect(host, probe.port, std::max(Left(), absl::Milliseconds(50)));
    if (!accepts.ok())
      out.exchanged.how = accepts.status().code() == Code::kLocal ? How::kLocal : How::kUnreachable;
  }
  out.exchanged.took = world_.clock.Steady() - begun;
  if (response.ok()) out.response = *std::move(response);
  const bool is_silent = out.exchanged.how == How::kSilent || out.exchanged.how == How::kUnreachable;
  world_.vitals.Report(WhomText(place_, probe.port),
                       out.exchanged.how == How::kLocal ? Vitals::Answer::kLocal
                       : is_silent                      ? Vitals::Answer::kSilent
                                                        : Vitals::Answer::kAnswered,
                       world_.clock.Now());
  co_return out;
}

// Through ssh there is a byte stream only, which is closed in our direction once the question is sent.
Task<Asker::Fetched> Asker::FetchThere(HttpProbe probe, size_t max_bytes) {
  Talk talk{place_,
            probe.port,
            Cat("GET ", probe.path, " HTTP/1.1\r\nHost: ", HostHeader(probe, place_),
                "\r\nAccept: application/json, */*\r\nConnection: close\r\n\r\n"),
            {}};
  Fetched out;
  out.exchanged = co_await Converse(world_, ssh_, std::move(talk), {Left(), max_bytes});
  if (out.exchanged.how != How::kAnswered) co_return out;
  Result<HttpResponse> response = ParseHttpAnswer(out.exchanged.bytes);
  if (response.ok()) {
    out.response = *std::move(response);
  } else {
    out.exchanged.how = How::kUnreachable;
    out.exchanged.detail = response.status().message();
  }
  co_return out;
}

}  // namespace holdfast::clients
