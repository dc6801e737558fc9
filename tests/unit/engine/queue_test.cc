#include "controller/engine/queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast {
namespace {

constexpr absl::Duration S(int seconds) { return absl::Seconds(seconds); }

TEST(Queue, HandsOutTheEarliestFirst) {
  Queue queue;
  queue.At(1, S(3));
  queue.At(2, S(1));
  queue.At(3, S(2));
  std::vector<SlotId> order;
  while (const auto slot = queue.TakeDue(S(10))) order.push_back(*slot);
  EXPECT_EQ(order, (std::vector<SlotId>{2, 3, 1}));
  EXPECT_EQ(queue.running(), 3u);
}

TEST(Queue, KeepsOneEntryPerKeyAndTheEarlierTimeWins) {
  Queue queue;
  queue.At(1, S(5));
  queue.At(1, S(2));
  queue.At(1, S(9));
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.DueOf(1), S(2));
  EXPECT_EQ(queue.TakeDue(S(1)), std::nullopt);
  EXPECT_EQ(queue.TakeDue(S(2)), 1u);
  EXPECT_EQ(queue.TakeDue(S(9)), std::nullopt);
}

TEST(Queue, NeverHandsOutAKeyThatRuns) {
  Queue queue;
  queue.At(1, S(1));
  ASSERT_EQ(queue.TakeDue(S(1)), 1u);
  queue.At(1, S(1));
  EXPECT_EQ(queue.TakeDue(S(5)), std::nullopt);
  queue.Done(1, S(60));
  EXPECT_EQ(queue.TakeDue(S(5)), 1u) << "what was asked for while it ran is not lost";
  queue.Done(1, S(60));
  EXPECT_EQ(queue.DueOf(1), S(60)) << "and is asked once only";
}

TEST(Queue, ForgetsADroppedKey) {
  Queue queue;
  queue.At(1, S(1));
  queue.Drop(1);
  EXPECT_EQ(queue.TakeDue(S(5)), std::nullopt);
  EXPECT_EQ(queue.NextDue(), std::nullopt);
  queue.At(2, S(1));
  ASSERT_EQ(queue.TakeDue(S(1)), 2u);
  queue.Drop(2);
  queue.At(2, S(1));
  queue.Done(2, S(1));
  EXPECT_EQ(queue.TakeDue(S(5)), std::nullopt) << "a running key is forgotten when its round ends";
  queue.At(2, S(6));
  EXPECT_EQ(queue.TakeDue(S(6)), 2u) << "its number may be used again";
}

}  // namespace
}  // namespace holdfast
