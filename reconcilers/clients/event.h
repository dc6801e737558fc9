// Something that coroutines wait for until it is rung.
#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "controller/base/task.h"
#include "controller/world/clock.h"

namespace holdfast::clients {

// Lets everything else that is ready on this loop go first.
Task<void> NextTurn();

// Rings for those who wait at that moment; there is no memory, so check your condition before and after.
class Event {
 public:
  Event();
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  Task<void> Wait();
  // Returns when rung or when `longest` has passed, whichever comes first.
  Task<void> Wait(Clock& clock, absl::Duration longest);
  void Ring();

 private:
  struct Waiters;
  std::shared_ptr<Waiters> waiters_;
};

// At most so many at once; the others wait.
class Slots {
 public:
  explicit Slots(size_t most) : most_(most) {}
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  // Gives the slot back when it dies. Empty when none became free in time.
  class Held {
   public:
    Held() = default;
    explicit Held(Slots* slots) : slots_(slots) {}
    Held(Held&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Held& operator=(Held&& other) noexcept {
      std::swap(slots_, other.slots_);
      return *this;
    }
    ~Held() {
      if (slots_ != nullptr) slots_->GiveBack();
    }
    bool ok() const { return slots_ != nullptr; }

   private:
    Slots* slots_ = nullptr;
  };
  // This outlives every Held.
  Task<Held> Take(Clock& clock, absl::Duration longest);

 private:
  void GiveBack();

  size_t most_;
  size_t taken_ = 0;
  Event freed_;
};

}  // namespace holdfast::clients
