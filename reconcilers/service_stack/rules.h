// The rules that let a step go, each with a sentence for a name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/plan.h"
#include "reconcilers/service_stack/picture.h"

namespace holdfast::stack {

struct Rule {
  std::string_view name;
  // Pure. Nothing when the rule has nothing to say about this target.
  std::optional<Verdict> (*judge)(const Picture& picture, uint32_t target);
};

std::span<const Rule> StartRules();    // also for what ends our own stop
std::span<const Rule> StopRules();     // of a declared outage
std::span<const Rule> RestartRules();  // of an Operation's members
std::span<const Rule> ZombieRules();   // besides RestartRules
std::span<const Rule> KillRules();

std::vector<Guard> Ask(std::span<const Rule> rules, const Picture& picture, uint32_t target);
// Why a zombie is ended by a person's word only.
std::string WhyProposed(const Picture& picture, uint32_t target);

// Services through which `target` writes when it stops, as far as they are below it.
std::vector<uint32_t> WritesThrough(const Picture& picture, uint32_t target);

}  // namespace holdfast::stack
