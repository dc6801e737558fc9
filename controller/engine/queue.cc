#include "controller/engine/queue.h"

#include <algorithm>

namespace holdfast {

Queue::Entry& Queue::EntryOf(SlotId slot) {
  if (slot >= entries_.size()) entries_.resize(slot + 1);
  return entries_[slot];
}

void Queue::At(SlotId slot, absl::Duration when) {
  Entry& entry = EntryOf(slot);
  switch (entry.is) {
    case Entry::Is::kDropped:
      return;
    case Entry::Is::kRunning:
      entry.due = std::min(entry.due, when);
      return;
    case Entry::Is::kQueued:
      if (when >= entry.due) return;
      due_.erase({entry.due, slot});
      break;
    case Entry::Is::kOut:
      break;
  }
  entry = {when, Entry::Is::kQueued};
  due_.insert({when, slot});
}

std::optional<SlotId> Queue::TakeDue(absl::Duration now) {
  if (due_.empty() || due_.begin()->first > now) return std::nullopt;
  const SlotId slot = due_.begin()->second;
  due_.erase(due_.begin());
  entries_[slot] = {absl::InfiniteDuration(), Entry::Is::kRunning};
  ++running_;
  return slot;
}

void Queue::Done(SlotId slot, absl::Duration next) {
  Entry& entry = EntryOf(slot);
  --running_;
  const bool dropped = entry.is == Entry::Is::kDropped;
  const absl::Duration when = std::min(entry.due, next);
  entry = {};
  if (!dropped) At(slot, when);
}

void Queue::Drop(SlotId slot) {
  Entry& entry = EntryOf(slot);
  if (entry.is == Entry::Is::kQueued) due_.erase({entry.due, slot});
  if (entry.is == Entry::Is::kRunning)
    entry.is = Entry::Is::kDropped;
  else if (entry.is == Entry::Is::kQueued)
    entry = {};
}

std::optional<absl::Duration> Queue::NextDue() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::optional<absl::Duration> Queue::DueOf(SlotId slot) const {
  if (slot >= entries_.size() || entries_[slot].is != Entry::Is::kQueued) return std::nullopt;
  return entries_[slot].due;
}

}  // namespace holdfast
