#include "controller/base/event.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

namespace holdfast {
namespace {

namespace asio = boost::asio;

Task<void> WaitOnce(Event* event, int* heard) {
  co_await event->Wait();
  ++*heard;
}
Task<void> WaitSince(Event* event, uint64_t rings, int* heard) {
  co_await event->WaitSince(rings);
  ++*heard;
}

class EventTest : public ::testing::Test {
 protected:
  void Start(Task<void> task) {
    asio::co_spawn(io_, std::move(task), asio::detached);
    Settle();
  }
  void Settle() {
    io_.restart();
    io_.poll();
  }

  asio::io_context io_;
  int heard_ = 0;
};

TEST_F(EventTest, WakesEveryoneWhoWaitsAtThatMoment) {
  Event event;
  Start(WaitOnce(&event, &heard_));
  Start(WaitOnce(&event, &heard_));
  EXPECT_EQ(heard_, 0);
  event.Ring();
  Settle();
  EXPECT_EQ(heard_, 2);
}

TEST_F(EventTest, AWaitDoesNotHearWhatRangBeforeIt) {
  Event event;
  event.Ring();
  Start(WaitOnce(&event, &heard_));
  EXPECT_EQ(heard_, 0);
  event.Ring();
  Settle();
  EXPECT_EQ(heard_, 1);
}

TEST_F(EventTest, ARingBetweenTheLookAndTheWaitIsNotLost) {
  Event event;
  const uint64_t looked = event.rings();
  event.Ring();
  Start(WaitSince(&event, looked, &heard_));
  EXPECT_EQ(heard_, 1);
  Start(WaitSince(&event, event.rings(), &heard_));
  EXPECT_EQ(heard_, 1);
  event.Ring();
  Settle();
  EXPECT_EQ(heard_, 2);
}

TEST_F(EventTest, ItsEndWakesWhoStillWaits) {
  auto event = std::make_unique<Event>();
  Start(WaitOnce(event.get(), &heard_));
  event.reset();
  Settle();
  EXPECT_EQ(heard_, 1);
}

}  // namespace
}  // namespace holdfast
