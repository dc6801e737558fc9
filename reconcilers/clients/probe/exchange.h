// One short conversation with a server: connect, say something, listen until it is enough.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/task.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/ssh.h"
#include "reconcilers/clients/probe/probe.h"

namespace holdfast::clients {

struct Exchanged {
  enum class How {
    kAnswered,     // `bytes` is enough, or all that came before the other side closed
    kRefused,      // a live host said that nothing listens there
    kSilent,       // connected; not a single byte came in time
    kPartial,      // connected; something came, but not enough in time
    kTooLong,      // cut off
    kClosed,       // closed without a byte
    kUnreachable,  // never connected
    kLocal,        // our own machine's fault
  } how = How::kUnreachable;
  std::string bytes;
  std::string detail;
  absl::Time at = absl::InfinitePast();
  absl::Duration took;
};

struct Talk {
  ProbePlace place;
  uint16_t port = 0;
  std::string send;
  // Whether what came so far is the whole answer; empty = listen until the other side closes.
  std::function<bool(std::string_view)> is_enough;
};

// Never longer than the limits. Reports to world.vitals. `ssh` outlives it.
Task<Exchanged> Converse(World world, Ssh& ssh, Talk talk, Limits limits);

// "127.0.0.1:6379", "[::1]:80", "/run/redis.sock", "127.0.0.1:6379 on db1".
std::string WhomText(const ProbePlace& place, uint16_t port);

// What it means when there is no whole answer; nothing when there is one.
std::optional<ProbeAnswer> WithoutAnswer(const Exchanged& exchanged, const std::string& whom);
ProbeAnswer Answered(const Exchanged& exchanged, ProbeAnswer::Level level, std::string detail);

}  // namespace holdfast::clients
