#include "controller/base/shared_text.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast {
namespace {

TEST(SharedText, ACopyHoldsTheSameText) {
  const SharedText text = std::string("specs/a.yaml");
  const SharedText copy = text;
  EXPECT_EQ(copy, "specs/a.yaml");
  EXPECT_EQ(copy.view().data(), text.view().data());
  EXPECT_EQ(SharedText("specs/a.yaml"), text) << "by value";
  EXPECT_FALSE(SharedText() == text);
}

TEST(SharedTexts, GivesEqualTextsAsOneThatOutlivesIt) {
  SharedText first, second, other;
  {
    SharedTexts texts;
    first = texts.Of("specs/a.yaml");
    second = texts.Of("specs/a.yaml");
    other = texts.Of("specs/b.yaml");
  }
  EXPECT_EQ(first.view().data(), second.view().data());
  EXPECT_EQ(first, "specs/a.yaml");
  EXPECT_EQ(other, "specs/b.yaml");
}

}  // namespace
}  // namespace holdfast
