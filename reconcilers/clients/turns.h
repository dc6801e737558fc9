// Whose turn it is: at most so many at once, the others wait.
#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <utility>

#include "controller/base/event.h"
#include "controller/base/task.h"
#include "controller/world/clock.h"

namespace holdfast::clients {

// Lets everything else that is ready on this loop go first.
Task<void> NextTurn();

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
