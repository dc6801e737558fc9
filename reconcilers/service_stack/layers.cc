#include "reconcilers/service_stack/layers.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <functional>
#include <string>

#include "controller/base/text.h"

namespace holdfast::stack {
namespace {

// A layer begins to carry the next one this long after it was first seen to serve, unless the spec says
// otherwise.
constexpr absl::Duration kSettleByDefault = absl::ZeroDuration();

const Via* ViaOf(const Spec& spec, const Layer& layer, const Service& service) {
  if (service.via) return &*service.via;
  if (layer.via) return &*layer.via;
  return spec.via ? &*spec.via : nullptr;
}

ReadyRule DefaultRule(const Component& component, int total, int max_unavailable) {
  if (component.role == Role::kLooksOn) return specs::CountOrPercentage{int64_t{0}};
  if (component.quorum == Quorum::kMajority) return MajorityReady{};
  if (total == 1) return AllReady{};
  return specs::CountOrPercentage{int64_t{std::max(1, total - max_unavailable)}};
}

// Retired hosts are left out only when the rest can do the work of all.
void Retire(Layout& layout, Resolved& service, const ReadyRule& rule) {
  const auto& retired = service.spec->retired->names;
  service.members = static_cast<int>(service.count);
  if (retired.empty()) return;
  std::vector<Target*> leaving;
  for (uint32_t t = service.first; t < service.first + service.count; ++t)
    if (std::find(retired.begin(), retired.end(), layout.targets[t].host()) != retired.end())
      leaving.push_back(&layout.targets[t]);
  const int remaining = service.members - static_cast<int>(leaving.size());
  const int least = std::max({1, Required(rule, service.members),
                              service.needs_human > 0 ? service.members - service.needs_human + 1 : 0});
  if (remaining < least) {
    service.retirement_refused =
        Cat(remaining, " of ", service.members, " would remain, ", least, " are needed");
    return;
  }
  for (Target* target : leaving) target->member = Target::Member::kRetired;
  service.members = remaining;
}

void Resolve(Resolved& r, const Spec& spec, const Layer& layer, const Service& service) {
  const Component& component = ComponentOf(service.component);
  r.spec = &service;
  r.component = &component;
  r.via = ViaOf(spec, layer, service);
  r.probe = service.probe ? &*service.probe : &component.probe;
  r.become = service.become.value_or(layer.become.value_or(spec.become.value_or(Become::kNobody)));
  r.keeps = service.stateful ? (*service.stateful ? Keeps::kState : Keeps::kNoState) : component.keeps;
  r.zombie = service.zombie.value_or(r.keeps == Keeps::kState || r.count == 1 ? ZombiePolicy::kPropose
                                                                              : ZombiePolicy::kAct);
  r.max_unavailable = service.max_unavailable.value_or(1);
  r.needs_human = service.needs_human_when ? service.needs_human_when->unavailable
                                           : component.needs_human_when_unavailable;
}

void AddService(Layout& layout, const Spec& spec, const Layer& layer, const Service& service,
                uint32_t layer_index) {
  const auto index = static_cast<uint32_t>(layout.services.size());
  Resolved r;
  r.layer = layer_index;
  r.first = static_cast<uint32_t>(layout.targets.size());
  if (service.hosts->names.empty()) {
    layout.targets.push_back({.name = service.name, .service = index});
  } else {
    uint32_t i = 0;
    const auto host_at = static_cast<uint32_t>(service.name.size() + 1);
    for (const std::string& host : service.hosts->names)
      layout.targets.push_back(
          {.name = Cat(service.name, "@", host), .service = index, .index = ++i, .host_at = host_at});
  }
  r.count = static_cast<uint32_t>(layout.targets.size()) - r.first;
  Resolve(r, spec, layer, service);
  const ReadyRule rule = service.layer_ready_when.value_or(
      DefaultRule(*r.component, static_cast<int>(r.count), r.max_unavailable));
  Retire(layout, r, rule);
  // A quorum is one of the whole ensemble; the machines that are gone for good still count in it.
  const bool of_all = std::holds_alternative<MajorityReady>(rule);
  r.required = std::min(r.members, Required(rule, of_all ? static_cast<int>(r.count) : r.members));
  layout.services.push_back(std::move(r));
}

Resolved::Edges& EdgesOf(Resolved& service) {
  return service.some_edges ? *service.some_edges : service.some_edges.emplace();
}

void Connect(Layout& layout) {
  absl::flat_hash_map<std::string, uint32_t> by_name;
  for (uint32_t s = 0; s < layout.services.size(); ++s) by_name.emplace(layout.services[s].spec->name, s);
  for (uint32_t s = 0; s < layout.services.size(); ++s) {
    for (const std::string& name : *layout.services[s].spec->needs) {
      const auto at = by_name.find(name);
      if (at == by_name.end()) continue;
      EdgesOf(layout.services[s]).needs.push_back(at->second);
      EdgesOf(layout.services[at->second]).needed_by.push_back(s);
    }
    for (const std::string& name : *layout.services[s].spec->waits_for)
      if (const auto at = by_name.find(name); at != by_name.end())
        EdgesOf(layout.services[s]).waits_for.push_back(at->second);
  }
}

std::shared_ptr<const Layout> Build(const Spec& spec) {
  auto layout = std::make_shared<Layout>();
  for (uint32_t l = 0; l < spec.layers.size(); ++l) {
    const Layer& layer = spec.layers[l];
    Layout::Span span{.spec = &layer, .number = l + 1};
    span.first_service = static_cast<uint32_t>(layout->services.size());
    span.first = static_cast<uint32_t>(layout->targets.size());
    for (const Service& service : layer.services) AddService(*layout, spec, layer, service, l);
    span.services = static_cast<uint32_t>(layout->services.size()) - span.first_service;
    span.count = static_cast<uint32_t>(layout->targets.size()) - span.first;
    layout->layers.push_back(std::move(span));
  }
  Connect(*layout);
  layout->targets.shrink_to_fit();
  layout->services.shrink_to_fit();
  uint64_t shape = 1469598103934665603U;
  for (const Target& target : layout->targets)
    shape = (shape ^ std::hash<std::string>()(target.name)) * 1099511628211U;
  layout->shape = shape;
  return layout;
}

// Depth first; grey is on the way, black is done.
enum class Colour : uint8_t { kWhite, kGrey, kBlack };

bool Visit(const Layout& layout, uint32_t s, std::vector<Colour>& colours, std::vector<uint32_t>& path) {
  colours[s] = Colour::kGrey;
  path.push_back(s);
  const Resolved::Edges& edges = layout.services[s].edges();
  for (const auto* some : {&edges.needs, &edges.waits_for}) {
    for (uint32_t next : *some) {
      if (colours[next] == Colour::kBlack) continue;
      path.push_back(next);
      if (colours[next] == Colour::kGrey) return true;
      path.pop_back();
      if (Visit(layout, next, colours, path)) return true;
    }
  }
  path.pop_back();
  colours[s] = Colour::kBlack;
  return false;
}

}  // namespace

absl::Duration Resolved::settle() const { return spec->settle.value_or(kSettleByDefault); }
absl::Duration Resolved::start_timeout() const {
  return spec->start_timeout.value_or(component->start_timeout);
}
absl::Duration Resolved::stop_timeout() const { return spec->stop_timeout.value_or(component->stop_timeout); }
absl::Duration Resolved::recovery_time() const {
  return spec->recovery_time.value_or(component->recovery_time);
}
absl::Duration Resolved::zombie_after() const { return spec->zombie_after.value_or(component->zombie_after); }

std::optional<absl::Duration> Resolved::hold() const {
  if (!spec->on_manual_stop) return keeps == Keeps::kState ? std::optional(kHoldByDefault) : std::nullopt;
  const auto* given = std::get_if<HoldManualStop>(&*spec->on_manual_stop);
  return given != nullptr ? std::optional(given->hold) : std::nullopt;
}

std::string Layout::Span::name() const { return spec->name.empty() ? Cat("layer ", number) : spec->name; }

const Resolved::Edges& Resolved::edges() const {
  static const Edges kNone;
  return some_edges ? *some_edges : kNone;
}

std::optional<uint32_t> Layout::FindService(std::string_view name) const {
  for (uint32_t s = 0; s < services.size(); ++s)
    if (services[s].spec->name == name) return s;
  return std::nullopt;
}

std::optional<uint32_t> Layout::FindTarget(std::string_view name) const {
  for (uint32_t t = 0; t < targets.size(); ++t)
    if (targets[t].name == name) return t;
  return std::nullopt;
}

const Layout& LayoutOf(const Spec& spec) {
  if (!spec.layout.built) spec.layout.built = Build(spec);
  return *spec.layout.built;
}

std::vector<std::string> FindCycle(const Spec& spec) {
  const Layout& layout = LayoutOf(spec);
  std::vector<Colour> colours(layout.services.size(), Colour::kWhite);
  std::vector<uint32_t> path;
  for (uint32_t s = 0; s < layout.services.size(); ++s) {
    if (colours[s] != Colour::kWhite || !Visit(layout, s, colours, path)) continue;
    std::vector<std::string> names;
    for (auto at = std::find(path.begin(), path.end(), path.back()); at != path.end(); ++at)
      names.push_back(layout.services[*at].spec->name);
    return names;
  }
  return {};
}

std::string Expanded(std::string_view text, const Target& target) {
  if (text.find('{') == text.npos) return std::string(text);
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i, 6) == "{host}") {
      out += target.host().empty() ? "127.0.0.1" : target.host();
      i += 6;
    } else if (text.substr(i, 7) == "{index}") {
      Append(out, target.index);
      i += 7;
    } else {
      out += text[i++];
    }
  }
  return out;
}

int Required(const ReadyRule& rule, int total) {
  if (std::holds_alternative<AllReady>(rule)) return total;
  if (std::holds_alternative<MajorityReady>(rule)) return total / 2 + 1;
  return static_cast<int>(std::get<specs::CountOrPercentage>(rule).RoundedUp(total));
}

}  // namespace holdfast::stack
