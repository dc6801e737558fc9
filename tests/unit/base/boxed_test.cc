#include "controller/base/boxed.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

#include "controller/base/boxed_text.h"

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
}

}  // namespace
}  // namespace holdfast
