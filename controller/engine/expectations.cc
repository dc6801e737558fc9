#include "controller/engine/expectations.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast {
namespace {

// What a dead process of ours had sent is on its way no longer than this.
constexpr absl::Duration kShowAfterCrash = absl::Seconds(10);

bool Contains(const Plan& plan, std::string_view key) {
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps)
      if (step.key == key) return true;
  return false;
}

}  // namespace

std::string_view EffectOf(std::string_view key) { return key.substr(0, key.find('#')); }

void Expectations::Wrote(const Step& step, absl::Time sent) {
  std::erase_if(open_, [&](const Open& open) { return open.key == step.key; });
  open_.push_back({step.key, step.target, sent, sent + step.show_within});
  last_write_ = std::max(last_write_, sent);
}

void Expectations::MayHaveHappened(std::string key, std::string target, absl::Time sent) {
  open_.push_back({std::move(key), std::move(target), sent, sent + kShowAfterCrash});
  last_write_ = std::max(last_write_, sent);
}

void Expectations::See(const Plan& plan, absl::Time observed_at, absl::Time now) {
  for (Open& open : open_)
    if (observed_at > open.sent) open.is = Contains(plan, open.key) ? Open::Is::kUnseen : Open::Is::kMet;
  std::erase_if(open_, [&](const Open& open) { return now >= open.show_until; });
}

std::optional<Expectations::Held> Expectations::Holds(const Step& step, absl::Time now) const {
  for (const Open& open : open_) {
    if (now >= open.show_until) continue;
    if (open.key == step.key)
      return Held{Cat("sent ", Brief(now - open.sent), " ago; the world does not show it yet"),
                  open.show_until};
    if (open.is == Open::Is::kUnseen && step.danger != Danger::kReversible)
      return Held{
          Cat("\"", EffectOf(open.key), "\" was sent ", Brief(now - open.sent), " ago and is not seen yet"),
          open.show_until};
  }
  return std::nullopt;
}

std::vector<std::string> Expectations::Touched() const {
  std::vector<std::string> targets;
  for (const Open& open : open_)
    if (open.is == Open::Is::kUnseen) targets.push_back(open.target);
  return targets;
}

absl::Time Expectations::NextEnd() const {
  absl::Time next = absl::InfiniteFuture();
  for (const Open& open : open_) next = std::min(next, open.show_until);
  return next;
}

}  // namespace holdfast
