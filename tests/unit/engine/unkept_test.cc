#include "controller/engine/unkept.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/base/text.h"

namespace holdfast {
namespace {

SpecInForce Spec(int number) {
  return {.resource = {"Lamp", Cat("lamp", number)},
          .text = Cat("text of ", number),
          .digest = Cat("digest of ", number),
          .head = Cat("head ", number),
          .file = "/specs/a.yaml",
          .revision = Cat("r", number),
          .line = number,
          .generation = number + 1,
          .at = absl::FromUnixSeconds(number)};
}

// "lamp1 text of 1", or the verb of a note: enough to tell records apart.
std::string Told(const Record& record) {
  if (const auto* spec = std::get_if<SpecInForce>(&record)) return Cat(spec->resource.name, " ", spec->text);
  return std::get<Noted>(record).verb;
}
std::vector<std::string> Told(const std::vector<Record>& records) {
  std::vector<std::string> out;
  for (const Record& record : records) out.push_back(Told(record));
  return out;
}

using ::testing::ElementsAre;

TEST(Unkept, GivesASpecBackWithEveryField) {
  Unkept unkept;
  unkept.Add(Spec(1));
  unkept.Add(Spec(2));
  const std::vector<Record> taken = unkept.TakeAll();
  ASSERT_EQ(taken.size(), 2U);
  const auto& spec = std::get<SpecInForce>(taken[1]);
  EXPECT_EQ(spec.resource, (ResourceKey{"Lamp", "lamp2"}));
  EXPECT_EQ(spec.text, "text of 2");
  EXPECT_EQ(spec.digest, "digest of 2");
  EXPECT_EQ(spec.head, "head 2");
  EXPECT_EQ(spec.file, "/specs/a.yaml");
  EXPECT_EQ(spec.revision, "r2");
  EXPECT_EQ(spec.line, 2);
  EXPECT_EQ(spec.generation, 3);
  EXPECT_EQ(spec.at, absl::FromUnixSeconds(2));
  EXPECT_TRUE(unkept.empty());
}

TEST(Unkept, KeepsTheOrderOverSeveralTakes) {
  Unkept unkept;
  unkept.Add(Spec(1));
  unkept.Add(Noted{.verb = "suspend"});
  unkept.Add(Spec(2));
  EXPECT_THAT(Told(unkept.Take(2)), ElementsAre("lamp1 text of 1", "suspend"));
  unkept.Add(Spec(3));
  EXPECT_FALSE(unkept.empty());
  EXPECT_THAT(Told(unkept.Take(9)), ElementsAre("lamp2 text of 2", "lamp3 text of 3"));
  EXPECT_TRUE(unkept.empty());
}

// A newer version of a spec that reached the disk before the older one would be undone by it.
TEST(Unkept, WhatACommitCouldNotKeepComesBeforeWhatCameMeanwhile) {
  Unkept unkept;
  unkept.Add(Spec(1));
  unkept.Add(Spec(2));
  unkept.Add(Spec(3));
  std::vector<Record> under_way = unkept.Take(2);
  unkept.Add(Spec(4));
  unkept.PutBack(std::move(under_way));
  EXPECT_THAT(Told(unkept.TakeAll()),
              ElementsAre("lamp1 text of 1", "lamp2 text of 2", "lamp3 text of 3", "lamp4 text of 4"));
}

}  // namespace
}  // namespace holdfast
