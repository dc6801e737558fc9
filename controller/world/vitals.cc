#include "controller/world/vitals.h"

#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast {

void Vitals::Report(std::string_view target, Answer answer, absl::Time now) {
  if (answer == Answer::kLocal) {
    local_at_ = now;
    local_target_ = target;
    return;  // says nothing about the target
  }
  auto found = last_.find(absl::string_view(target.data(), target.size()));
  if (found == last_.end()) {
    if (last_.size() >= kMostTargets) return;
    found = last_.emplace(std::string(target), Last{Answer::kAnswered, now}).first;
  }
  if (found->second.answer == Answer::kSilent) --silent_;
  if (answer == Answer::kSilent) ++silent_;
  found->second = {answer, now};
}

void Vitals::Sweep(absl::Time now) {
  swept_at_ = now;
  for (auto entry = last_.begin(); entry != last_.end();) {
    const bool expired = now - entry->second.at > kWindow;
    if (expired && entry->second.answer == Answer::kSilent) --silent_;
    if (expired)
      last_.erase(entry++);
    else
      ++entry;
  }
}

std::optional<std::string> Vitals::Sick(absl::Time now) {
  if (now - swept_at_ > kWindow / 4 || now < swept_at_) Sweep(now);
  if (now - local_at_ < kLocalFor)
    return Cat("this machine could not ask ", local_target_, " for a reason of its own ",
               Brief(now - local_at_), " ago");
  if (last_.size() >= kLeastTargets &&
      static_cast<double>(silent_) > kSilentShare * static_cast<double>(last_.size()))
    return Cat(silent_, " of ", last_.size(), " targets are silent at the same time, more than ",
               static_cast<int>(kSilentShare * 100), " %: that looks like our own network");
  return std::nullopt;
}

}  // namespace holdfast
