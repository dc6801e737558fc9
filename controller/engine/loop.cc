// Rounds in flight: when they begin, when they are slow, when they end.
#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>
#include <string>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/engine/slot.h"

namespace holdfast {
namespace {

constexpr absl::Duration kSweepEvery = absl::Milliseconds(250);

}  // namespace

using namespace boost::asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace): `||`

void Engine::Launch(SlotId slot) {
  if (spare_flights_.empty()) spare_flights_.push_back(std::make_unique<Flight>());
  flights_.push_back(std::move(spare_flights_.back()));
  spare_flights_.pop_back();
  Flight* flight = flights_.back().get();
  flight->slot = slot;
  flight->began = world_.clock.Steady();
  flight->is = Flight::Is::kLooking;
  flight->counts = Flight::Counts::kYes;
  ++active_;
  const auto ended = [this, flight](std::exception_ptr error) {
    if (error) Log(Severity::kError, "a round ended by an exception");
    if (flight->counts == Flight::Counts::kYes) --active_;
    const auto at =
        std::find_if(flights_.begin(), flights_.end(), [&](const auto& f) { return f.get() == flight; });
    spare_flights_.push_back(std::move(*at));
    *at = std::move(flights_.back());
    flights_.pop_back();
    if (flights_.empty()) idle_.Ring();
    wake_.Ring();
  };
  boost::asio::co_spawn(executor_, RoundOf(slot, flight),
                        boost::asio::bind_cancellation_slot(flight->signal.slot(), ended));
}

Task<void> Engine::RoundOf(SlotId id, Flight* flight) {
  absl::Duration next = settings_.backoff_first;
  Slot* slot = slots_[id].get();
  if (slot != nullptr && slot->is != Slot::Is::kGone) {
    try {
      next = co_await Look(*slot, *flight);
    } catch (const std::exception& error) {
      // Cancelled while stopping, or because the look did not come back in time; anything else is our bug.
      slot = slots_[id].get();
      if (state_ == State::kRunning && slot != nullptr) {
        next = BackOff(*slot, Cat("the look did not come back: ", Excerpt(error.what())));
        const absl::Time now = world_.clock.Now();
        std::string why =
            Cat("the look did not come back within ", absl::FormatDuration(settings_.observe_deadline));
        board_.Report(
            id, {.now = now,
                 .unknown_reason = why,
                 .generation = slot->generation,
                 .waits =
                     {{.on = Wait::On::kObservation, .name = "deadline", .detail = why, .until = now + next}},
                 .next_check_at = now + next});
        metrics_.Round(slot->declared.key.kind, "error", world_.clock.Steady() - flight->began);
      }
    }
  }
  slot = slots_[id].get();
  if (slot != nullptr && !operations_.empty()) next = std::min(next, NextExpiry(*slot) - world_.clock.Now());
  queue_.Done(id, world_.clock.Steady() + next);
  if (slot != nullptr && slot->is == Slot::Is::kGone) Free(*slot);
}

// A round that hangs gives its place to another; one that hangs too long is cut off while it only looks. A
// step under way is never cut off here: its own deadline ends it.
void Engine::Sweep() {
  const absl::Duration now = world_.clock.Steady();
  swept_at_ = now;
  size_t slow = flights_.size() - active_;
  for (const auto& flight : flights_) {
    if (flight->counts == Flight::Counts::kYes && now - flight->began > settings_.patience &&
        slow < settings_.most_slow_rounds) {
      flight->counts = Flight::Counts::kNo;
      --active_, ++slow;
    }
    const bool late = now - flight->began > settings_.observe_deadline || state_ == State::kStopping;
    if (late && flight->is == Flight::Is::kLooking)
      flight->signal.emit(boost::asio::cancellation_type::terminal);
  }
}

absl::Duration Engine::NextWake() const {
  constexpr absl::Duration kIdle = absl::Minutes(1);
  const absl::Duration now = world_.clock.Steady();
  absl::Duration next = journal_trouble_.empty() ? kIdle : settings_.journal_retry;
  if (!journal_trouble_.empty()) next = std::min(next, journal_retry_at_ - world_.clock.Now());
  if (!flights_.empty()) next = std::min(next, swept_at_ + kSweepEvery - now);
  if (active_ < static_cast<size_t>(settings_.rounds_at_once))
    if (const auto due = queue_.NextDue()) next = std::min(next, std::max(*due - now, settings_.tick));
  return std::max(next, absl::ZeroDuration());
}

Task<void> Engine::Run() {
  state_ = State::kRunning;
  swept_at_ = world_.clock.Steady();
  while (state_ == State::kRunning) {
    const uint64_t heard = wake_.rings();
    if ((!unkept_.empty() || !journal_trouble_.empty()) && hands_ == Hands::kAct) (void)co_await KeepSpecs();
    const absl::Duration now = world_.clock.Steady();
    if (now - swept_at_ >= kSweepEvery) Sweep();
    while (active_ < static_cast<size_t>(settings_.rounds_at_once)) {
      const auto due = queue_.NextDue();
      const auto slot = queue_.TakeDue(now);
      if (!slot) break;
      metrics_.QueueWait(now - *due);
      Launch(*slot);
    }
    const absl::Duration sleep = NextWake();
    co_await (world_.clock.Sleep(sleep) || wake_.WaitSince(heard));
  }
  // Looks are cut off; steps under way are waited for, within the grace.
  const absl::Duration deadline = world_.clock.Steady() + settings_.stop_grace;
  Sweep();
  while (!flights_.empty() && world_.clock.Steady() < deadline) {
    const uint64_t heard = idle_.rings();
    co_await (world_.clock.Sleep(deadline - world_.clock.Steady()) || idle_.WaitSince(heard));
  }
  if (hands_ == Hands::kAct && !unkept_.empty()) (void)co_await KeepSpecs();
  if (!flights_.empty())
    Log(Severity::kWarning,
        "stopped while steps were under way: their outcome is found out by looking after the next start",
        {{"steps", Cat(flights_.size())}});
}

void Engine::Stop() {
  state_ = State::kStopping;
  wake_.Ring();
}

Task<void> Engine::UntilQuiet(absl::Duration deadline) {
  constexpr absl::Duration kAskEvery = absl::Milliseconds(20);
  const absl::Duration end = world_.clock.Steady() + deadline;
  while (world_.clock.Steady() < end) {
    const bool quiet = std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) {
      return !slot || slot->quiet == Slot::Quiet::kYes;
    });
    if (quiet) co_return;
    co_await world_.clock.Sleep(kAskEvery);
  }
}

}  // namespace holdfast
