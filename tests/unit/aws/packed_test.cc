#include "reconcilers/aws/packed.h"

#include <gtest/gtest.h>

#include <string>

#include "controller/base/text.h"

namespace holdfast::aws {
namespace {

constexpr std::string_view kAlarm =
    R"({"AlarmName":"cpu","Dimensions":[{"Name":"LoadBalancerName","Value":"web"}],"Threshold":0.7,"Period":300,)"
    R"("ActionsEnabled":true,"OKActions":[],"Unit":null,"Nested":{"a":[[1],{}]},"StateReason":"1 \"p\" [2.5 ≥ 1]"})";

TEST(Packed, ComesBackAsItWas) {
  Packer packer;
  for (const std::string_view text :
       {kAlarm, std::string_view(R"("users")"), std::string_view("[]"), std::string_view("[[],[null,1]]"),
        std::string_view("{}"), std::string_view("-7"), std::string_view("null"),
        std::string_view(R"({"":1,"\u0000\"":[{"":2}]})")}) {
    const json::value item = *ParseJson(text);
    EXPECT_EQ(*packer.Unpack(packer.Pack(item)), item) << text;
  }
}

TEST(Packed, NamesAreKeptOnceForAllThatHaveThem) {
  Packer packer;
  json::value item = *ParseJson(kAlarm);
  const Packed first = packer.Pack(item);
  const size_t shapes = packer.shapes();
  EXPECT_EQ(first.find("AlarmName"), std::string::npos);
  item.as_object()["AlarmName"] = "disk";
  const Packed second = packer.Pack(item);
  EXPECT_EQ(packer.shapes(), shapes);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, packer.Pack(*packer.Unpack(first)));
}

TEST(Packed, NamesOfOneThingAloneDoNotFillTheMemory) {
  Packer packer;
  for (size_t i = 0; i < Packer::kMostShapes + 10; ++i) {
    const json::value item = json::object{{Cat("tag:", i), i}, {"n", json::array{nullptr, "x"}}};
    EXPECT_EQ(*packer.Unpack(packer.Pack(item)), item);
  }
  EXPECT_EQ(packer.shapes(), Packer::kMostShapes);
}

}  // namespace
}  // namespace holdfast::aws
