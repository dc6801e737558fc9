#include "controller/base/boxed.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

#include "controller/base/boxed_text.h"
#include "controller/base/moment.h"

namespace holdfast {
namespace {

TEST(Boxed, IsEmptyUntilItIsGivenAValue) {
  Boxed<std::string> box;
  EXPECT_FALSE(box);
  EXPECT_EQ(box.value_or("otherwise"), "otherwise");
  box = "given";
  ASSERT_TRUE(box);
  EXPECT_EQ(*box, "given");
  box.reset();
  EXPECT_FALSE(box.has_value());
}

TEST(Boxed, ACopyIsAValueOfItsOwn) {
  Boxed<std::string> box = std::string("one");
  Boxed<std::string> copy = box;
  EXPECT_EQ(copy, box);
  *copy = "two";
  EXPECT_EQ(*box, "one");
  EXPECT_FALSE(copy == box);
  copy = Boxed<std::string>();
  EXPECT_FALSE(copy);
  EXPECT_FALSE(copy == box);
}

TEST(Boxed, TakesOneTypeOfAVariant) {
  Boxed<std::variant<int, std::string>> box = std::string("word");
  EXPECT_TRUE(std::holds_alternative<std::string>(*box));
}

TEST(BoxedText, AnEmptyTextTakesNothing) {
  static_assert(sizeof(BoxedText) == sizeof(void*));
  EXPECT_TRUE(BoxedText("").empty());
  BoxedText text = "said";
  const BoxedText copy = text;
  text = "";
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.view(), "");
  EXPECT_EQ(copy, "said");
  EXPECT_EQ(BoxedText(std::string(1000, 'x')).view().size(), 1000U);
}

TEST(Moment, ReadsLikeTheTimeThatItIs) {
  static_assert(sizeof(Moment) == 8);
  for (const absl::Time time : {absl::InfinitePast(), absl::UnixEpoch(), absl::FromUnixMicros(-7),
                                absl::FromUnixMicros(1'800'000'000'123'456), absl::InfiniteFuture()})
    EXPECT_EQ(absl::Time(Moment(time)), time);
  EXPECT_EQ(absl::Time(Moment()), absl::InfinitePast());
}

}  // namespace
}  // namespace holdfast
