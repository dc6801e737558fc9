// A queue of resources that hands each to one round at a time, earliest time first.
#pragma once

#include <absl/container/btree_set.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace holdfast {

// A small number that stands for a resource as long as it is on the board.
using SlotId = uint32_t;

// Times are on the steady clock. One key is in the queue at most once: of two times the earlier wins. A key
// asked for while its round runs comes back when the round is done. Engine thread only.
class Queue {
 public:
  // Asks for a round at `when` or earlier.
  void At(SlotId slot, absl::Duration when);
  // The key whose time has come, now running; nothing when none is due.
  std::optional<SlotId> TakeDue(absl::Duration now);
  // The round is over; `next` is when it wants to run again (earlier requests made meanwhile win).
  void Done(SlotId slot, absl::Duration next);
  // Forgets the key. A running one is forgotten at Done.
  void Drop(SlotId slot);

  std::optional<absl::Duration> NextDue() const;
  size_t size() const { return due_.size(); }
  size_t running() const { return running_; }
  // When this key is due; nothing when it runs or is not queued.
  std::optional<absl::Duration> DueOf(SlotId slot) const;

 private:
  struct Entry {
    absl::Duration due = absl::InfiniteDuration();
    enum class Is : uint8_t { kOut, kQueued, kRunning, kDropped } is = Is::kOut;
  };
  Entry& EntryOf(SlotId slot);

  std::vector<Entry> entries_;
  absl::btree_set<std::pair<absl::Duration, SlotId>> due_;
  size_t running_ = 0;
};

}  // namespace holdfast
