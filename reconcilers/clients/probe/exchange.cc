#include "reconcilers/clients/probe/exchange.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::clients {

namespace {

using How = Exchanged::How;
using Level = ProbeAnswer::Level;

constexpr std::string_view kLoopback = "127.0.0.1";
constexpr size_t kPiece = 16 << 10;

std::string HostOf(const ProbePlace& place) {
  return place.host.empty() ? std::string(kLoopback) : place.host;
}

How HowOf(const Status& status) {
  if (status.code() == Code::kLocal) return How::kLocal;
  if (status.code() == Code::kNotFound) return How::kRefused;  // a socket that is not there
  if (status.code() == Code::kUnavailable && status.message().find("refused") != std::string::npos)
    return How::kRefused;
  return How::kUnreachable;
}

Task<Exchanged> OverSsh(World world, Ssh& ssh, Talk talk, Limits limits) {
  Exchanged out;
  const Result<std::string> got =
      co_await ssh.Exchange(talk.place.where, HostOf(talk.place), talk.port, talk.send, limits);
  if (got.ok()) {
    // An end without a byte may be the server's, or that of the way there.
    out.how = got->empty() ? How::kUnreachable : How::kAnswered;
    if (got->empty()) out.detail = "closed without a byte";
    out.bytes = *got;
    co_return out;
  }
  out.detail = got.status().message();
  switch (got.status().code()) {
    case Code::kNotFound:
      out.how = How::kRefused;
      break;
    case Code::kDeadlineExceeded:
      out.how = How::kSilent;
      break;
    case Code::kResourceExhausted:
      out.how = How::kTooLong;
      break;
    case Code::kLocal:
      out.how = How::kLocal;
      break;
    default:
      out.how = How::kUnreachable;
  }
  co_return out;
}

Task<Exchanged> Direct(World world, Talk talk, Limits limits) {
  Exchanged out;
  const absl::Duration until = world.clock.Steady() + limits.deadline;
  Result<std::unique_ptr<Stream>> connected =
      co_await world.net.Connect(HostOf(talk.place), talk.port, limits.deadline);
  if (!connected.ok()) {
    out.how = HowOf(connected.status());
    out.detail = connected.status().message();
    co_return out;
  }
  Stream& stream = **connected;
  if (!talk.send.empty()) {
    const Status written = co_await stream.Write(talk.send, until - world.clock.Steady());
    if (!written.ok()) {
      out.how = written.code() == Code::kDeadlineExceeded ? How::kSilent : How::kClosed;
      out.detail = written.message();
      co_return out;
    }
  }
  while (!talk.is_enough || !talk.is_enough(out.bytes)) {
    const absl::Duration left = until - world.clock.Steady();
    Result<std::string> piece =
        left > absl::ZeroDuration() ? co_await stream.Read(kPiece, left) : DeadlineExceeded("no time left");
    if (!piece.ok()) {
      const bool is_late = piece.status().code() == Code::kDeadlineExceeded;
      out.how = !is_late ? How::kClosed : out.bytes.empty() ? How::kSilent : How::kPartial;
      out.detail = piece.status().message();
      co_return out;
    }
    if (piece->empty()) break;
    out.bytes += *piece;
    if (out.bytes.size() <= limits.max_bytes) continue;
    out.how = How::kTooLong;
    co_return out;
  }
  const bool is_closed_unsaid = out.bytes.empty() && (!talk.is_enough || !talk.is_enough(out.bytes));
  out.how = is_closed_unsaid ? How::kClosed : How::kAnswered;
  co_return out;
}

Vitals::Answer VitalsOf(How how) {
  switch (how) {
    case How::kLocal:
      return Vitals::Answer::kLocal;
    case How::kUnreachable:
    case How::kSilent:
      return Vitals::Answer::kSilent;
    default:
      return Vitals::Answer::kAnswered;
  }
}

}  // namespace

std::string WhomText(const ProbePlace& place, uint16_t port) {
  const std::string host = HostOf(place);
  if (host.starts_with('/')) return host;
  std::string text = host.find(':') == std::string::npos ? Cat(host, ":", port) : Cat("[", host, "]:", port);
  if (place.from == ProbePlace::From::kOnHost && !place.where.host.empty())
    Append(text, " on ", PlaceText(place.where));
  return text;
}

Task<Exchanged> Converse(World world, Ssh& ssh, Talk talk, Limits limits) {
  const absl::Time at = world.clock.Now();
  const absl::Duration begun = world.clock.Steady();
  const std::string whom = WhomText(talk.place, talk.port);
  const bool is_elsewhere = talk.place.from == ProbePlace::From::kOnHost && !talk.place.where.host.empty();
  Exchanged out;
  if (is_elsewhere)
    out = co_await OverSsh(world, ssh, std::move(talk), limits);
  else
    out = co_await Direct(world, std::move(talk), limits);
  out.at = at;
  out.took = world.clock.Steady() - begun;
  // What went through ssh was reported by it.
  if (!is_elsewhere) world.vitals.Report(whom, VitalsOf(out.how), world.clock.Now());
  co_return out;
}

ProbeAnswer Answered(const Exchanged& exchanged, Level level, std::string detail) {
  return {level, std::move(detail), {}, exchanged.at, exchanged.took};
}

std::optional<ProbeAnswer> WithoutAnswer(const Exchanged& exchanged, const std::string& whom) {
  const auto say = [&](Level level, std::string detail) {
    return Answered(exchanged, level, Cat(whom, ": ", detail));
  };
  switch (exchanged.how) {
    case How::kAnswered:
      return std::nullopt;
    case How::kRefused:
      return say(Level::kNothingThere, "connection refused");
    case How::kSilent:
      return say(Level::kConnects, Cat("accepts the connection, but no answer in ", Brief(exchanged.took)));
    case How::kPartial:
      return say(Level::kConnects, Cat("only ", Count(exchanged.bytes.size(), "byte"), " of an answer in ",
                                       Brief(exchanged.took)));
    case How::kTooLong:
      return say(Level::kWrong, "the answer is too long; cut off");
    case How::kClosed:
      return say(Level::kWrong, "closed the connection without an answer");
    case How::kUnreachable:
    case How::kLocal:
      break;
  }
  return say(Level::kUnknown, exchanged.detail);
}

}  // namespace holdfast::clients
