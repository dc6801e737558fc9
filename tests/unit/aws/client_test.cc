#include "reconcilers/clients/aws/client.h"

#include <gmock/gmock.h>

#include <string>

#include "controller/base/log.h"
#include "reconcilers/clients/aws/document.h"
#include "tests/unit/aws/rig.h"

namespace holdfast::aws {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr absl::Duration kDeadline = absl::Seconds(30);

std::string HttpDate(absl::Time at) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", at, absl::UTCTimeZone());
}

struct ClientTest : testing::Test, AwsRig {
  Reply Read(Call call) { return Wait(client.Read(std::move(call), kDeadline)); }
  Reply Write(Call call) { return Wait(client.Write(std::move(call), kDeadline)); }
};

TEST_F(ClientTest, AReadIsSignedAndAnswered) {
  answers["DescribeTable"] = {Ok(R"({"Table":{"TableName":"t"}})", {{"x-amzn-requestid", "R1"}})};
  const Reply reply = Read(Describe());
  ASSERT_TRUE(reply.ok()) << reply.status().message();
  EXPECT_EQ(TextAt(reply.body, "Table.TableName"), "t");
  EXPECT_EQ(reply.request_id, "R1");
  const HttpRequest& request = http.requests.back();
  EXPECT_EQ(request.url, "https://dynamodb.us-east-1.amazonaws.com/");
  EXPECT_EQ(HeaderOf(request, "Host"), "dynamodb.us-east-1.amazonaws.com");
  EXPECT_THAT(HeaderOf(request, "Authorization"),
              AllOf(HasSubstr("Credential=AKIDENV/"), HasSubstr("/us-east-1/dynamodb/aws4_request"),
                    HasSubstr("SignedHeaders=content-type;host;x-amz-date;x-amz-target")));
}

