#include "reconcilers/clients/aws/doors.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/unit/aws/rig.h"

namespace holdfast::aws {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Kind = Outcome::Kind;

class OtherDoors : public Doors {
 public:
  Task<Outcome> Perform(Action, absl::Duration) override { co_return Outcome{Kind::kDone, "the other", ""}; }
};

struct DoorsTest : testing::Test, AwsRig {
  DoorsTest() {
    system.settings = settings;
    system.settings.environment["USER_DATA"] = "pass\"word\\1";
  }
  Outcome Perform(Action action) { return Wait(doors.Perform(std::move(action), absl::Seconds(30))); }
  static AwsCall Update() {
    return {.region = "us-east-1",
            .service = "dynamodb",
            .operation = "UpdateTable",
            .parameters = R"({"TableName":"t"})"};
  }
  System system{world};
  OtherDoors otherwise;
  AwsDoors doors{system, otherwise};
};

TEST_F(DoorsTest, AWriteHasATurnOnceItIsKnownWhoseAccountItIs) {
  AwsCall alarm{.region = "us-east-1",
                .service = "cloudwatch",
                .operation = "PutMetricAlarm",
                .parameters = R"({"AlarmName":"a"})"};
  AwsCall other = alarm;
  other.parameters = R"({"AlarmName":"b"})";
  EXPECT_EQ(doors.RoomIn(alarm), absl::ZeroDuration());
  EXPECT_EQ(doors.RoomIn(other), absl::ZeroDuration());
  Perform(Update());
  EXPECT_EQ(doors.RoomIn(alarm), absl::ZeroDuration());
  EXPECT_GT(doors.RoomIn(other), absl::ZeroDuration());
  EXPECT_EQ(doors.RoomIn(alarm), absl::ZeroDuration()) << "the same call has the same turn";
  other.region = "eu-west-1";
  EXPECT_EQ(doors.RoomIn(other), absl::ZeroDuration()) << "each region has its own rate";
  EXPECT_EQ(doors.RoomIn(Command{.argv = {"ctl"}}), absl::ZeroDuration());
}

TEST_F(DoorsTest, TellsDoneRefusedAndUnknownApart) {
  struct Case {
    Result<HttpResponse> answer;
    Kind kind;
  };
  for (const Case& one :
       {Case{Ok("{}", {{"x-amzn-requestid", "R1"}}), Kind::kDone},
        Case{JsonError("LimitExceededException"), Kind::kRefused},
        Case{JsonError("ThrottlingException"), Kind::kRefused},
        Case{JsonError("AccessDeniedException"), Kind::kRefused},
        Case{JsonError("InternalServerError", "", 500), Kind::kUnknown},
        Case{DeadlineExceeded("no answer"), Kind::kUnknown}, Case{Ok("{\"Tab"), Kind::kUnknown},
        Case{Local("no descriptors"), Kind::kRefused}}) {
    const size_t before = Asked("UpdateTable");
    answers["UpdateTable"] = {one.answer};
    const Outcome outcome = Perform(Update());
    EXPECT_EQ(outcome.kind, one.kind) << outcome.detail;
    EXPECT_EQ(Asked("UpdateTable") - before, 1U);
    if (one.kind == Kind::kDone) EXPECT_EQ(outcome.receipt, "R1");
  }
}

TEST_F(DoorsTest, WhatIsNotAnActionOfOursIsNotSent) {
  AwsCall call = Update();
  call.operation = "DescribeTable";
  EXPECT_EQ(Perform(call).kind, Kind::kRefused) << "a read is no action";
  call = Update();
  call.account = "999999999999";
  EXPECT_THAT(Perform(call).detail, HasSubstr("the wrong account"));
  call = Update();
  call.parameters = R"({"TableName":)";
  EXPECT_EQ(Perform(call).kind, Kind::kRefused);
  EXPECT_EQ(Asked("UpdateTable") + Asked("DescribeTable"), 0U);
  EXPECT_EQ(Perform(Signal{}).detail, "the other");
}

TEST_F(DoorsTest, ASecretStandsInItsStringWhateverIsInItAndDoesNotComeBack) {
  AwsCall call{.region = "us-east-1", .service = "sns", .operation = "Subscribe"};
  call.parameters.pieces = {std::string(R"({"Endpoint":"https://x:)"), SecretRef{"env:USER_DATA"},
                            std::string(R"(@h/"})")};
  answers["Subscribe"] = {XmlError("InvalidParameter", "Invalid endpoint https://x:pass\"word\\1@h/")};
  const Outcome outcome = Perform(call);
  EXPECT_THAT(http.requests.back().body, HasSubstr("Endpoint=https%3A%2F%2Fx%3Apass%22word%5C1%40h%2F"));
  EXPECT_EQ(outcome.kind, Kind::kRefused);
  EXPECT_THAT(outcome.detail, AllOf(HasSubstr("<secret>"), Not(HasSubstr("word"))));
  EXPECT_THAT(Line(call), AllOf(HasSubstr("<secret:env:USER_DATA>"), Not(HasSubstr("word"))));
}

}  // namespace
}  // namespace holdfast::aws
