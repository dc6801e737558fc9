// A topic and its subscriptions as the service tells them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/observed.h"
#include "reconcilers/aws/tags.h"

namespace holdfast::topic {

struct Topic {
  std::string arn;
  bool operator==(const Topic&) const = default;
};

// What is told in the place of a name while there is none.
inline constexpr std::string_view kPending = "PendingConfirmation", kDeleted = "Deleted";

struct Subscribed {
  std::string protocol, endpoint, arn;
  bool operator==(const Subscribed&) const = default;
};

struct State {
  Fact<Topic> topic = Absent{};
  Observed<std::vector<Subscribed>> subscriptions;
  // Whether the subscriptions were asked for by themselves, or are out of a listing that all share.
  enum class Read { kSwept, kTargeted } read = Read::kSwept;
  // Read only when a decision asks for them.
  Observed<aws::Tags> tags = Unknown{"the tags were not asked for"};
};

// What a decision asks for beside Inventory::kFresh.
inline constexpr std::string_view kAskTags = "tags";

}  // namespace holdfast::topic