TEST_F(ClientTest, OnlyWhatIsInTheTableIsEverSentAndOnlyAsWhatItIs) {
  EXPECT_FALSE(Read({{.region = "us-east-1"}, "dynamodb", "PutItem", json::object()}).ok());
  EXPECT_FALSE(Read({{.region = "us-east-1"}, "nothing", "PutItem", json::object()}).ok());
  EXPECT_FALSE(Read(Update()).ok());
  EXPECT_FALSE(Write(Describe()).ok());
  EXPECT_FALSE(Read(Describe({.region = "evil.com/"})).ok());
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(ClientTest, APassingTroubleOfAReadIsTriedThreeTimes) {
  for (const Result<HttpResponse>& trouble :
       {Result<HttpResponse>(JsonError("ThrottlingException")),
        Result<HttpResponse>(JsonError("InternalServerError", "", 500)),
        Result<HttpResponse>(HttpResponse{503, {}, "<html>oops</html>"}),
        Result<HttpResponse>(Unavailable("connection reset")), Result<HttpResponse>(Ok("")),
        Result<HttpResponse>(Ok("{\"Table\":"))}) {
    const size_t before = Asked("DescribeTable");
    answers["DescribeTable"] = {trouble, trouble, Ok("{}")};
    const Reply reply = Read(Describe());
    EXPECT_TRUE(reply.ok()) << reply.status().message();
    EXPECT_EQ(reply.attempts, 3);
    answers["DescribeTable"] = {trouble};
    EXPECT_FALSE(Read(Describe()).ok());
    EXPECT_EQ(Asked("DescribeTable") - before, 6U);
  }
}

TEST_F(ClientTest, AnAnswerThatIsANoIsNotAskedForAgain) {
  for (const char* code : {"ResourceNotFoundException", "ValidationException", "AccessDeniedException",
                           "LimitExceededException", "ResourceInUseException"}) {
    const size_t before = Asked("DescribeTable");
    answers["DescribeTable"] = {JsonError(code)};
    EXPECT_EQ(Read(Describe()).failure->error.code, code);
    EXPECT_EQ(Asked("DescribeTable") - before, 1U) << code;
  }
  EXPECT_EQ(Read(Describe()).failure->status.code(), Code::kAborted);
}

TEST_F(ClientTest, AMutationIsNeverBlindlyResent) {
  struct Case {
    Result<HttpResponse> answer;
    Applied applied;
  };
  for (const Case& one :
       {Case{JsonError("ThrottlingException"), Applied::kNo},
        Case{JsonError("LimitExceededException"), Applied::kNo},
        Case{JsonError("InternalServerError", "", 500), Applied::kMaybe},
        Case{HttpResponse{502, {}, "<html>"}, Applied::kMaybe},
        Case{HttpResponse{403, {}, "<html>"}, Applied::kNo},
        Case{Unavailable("connection reset"), Applied::kMaybe},
        Case{Unavailable("Connection refused"), Applied::kNo}, Case{Local("no descriptors"), Applied::kNo},
        Case{DeadlineExceeded("no answer"), Applied::kMaybe}, Case{Ok(""), Applied::kMaybe},
        Case{Ok("{\"Tab"), Applied::kMaybe}}) {
    const size_t before = Asked("UpdateTable");
    answers["UpdateTable"] = {one.answer};
    const Reply reply = Write(Update());
    ASSERT_TRUE(reply.failure.has_value());
    EXPECT_EQ(reply.failure->applied, one.applied) << reply.status().message();
    EXPECT_EQ(Asked("UpdateTable") - before, 1U) << reply.status().message();
  }
}

TEST_F(ClientTest, CredentialsThatExpireDuringTheCallAreRenewedOnce) {
  settings.environment.erase("AWS_ACCESS_KEY_ID");
  settings.environment.erase("AWS_SECRET_ACCESS_KEY");
  files.content["/home/ops/.aws/config"] = "[default]\ncredential_process=/opt/get\n";
  int runs = 0;
  commands.answer = [&](const CommandLine&) {
    return Exit{0, 0, Cat(R"({"Version":1,"AccessKeyId":"K)", ++runs, R"(","SecretAccessKey":"s"})")};
  };
  answers["UpdateTable"] = {JsonError("ExpiredTokenException"), Ok("{}")};
  const Reply reply = Write(Update());
  EXPECT_TRUE(reply.ok()) << reply.status().message();
  EXPECT_EQ(Asked("UpdateTable"), 2U) << "what was refused unread may be sent again";
  EXPECT_THAT(HeaderOf(http.requests.back(), "Authorization"), HasSubstr("Credential=K2/"));
  answers["UpdateTable"] = {JsonError("ExpiredTokenException")};
  EXPECT_EQ(Write(Update()).failure->trouble, Trouble::kExpired);
  EXPECT_EQ(Asked("UpdateTable"), 4U);
}

TEST_F(ClientTest, AWrongClockIsCorrectedFromTheAnswersDate) {
  const absl::Time theirs = clock.Now() + absl::Minutes(10);
  answers["GetCallerIdentity"] = {
      HttpResponse{403, {{"date", HttpDate(theirs)}}, XmlError("SignatureDoesNotMatch").body},
      Ok(IdentityBody(kAccount), {{"date", HttpDate(theirs)}})};
  answers["UpdateTable"] = {
      HttpResponse{400, {{"date", HttpDate(theirs)}}, JsonError("InvalidSignatureException").body}, Ok("{}")};
  const Reply reply = Write(Update());
  EXPECT_TRUE(reply.ok()) << reply.status().message();
  EXPECT_EQ(Asked("UpdateTable"), 2U);
  const std::string date = HeaderOf(http.requests.back(), "X-Amz-Date");
  EXPECT_EQ(date.substr(0, 13), AmzDate(theirs).substr(0, 13));
}

TEST_F(ClientTest, ARefusedSignatureIsNotPutDownToASlightlyWrongClock) {
  const absl::Time theirs = clock.Now() + absl::Minutes(2);
  answers["UpdateTable"] = {
      HttpResponse{400, {{"date", HttpDate(theirs)}}, JsonError("InvalidSignatureException").body}};
  const Reply reply = Write(Update());
  EXPECT_EQ(Asked("UpdateTable"), 1U);
  EXPECT_THAT(reply.status().message(), HasSubstr("the secret key is wrong"));
}

TEST_F(ClientTest, AWrongClockIsAlsoToldByTheText) {
  const absl::Time theirs = clock.Now() - absl::Minutes(20);
  answers["UpdateTable"] = {
      JsonError("RequestTimeTooSkewed",
                Cat("Signature not yet current: 2 is still later than (", AmzDate(theirs), " + 5 min.)")),
      Ok("{}")};
  EXPECT_TRUE(Write(Update()).ok());
  EXPECT_EQ(HeaderOf(http.requests.back(), "X-Amz-Date").substr(0, 13), AmzDate(theirs).substr(0, 13));
}

TEST(Skews, LearnsOnlyFromAnswersThatAreFreshAndQuick) {
  Skews skews;
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const HttpResponse late{200, {{"date", HttpDate(now + absl::Hours(1))}}, ""};
  skews.Learn("h", late, now - absl::Hours(1), now);
  EXPECT_EQ(skews.Of("h"), absl::ZeroDuration());
  skews.Learn("h", {200, {{"date", HttpDate(now + absl::Hours(1))}, {"age", "3"}}, ""}, now, now);
  EXPECT_EQ(skews.Of("h"), absl::ZeroDuration());
  skews.Learn("h", late, now, now);
  EXPECT_EQ(skews.Of("h"), absl::Hours(1));
  EXPECT_EQ(skews.Of("other"), absl::ZeroDuration());
  skews.Learn("h", {200, {{"date", "soon"}}, ""}, now, now);
  EXPECT_EQ(skews.Of("h"), absl::Hours(1));
  skews.Learn("h", {200, {{"date", HttpDate(now)}}, ""}, now, now);
  EXPECT_EQ(skews.Of("h"), absl::ZeroDuration()) << "heals with the next good answer";
}

TEST_F(ClientTest, TheAccountIsAskedForOnceByEverybodyAndPinned) {
  answers["DescribeTable"] = {Ok("{}")};
  http.takes = absl::Milliseconds(100);
  std::vector<std::shared_ptr<std::optional<Reply>>> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(
        Spawn(client.Read(Describe({.account = std::string(kAccount), .region = "us-east-1"}), kDeadline)));
  clients::Rig::Run();
  for (const auto& one : all) EXPECT_TRUE((*one)->ok()) << (*one)->status().message();
  EXPECT_EQ(Asked("GetCallerIdentity"), 1U);
}

TEST_F(ClientTest, AWrongAccountIsRefusedBeforeAnythingIsSentToIt) {
  answers["UpdateTable"] = {Ok("{}")};
  const Reply reply = Write(Update({.account = "999999999999", .region = "us-east-1"}));
  EXPECT_THAT(reply.status().message(),
              AllOf(HasSubstr("the wrong account"), HasSubstr("123456789012"), HasSubstr("999999999999")));
  EXPECT_EQ(reply.status().code(), Code::kPermissionDenied);
  EXPECT_EQ(Asked("UpdateTable"), 0U);
}

TEST_F(ClientTest, AProfileThatMovesToAnotherAccountIsNotFollowed) {
  settings.environment.erase("AWS_ACCESS_KEY_ID");
  settings.environment.erase("AWS_SECRET_ACCESS_KEY");
  std::string& config = files.content["/home/ops/.aws/config"];
  config = "[default]\naws_access_key_id=ONE\naws_secret_access_key=s\n";
  answers["DescribeTable"] = {Ok("{}")};
  ASSERT_TRUE(Read(Describe()).ok());
  config = "[default]\naws_access_key_id=TWO\naws_secret_access_key=s\n";
  answers["GetCallerIdentity"] = {Ok(IdentityBody("999999999999"))};
  answers["DescribeTable"] = {JsonError("UnrecognizedClientException"), Ok("{}")};
  clock.Pass(absl::Hours(1));
  EXPECT_EQ(Read(Describe()).failure->trouble, Trouble::kOurs) << "the retry would go to another account";
  const Reply later = Read(Describe());
  EXPECT_THAT(later.status().message(), HasSubstr("another account"));
}

TEST_F(ClientTest, WhereNobodyCanTellTheAccountNothingIsSent) {
  answers["GetCallerIdentity"] = {HttpResponse{503, {}, ""}};
  EXPECT_FALSE(Write(Update()).ok());
  EXPECT_FALSE(Write(Update()).ok());
  EXPECT_EQ(Asked("GetCallerIdentity"), 1U) << "not asked again at once";
  EXPECT_EQ(Asked("UpdateTable"), 0U);
}

TEST_F(ClientTest, AnEndpointThatASpecGivesIsAWorldOfItsOwn) {
  answers["DescribeTable"] = {Ok("{}")};
  EXPECT_TRUE(Read(Describe({.region = "us-east-1", .endpoint = "http://127.0.0.1:8000"})).ok());
  EXPECT_EQ(Asked("GetCallerIdentity"), 0U);
  EXPECT_EQ(http.requests.back().url, "http://127.0.0.1:8000/");
}

TEST_F(ClientTest, ADeniedCallNamesTheMissingActionAndWhoseCredentials) {
  answers["UpdateTable"] = {JsonError("AccessDeniedException", "no")};
  EXPECT_THAT(Write(Update()).status().message(),
              AllOf(HasSubstr("dynamodb:UpdateTable"), HasSubstr("the environment"), HasSubstr("us-east-1")));
}

struct PagesTest : ClientTest {
  Listing All() {
    return Wait(client.ReadAll({{.region = "us-east-1"}, "dynamodb", "ListTables", json::object()},
                               absl::Minutes(5)));
  }
};

TEST_F(PagesTest, AllPagesMakeOneListing) {
  answers["ListTables"] = {Ok(R"({"TableNames":["a","b"],"LastEvaluatedTableName":"b"})"),
                           Ok(R"({"TableNames":[],"LastEvaluatedTableName":"c"})"),
                           Ok(R"({"TableNames":["d"]})")};
  const Listing all = All();
  ASSERT_TRUE(all.ok()) << all.failure->status.message();
  EXPECT_EQ(all.items.size(), 3U);
  EXPECT_EQ(all.pages, 3);
  EXPECT_THAT(http.requests.back().body, HasSubstr(R"("ExclusiveStartTableName":"c")"));
}

TEST_F(PagesTest, HalfAListingIsNone) {
  const HttpResponse first = Ok(R"({"TableNames":["a"],"LastEvaluatedTableName":"a"})");
  for (const Result<HttpResponse>& second :
       {Result<HttpResponse>(JsonError("AccessDeniedException")), Result<HttpResponse>(Ok("{}")),
        Result<HttpResponse>(Unavailable("reset")), Result<HttpResponse>(Ok(R"({"TableNames":["b"])"))}) {
    answers["ListTables"] = {first, second};
    const Listing half = All();
    EXPECT_FALSE(half.ok());
    EXPECT_TRUE(half.items.empty());
  }
  answers["ListTables"] = {first};
  EXPECT_THAT(All().failure->status.message(), HasSubstr("the same page comes again"));
}

TEST_F(ClientTest, TenThousandAlarmsAreHardlyMoreThanAHundredCalls) {
  std::string page = R"({"MetricAlarms":[)";
  for (int i = 0; i < 100; ++i) Append(page, i == 0 ? "" : ",", R"({"AlarmName":"a"})");
  int served = 0;
  http.answer = [&](const HttpRequest& request) -> Result<HttpResponse> {
    if (OperationOf(request) == "GetCallerIdentity") return Ok(IdentityBody(kAccount));
    ++served;
    return Ok(Cat(page, "]", served < 100 ? Cat(R"(,"NextToken":"n)", served, "\"") : "", "}"));
  };
  const Listing all = Wait(client.ReadAll(
      {{.region = "us-east-1"}, "cloudwatch", "DescribeAlarms", json::object()}, absl::Hours(1)));
  EXPECT_EQ(all.items.size(), 10'000U);
  EXPECT_EQ(http.requests.size(), 101U);
}

// The key and the token must not come back in any word of ours, whatever the other side quotes.
TEST_F(ClientTest, TheSecretNeverShows) {
  settings.environment["AWS_SESSION_TOKEN"] = std::string(kToken);
  static std::string logged;
  logged.clear();
  SetLogSink([](Severity, std::string_view line) { logged += line; });
  const std::string echo = Cat("you sent ", kSecret, " and ", kToken);
  for (const Result<HttpResponse>& answer :
       {Result<HttpResponse>(JsonError("SignatureDoesNotMatch", echo)), Result<HttpResponse>(JsonError(echo)),
        Result<HttpResponse>(HttpResponse{500, {}, echo}), Result<HttpResponse>(Ok(echo)),
        Result<HttpResponse>(HttpResponse{403, {}, XmlError("SignatureDoesNotMatch", echo).body}),
        Result<HttpResponse>(Ok(Cat("{\"a\":\"", echo)))}) {
    answers["DescribeTable"] = {answer};
    answers["UpdateTable"] = {answer};
    for (const Reply& reply : {Read(Describe()), Write(Update())}) {
      const std::string all = reply.failure
                                  ? Cat(reply.failure->status.message(), reply.failure->error.message,
                                        reply.failure->error.code, reply.failure->error.request_id)
                                  : Compact(reply.body);
      EXPECT_THAT(all, AllOf(Not(HasSubstr(std::string(kSecret))), Not(HasSubstr(std::string(kToken)))));
    }
  }
  for (const HttpRequest& request : http.requests) {
    EXPECT_THAT(request.url, Not(HasSubstr("canary")));
    EXPECT_THAT(HeaderOf(request, "Authorization"), Not(HasSubstr("canary")));
    EXPECT_THAT(request.body, Not(HasSubstr("canary")));
  }
  EXPECT_THAT(logged, Not(HasSubstr("canary")));
  SetLogSink(nullptr);
}

}  // namespace
}  // namespace holdfast::aws
