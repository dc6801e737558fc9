#include "controller/base/usual.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast {
namespace {

const std::string& Root() {
  static const std::string path = "/";
  return path;
}
using Path = Usual<std::string, Root>;

TEST(Usual, IsTheUsualValueUntilItIsGivenAnother) {
  static_assert(sizeof(Path) == sizeof(void*));
  Path path;
  EXPECT_EQ(*path, "/");
  EXPECT_EQ(path->size(), 1U);
  path = "/var";
  EXPECT_EQ(*path, "/var");
  path = Path();
  EXPECT_EQ(*path, "/");
}

TEST(Usual, TheUsualValueWrittenOutTakesNothing) {
  const Path given = "/";
  EXPECT_EQ(&*given, &Root());
  EXPECT_EQ(given, Path());
}

TEST(Usual, ACopyIsAValueOfItsOwn) {
  Usual<std::vector<int>> list;
  list.Edit().push_back(1);
  Usual<std::vector<int>> copy = list;
  EXPECT_EQ(copy, list);
  copy.Edit().push_back(2);
  EXPECT_EQ(list->size(), 1U);
  EXPECT_FALSE(copy == list);
}

TEST(Usual, AnEditBeginsWithTheUsualValue) {
  Path path;
  path.Edit() += "srv";
  EXPECT_EQ(*path, "/srv");
  EXPECT_EQ(Root(), "/");
  EXPECT_EQ(path.emplace(), "");
}

}  // namespace
}  // namespace holdfast
