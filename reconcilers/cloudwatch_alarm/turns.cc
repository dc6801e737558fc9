#include "reconcilers/cloudwatch_alarm/turns.h"

#include <algorithm>

namespace holdfast::alarm {

size_t WriteTurns::Want(const std::string& account, Severity severity, const ResourceKey& self) {
  const absl::Duration now = clock_.Steady();
  const auto [own, is_new] = waiting_.try_emplace(self, Waiting{account, severity, now, now});
  const bool is_other = own->second.account != account || own->second.severity != severity;
  if (is_other) own->second = {account, severity, now, now};
  own->second.seen = now;
  if (now - swept_at_ > kForgotten) {
    std::erase_if(waiting_, [&](const auto& entry) { return now - entry.second.seen > kForgotten; });
    swept_at_ = now;
  }
  return static_cast<size_t>(std::ranges::count_if(waiting_, [&](const auto& entry) {
    const Waiting& other = entry.second;
    return other.account == account && other.severity < severity && now - other.since <= kPatience &&
           now - other.seen <= kForgotten;
  }));
}

}  // namespace holdfast::alarm
