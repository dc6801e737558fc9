// Who stands on whom: a stack's targets in order, with every default filled in.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/base/boxed_text.h"
#include "reconcilers/service_stack/component.h"
#include "reconcilers/service_stack/spec.h"

namespace holdfast::stack {

// One process on one host.
struct Target {
  std::string name;  // "redis@10.0.0.3", or "redis" on this machine: Step::target
  uint32_t service = 0;
  uint32_t index = 1;    // among its service's hosts, from 1
  uint32_t host_at = 0;  // where the host begins in the name; 0 = this machine
  enum class Member : uint8_t { kCounts, kRetired } member = Member::kCounts;

  std::string_view host() const {  // "" = this machine
    return host_at == 0 ? std::string_view() : std::string_view(name).substr(host_at);
  }
};

// A service with its component's values where the spec gives none.
struct Resolved {
  const Service* spec = nullptr;
  const Component* component = nullptr;
  const Via* via = nullptr;  // nullptr = this machine
  const Probe* probe = nullptr;
  Become become = Become::kNobody;
  Keeps keeps = Keeps::kNoState;
  ZombiePolicy zombie = ZombiePolicy::kPropose;
  uint32_t layer = 0;
  uint32_t first = 0, count = 0;  // its targets
  int members = 0;                // of them, those that are not retired
  int required = 0;               // so many make it ready
  int max_unavailable = 0;
  int needs_human = 0;  // 0 = never by number
  // Edges to other services beyond the layers'.
  struct Edges {
    std::vector<uint32_t> needs, waits_for;
    std::vector<uint32_t> needed_by;  // the other way round
  };
  Boxed<Edges> some_edges;
  // Why hosts named as retired still count, or "".
  BoxedText retirement_refused;

  absl::Duration settle() const;
  absl::Duration start_timeout() const;
  absl::Duration stop_timeout() const;
  absl::Duration recovery_time() const;
  absl::Duration zombie_after() const;
  // How long a stop by hand is left alone; nothing = it is healed.
  std::optional<absl::Duration> hold() const;
  const Edges& edges() const;
};

// Points into the spec it was made from.
struct Layout {
  uint64_t shape = 0;              // equal for equal lists of targets
  std::vector<Target> targets;     // bottom layer first
  std::vector<Resolved> services;  // bottom layer first
  struct Span {
    const Layer* spec = nullptr;
    uint32_t number = 0;                                             // from 1
    uint32_t first_service = 0, services = 0, first = 0, count = 0;  // targets

    std::string name() const;  // "layer 1" when the spec gives none
  };
  std::vector<Span> layers;  // bottom first

  const Resolved& ServiceOf(uint32_t target) const { return services[targets[target].service]; }
  std::optional<uint32_t> FindService(std::string_view name) const;
  std::optional<uint32_t> FindTarget(std::string_view name) const;
};

// Computed on first use. Calls for one spec must not overlap.
const Layout& LayoutOf(const Spec& spec);

// A cycle among needs and waitsFor within the layers, as the names along it, or empty.
std::vector<std::string> FindCycle(const Spec& spec);

// `text` with {host} and {index} replaced.
std::string Expanded(std::string_view text, const Target& target);

// How many of `total` members make a service ready by this rule.
int Required(const ReadyRule& rule, int total);

}  // namespace holdfast::stack
