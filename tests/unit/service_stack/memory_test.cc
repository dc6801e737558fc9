// What looks remember goes with the spec that it is about.
#include "reconcilers/service_stack/memory.h"

#include <gtest/gtest.h>

namespace holdfast::stack {
namespace {

const ResourceKey kSite{"ServiceStack", "site"}, kShop{"ServiceStack", "shop"};

TEST(Memory, KeepsWhatIsAboutTheSameSpec) {
  Memory memory;
  const auto spec = std::make_shared<const Spec>();
  memory.Of(kSite, spec)->diagnosed[3] = {};
  EXPECT_EQ(memory.Of(kSite, spec)->diagnosed.size(), 1u);
  EXPECT_EQ(memory.Find(kShop), nullptr);
}

TEST(Memory, AnEditedSpecBeginsAnew) {
  Memory memory;
  const auto before = std::make_shared<const Spec>(), after = std::make_shared<const Spec>();
  memory.Of(kSite, before)->diagnosed[3] = {};
  EXPECT_TRUE(memory.Of(kSite, after)->diagnosed.empty()) << "target 3 may be another one by now";
}

TEST(Memory, IsDroppedWithTheResource) {
  Memory memory;
  auto gone = std::make_shared<const Spec>();
  const auto stays = std::make_shared<const Spec>();
  memory.Of(kSite, gone);
  gone.reset();
  memory.Of(kShop, stays);
  EXPECT_EQ(memory.size(), 1u);
  EXPECT_EQ(memory.Find(kSite), nullptr);
}

}  // namespace
}  // namespace holdfast::stack
