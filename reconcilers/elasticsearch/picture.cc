#include "reconcilers/elasticsearch/picture.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::elasticsearch {
namespace {

constexpr absl::Duration kClaimSettles = absl::Seconds(2);

struct Claim {
  std::string holder;
  int64_t epoch = 0;
};
Claim ReadClaim(const std::string& text) {
  const size_t blank = text.rfind(' ');
  Claim claim{text.substr(0, blank)};
  if (blank != std::string::npos) (void)absl::SimpleAtoi(text.substr(blank + 1), &claim.epoch);
  return claim;
}
std::string ClaimIn(const View& view) {
  const auto found = view.settings.persistent.find(std::string(kClaimKey));
  return found == view.settings.persistent.end() ? std::string() : found->second;
}

std::string EffectiveOr(const Settings& settings, std::string_view key, std::string_view otherwise) {
  const std::string* value = settings.Effective(std::string(key));
  return Lower(value == nullptr || value->empty() ? otherwise : std::string_view(*value));
}

}  // namespace

std::string WantedToken::Object() const { return Cat(kExcludeObject, Text()); }
std::string WantedToken::Text() const { return Cat(key, ":", token); }

const Obligation* Picture::Find(std::string_view object) const {
  for (const Obligation& obligation : obligations)
    if (obligation.object == object) return &obligation;
  return nullptr;
}
const Obligation* Picture::FindKind(std::string_view prefix) const {
  for (const Obligation& obligation : obligations)
    if (obligation.object.starts_with(prefix)) return &obligation;
  return nullptr;
}
bool Picture::InForce(std::string_view key, std::string_view token) const {
  const auto found = in_force.find(std::string(key));
  return found != in_force.end() &&
         std::find(found->second.begin(), found->second.end(), token) != found->second.end();
}
const Attempt* Picture::LastAttempt(std::string_view key_prefix) const {
  const auto& attempts = frame.past.attempts;
  for (size_t i = attempts.size(); i-- > 0;)
    if (attempts[i].key.starts_with(key_prefix)) return &attempts[i];
  return nullptr;
}

Picture Look(const Spec& want, const View& view, const Trail& trail, const Frame& frame,
             const Operations& operations, absl::Time at) {
  Picture p{.want = want,
            .view = view,
            .trail = trail,
            .frame = frame,
            .operations = operations,
            .now = frame.now,
            .at = at};
  p.obligations = ObligationsOf(frame.past, view.settings, &p.broken_mirrors);
  p.in_force = TokensInForce(view);
  const auto pinned = frame.past.pins.find(std::string(kPinnedHolder));
  p.holder = pinned == frame.past.pins.end() ? view.holder_candidate : pinned->second;
  p.enable = EffectiveOr(view.settings, kEnableKey, "all");
  const auto own = view.settings.defaults.find(std::string(kEnableKey));
  p.enable_own = own == view.settings.defaults.end() || own->second.empty() ? "all" : Lower(own->second);
  return p;
}

// ── rules ──

Guard NobodyElseWorksOnIt(const Picture& p) {
  constexpr std::string_view kName = "nobody else works on this cluster";
  const std::string text = ClaimIn(p.view);
  if (text.empty()) return {kName, Pass("no claim", p.at)};
  const Claim claim = ReadClaim(text);
  if (claim.holder == p.holder) return {kName, Pass("the claim is ours", p.at)};
  const absl::Duration seen = p.now - p.trail.claim_since;
  if (p.trail.claim == text && seen >= kClaimLives)
    return {kName,
            Pass(Cat("the claim of ", Excerpt(claim.holder, 60), " has not moved for ", Brief(seen)), p.at)};
  return {kName, Hold(Cat("ClaimedBy ", Excerpt(claim.holder, 60),
                          "; it counts as dead when it has not moved for ", Brief(kClaimLives)),
                      p.at)};
}

Guard NobodyHoldsIt(const Picture& p) {
  constexpr std::string_view kName = "no person holds this cluster";
  const std::string* hold = p.view.settings.Effective(std::string(kHoldKey));
  if (hold == nullptr || hold->empty()) return {kName, Pass("", p.at)};
  return {kName, Hold(Cat(kHoldKey, " says: ", Excerpt(*hold, 120)), p.at)};
}

Guard SettingsCanBeWritten(const Picture& p) {
  constexpr std::string_view kName = "the cluster takes settings";
  const auto archived = [](const std::map<std::string, std::string>& scope) {
    const auto found = scope.lower_bound("archived.");
    return found != scope.end() && found->first.starts_with("archived.") ? found->first : std::string();
  };
  std::string key = archived(p.view.settings.persistent);
  if (key.empty()) key = archived(p.view.settings.transient);
  if (!key.empty())
    return {
        kName,
        Hold(Cat(key, " blocks every change of settings; take it away with {\"archived.*\": null}"), p.at)};
  if (!p.view.global_blocks.empty())
    return {kName, Hold(Cat("the cluster is blocked: ", Enumerate(p.view.global_blocks)), p.at)};
  return {kName, Pass("", p.at)};
}

Guard ReadTogether(const Picture& p) {
  constexpr std::string_view kName = "settings and shards were read together";
  if (p.view.confirmed) return {kName, Pass("", p.at)};
  return {kName, CannotTell("the settings were not read again after the shards", p.at)};
}

Guard OurClaimStands(const Picture& p) {
  constexpr std::string_view kName = "our claim on this cluster stands";
  if (!KeepsMirror(p.view)) return {kName, Pass("this version keeps none", p.at)};
  const Claim claim = ReadClaim(ClaimIn(p.view));
  if (claim.holder != p.holder)
    return {
        kName,
        Hold(claim.holder.empty() ? "there is none" : Cat("it is ", Excerpt(claim.holder, 60), "'s"), p.at)};
  if (p.now - p.trail.claim_since < kClaimSettles)
    return {kName, CannotTell("it was written just now, and another one may be on its way", p.at)};
  return {kName, Pass("", p.at)};
}

void AddClaim(const Picture& p, SettingsPut& put) {
  if (!KeepsMirror(p.view)) return;
  put.Set(std::string(kClaimKey), Cat(p.holder, " ", ReadClaim(ClaimIn(p.view)).epoch + 1));
}
void DropClaim(const Picture& p, SettingsPut& put) {
  if (p.view.settings.persistent.contains(std::string(kClaimKey))) put.Clear(std::string(kClaimKey), "");
}

bool AnyHolds(const std::vector<Guard>& guards) {
  return std::any_of(guards.begin(), guards.end(),
                     [](const Guard& guard) { return guard.verdict.is == Verdict::Is::kHold; });
}

std::string ShardsText(int64_t shards) { return Count(static_cast<size_t>(shards), "shard"); }

}  // namespace holdfast::elasticsearch
