#include "controller/world/clock.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/system_error.hpp>
#include <thread>

#include "controller/world/inline_pool.h"
#include "controller/world/real/real_clock.h"
#include "controller/world/real/real_pool.h"
#include "controller/world/real/real_random.h"
#include "controller/world/real/stall_watch.h"
#include "controller/world/real/within.h"
#include "tests/unit/world/run.h"

namespace holdfast {
namespace {

TEST(RealClock, SleepsAsLongAsAsked) {
  boost::asio::io_context io;
  RealClock clock(io.get_executor());
  const absl::Duration before = clock.Steady();
  RunTask(io, clock.Sleep(absl::Milliseconds(30)));
  EXPECT_GE(clock.Steady() - before, absl::Milliseconds(30));
}

TEST(RealClock, DoesNotWaitForATimeThatHasPassed) {
  boost::asio::io_context io;
  RealClock clock(io.get_executor());
  RunTask(io, clock.Sleep(absl::Seconds(-5)));
  RunTask(io, clock.Sleep(-absl::InfiniteDuration()));
  SUCCEED();
}

TEST(RealClock, AnEndlessSleepIsCancelled) {
  boost::asio::io_context io;
  RealClock clock(io.get_executor());
  boost::asio::cancellation_signal signal;
  std::exception_ptr failure;
  boost::asio::co_spawn(
      io, clock.Sleep(absl::InfiniteDuration()),
      boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { failure = e; }));
  io.run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(failure, nullptr);
  signal.emit(boost::asio::cancellation_type::terminal);
  io.run();
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
}

Task<int> After(Clock* clock, absl::Duration wait, int value) {
  co_await clock->Sleep(wait);
  co_return value;
}

TEST(Within, GivesTheValueOfWorkThatIsInTime) {
  boost::asio::io_context io;
  RealClock clock(io.get_executor());
  EXPECT_EQ(RunTask(io, Within(After(&clock, absl::ZeroDuration(), 7), absl::Seconds(5))), 7);
  EXPECT_EQ(RunTask(io, Within(After(&clock, absl::Milliseconds(5), 8), absl::InfiniteDuration())), 8);
}

TEST(Within, GivesNothingWhenTheTimeIsUp) {
  boost::asio::io_context io;
  RealClock clock(io.get_executor());
  EXPECT_EQ(RunTask(io, Within(After(&clock, absl::Hours(1), 7), absl::Milliseconds(5))), std::nullopt);
}

TEST(Within, PassesCancellationAsOneKindOfException) {
  boost::asio::io_context io;
  RealClock clock(io.get_executor());
  boost::asio::cancellation_signal signal;
  std::exception_ptr failure;
  boost::asio::co_spawn(
      io, Within(Within(After(&clock, absl::Hours(1), 7), absl::Hours(1)), absl::Hours(1)),
      boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, auto) { failure = e; }));
  io.run_for(std::chrono::milliseconds(10));
  signal.emit(boost::asio::cancellation_type::all);
  io.run();
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
}

struct StallRow {
  const char* name;
  double wall, boot, steady, cpu;  // seconds that passed on each clock; 10 were expected
  Stall stall;
};

TEST(StallWatch, TellsTheCausesApart) {
  const auto s = [](double x) { return absl::Seconds(x); };
  const StallRow rows[] = {
      {"nothing", 10, 10, 10, 0.1, {}},
      {"a little late", 11.5, 11.5, 11.5, 0.1, {}},
      {"the wall clock was set forward", 3610, 10, 10, 0.1, {.wall_jump = s(3600)}},
      {"the wall clock was set back", -3590, 10, 10, 0.1, {.wall_jump = s(-3600)}},
      {"the machine slept", 610, 610, 10, 0.1, {.slept = s(600)}},
      {"stopped by a signal", 50, 50, 50, 0.1, {.stopped = s(40)}},
      {"computing", 50, 50, 50, 45, {.busy = s(40)}},
      {"slept and then a wrong clock", 700, 610, 10, 0.1, {.wall_jump = s(90), .slept = s(600)}},
      {"a frozen virtual machine whose wall clock was corrected", 310, 10, 10, 0, {.wall_jump = s(300)}},
      {"a tick too early", 1, 1, 1, 0, {}},
  };
  for (const StallRow& row : rows) {
    const ClockSample before{absl::FromUnixSeconds(1'800'000'000), s(500), s(400), s(3)};
    const ClockSample after{before.wall + s(row.wall), before.boot + s(row.boot),
                            before.steady + s(row.steady), before.cpu + s(row.cpu)};
    EXPECT_EQ(CompareSamples(before, after, s(10), s(2)), row.stall) << row.name;
  }
}

TEST(StallWatch, SaysItInWords) {
  EXPECT_EQ((Stall{.wall_jump = absl::Seconds(-90), .stopped = absl::Seconds(40)}).Text(),
            "the wall clock jumped back by 1m 30s, this process was stopped for 40s");
  EXPECT_EQ(Stall{}.Text(), "");
  EXPECT_EQ(StallWatch(absl::ZeroDuration()).Tick(), std::nullopt);
}

TEST(RealRandom, IsUniformInTheUnitInterval) {
  RealRandom random;
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double x = random.Uniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.03);
}

Task<std::thread::id> WhereItRan(Pool* pool) {
  std::thread::id where;
  co_await pool->Run([&where] { where = std::this_thread::get_id(); });
  co_return where;
}

TEST(RealPool, RunsElsewhereAndComesBack) {
  boost::asio::io_context io;
  RealPool pool;
  EXPECT_EQ(pool.threads(), 2);
  EXPECT_NE(RunTask(io, WhereItRan(&pool)), std::this_thread::get_id());
}

TEST(RealPool, FinishesWorkWhoseCoroutineIsDestroyed) {
  std::atomic<bool> ran = false;
  {
    boost::asio::io_context io;
    RealPool pool(1);
    boost::asio::co_spawn(io, pool.Run([&ran] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      ran = true;
    }),
                          [](std::exception_ptr) {});
    io.poll();
  }
  EXPECT_TRUE(ran);
}

TEST(InlinePool, RunsHere) {
  boost::asio::io_context io;
  InlinePool pool;
  EXPECT_EQ(RunTask(io, WhereItRan(&pool)), std::this_thread::get_id());
}

}  // namespace
}  // namespace holdfast
