// What goes wrong around an account: nothing is written meanwhile, the reason is told, and it ends by itself.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "examples/sandbox/aws/wire.h"
#include "tests/sim/account_seat.h"
#include "tests/sim/harness.h"

namespace holdfast::aws {
namespace {

using sandbox::By;
using sandbox::aws::Account;
using sandbox::aws::AccountEffect;
using sandbox::aws::AccountHttp;
using sandbox::aws::Throughput;
using sim::AccountSeat;
using sim::Harness;
using testing::AllOf;
using testing::HasSubstr;

const ResourceKey kTable{"DynamoDBTable", "users"}, kGroup{"AutoScalingGroup", "web"},
    kAlarm{"CloudWatchAlarm", "cpu-high"}, kConfiguration{"LaunchConfiguration", "web-2"};

std::string SpecText(const ResourceKey& key, std::string_view spec, std::string_view region = "us-east-1") {
  return Cat("apiVersion: holdfast/v1\nkind: ", key.kind, "\nmetadata: {name: ", key.name,
             "}\npolicy: {mode: act, interval: 30s}\nspec:\n  region: ", region, "\n", spec);
}

// There is always something to do in it: the table that stands there has 100 reads.
constexpr std::string_view kMoreReads = "  table: users\n  capacity: {read: 150, write: 50}\n";

struct BadWorldTest : testing::Test {
  void AddUsers() { seat.account.AddTable("users", {.read = 100, .write = 50}); }
  void Declare(const ResourceKey& key, std::string_view spec, std::string_view region = "us-east-1") {
    h.SetSpec("spec", SpecText(key, spec, region));
  }
  // Everything that is told of the resource.
  std::string Told(const ResourceKey& key) const {
    const Row* row = h.RowOf(key);
    if (row == nullptr) return "not declared";
    std::string told =
        Cat((*row)[ConditionType::kReady].message, "\n", (*row)[ConditionType::kObserved].message);
    for (const ShownWait& shown : row->waits)
      Append(told, "\n", shown.wait.name, ": ", shown.wait.detail, " → ", shown.wait.remedy);
    return told;
  }
  static size_t WritesTo(const Account& account) {
    size_t writes = 0;
    for (const AccountEffect& effect : account.effects()) writes += effect.by == By::kController;
    return writes;
  }
  size_t Writes() { return WritesTo(seat.Now()); }
  bool Has(Throughput wanted) {
    const auto& tables = seat.Now().ground().tables.all;
    const auto found = tables.find("users");
    return found != tables.end() && found->second.throughput == wanted;
  }
  // The bad world lasts: nothing is written in it.
  void Lasts(absl::Duration duration = absl::Minutes(10)) {
    const size_t before = Writes();
    h.RunFor(duration);
    EXPECT_EQ(Writes(), before);
  }
  // It is over, and what was left undone is done.
  void Recovers(const ResourceKey& key = kTable) {
    EXPECT_TRUE(h.RunUntil([&] { return h.IsSettled(key); }, absl::Minutes(15))) << h.Tell(key) << Told(key);
  }
  void RecoversWithReads() {
    EXPECT_TRUE(h.RunUntil([&] { return Has({150, 50}) && h.IsSettled(kTable); }, absl::Minutes(15)))
        << h.Tell(kTable) << Told(kTable);
  }

  Harness h;
  AccountSeat& seat = h.Add<AccountSeat>(h);
};

// ── credentials ──

struct CredentialsWorldTest : BadWorldTest {
  CredentialsWorldTest() {
    h.environment.clear();
    h.environment["HOME"] = "/home/ops";
    AddUsers();
  }
  std::string Keys(std::string_view key) const {
    return Cat("aws_access_key_id=", key, "\naws_secret_access_key=not-checked-here\n");
  }
};

TEST_F(CredentialsWorldTest, WithoutCredentialsEveryPlaceIsNamedAndWhatToDo) {
  Declare(kTable, kMoreReads);
  h.Start();
  Lasts();
  EXPECT_THAT(Told(kTable), AllOf(HasSubstr("no AWS credentials anywhere"), HasSubstr("AWS_ACCESS_KEY_ID"),
                                  HasSubstr("there is no profile default (in /home/ops/.aws/config and "
                                            "/home/ops/.aws/credentials)"),
                                  HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"),
                                  HasSubstr("AWS_CONTAINER_CREDENTIALS"), HasSubstr("instance metadata"),
                                  HasSubstr("`profile:` of the spec"), HasSubstr("aws configure")));
  h.texts.contents["/home/ops/.aws/credentials"] = Cat("[default]\n", Keys(seat.http.key));
  RecoversWithReads();
}

// The portal of the login, which hands out the account's key.
struct SsoPortal : Http {
  explicit SsoPortal(Harness& harness) : h(harness) {}
  Task<Result<HttpResponse>> Send(HttpRequest, Limits, HttpSink*) override {
    const int64_t expires = absl::ToUnixMillis(h.clock.Now() + absl::Hours(1));
    co_return HttpResponse{200,
                           {},
                           Cat(R"({"roleCredentials":{"accessKeyId":"AKIDSANDBOX",)"
                               R"("secretAccessKey":"s","sessionToken":"t","expiration":)",
                               expires, "}}")};
  }
  Harness& h;
};

TEST_F(CredentialsWorldTest, AnExpiredLoginSaysWhatToRun) {
  SsoPortal portal(h);
  h.AnswersAt("portal.sso.us-east-1.amazonaws.com", portal);
  h.texts.contents["/home/ops/.aws/config"] =
      "[profile dev]\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=ops\n"
      "[sso-session corp]\nsso_region=us-east-1\nsso_start_url=https://corp/start\n";
  const auto login = [&](absl::Time expires) {
    h.texts.contents["/home/ops/.aws/sso/cache/1.json"] =
        Cat(R"({"startUrl":"https://corp/start","accessToken":"x","expiresAt":")", Rfc3339(expires), "\"}");
  };
  login(h.clock.Now() - absl::Hours(1));
  Declare(kTable, Cat("  profile: dev\n", kMoreReads));
  h.Start();
  Lasts();
  EXPECT_THAT(Told(kTable), AllOf(HasSubstr("expired at"), HasSubstr("aws sso login --profile dev")));
  login(h.clock.Now() + absl::Hours(8));
  RecoversWithReads();
}

// Two accounts behind the same names: who is answered depends on the key.
struct TwoAccounts : Http {
  TwoAccounts(AccountHttp& a, AccountHttp& b) : one(a), other(b) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override {
    const Result<sandbox::aws::Signed> by = sandbox::aws::SignatureOf(request);
    AccountHttp& to = by.ok() && by->key == other.key ? other : one;
    co_return co_await to.Send(std::move(request), limits, sink);
  }
  AccountHttp &one, &other;
};

TEST_F(CredentialsWorldTest, CredentialsOfAnotherAccountTouchNothingOfIt) {
  Account another(h.clock.Now(), {.id = "210987654321"});
  another.AddTable("users", {.read = 100, .write = 50});
  AccountHttp another_http(another, h.clock);
  another_http.key = "AKIDOTHER";
  TwoAccounts both(seat.http, another_http);
  for (const std::string& authority : sandbox::aws::AuthoritiesOf(another)) h.AnswersAt(authority, both);
  std::string& file = h.texts.contents["/home/ops/.aws/credentials"];
  file = Cat("[default]\n", Keys(another_http.key));
  Declare(kTable, Cat("  account: \"123456789012\"\n", kMoreReads));
  h.Start();
  Lasts();
  EXPECT_THAT(Told(kTable), AllOf(HasSubstr("the wrong account"), HasSubstr("from profile default"),
                                  HasSubstr("210987654321"), HasSubstr("the spec wants 123456789012")));
  file = Cat("[default]\n", Keys(seat.http.key));
  RecoversWithReads();
  EXPECT_EQ(WritesTo(another), 0U);
}

// ── the account says no, or nothing ──

TEST_F(BadWorldTest, AnActionThatIsNotAllowedIsNamed) {
  AddUsers();
  for (const char* action : {"dynamodb:ListTables", "dynamodb:DescribeTable"}) {
    SCOPED_TRACE(action);
    seat.account.Deny(action);
    Declare(kTable, kMoreReads);
    h.Start();
    Lasts();
    EXPECT_THAT(Told(kTable), AllOf(HasSubstr(Cat("needs ", action)), HasSubstr("from the environment")));
    seat.account.Allow(action);
    RecoversWithReads();
    h.Kill();
    seat.account.Edit("dynamodb", "UpdateTable",
                      json::object{{"TableName", "users"},
                                   {"ProvisionedThroughput",
                                    json::object{{"ReadCapacityUnits", 100}, {"WriteCapacityUnits", 50}}}});
    h.RunFor(absl::Minutes(1));
  }
}

// What a rule needs besides the table is a part of its own: the rule waits and says for what.
TEST_F(BadWorldTest, WithoutLeaveToReadMetricsARuleWaits) {
  AddUsers();
  seat.account.SetLoad("users", {.read = 200});
  seat.account.Deny("cloudwatch:GetMetricData");
  Declare(kTable,
          "  table: users\n  capacity:\n    read: {min: 100, max: 150, raise: {onThrottle: {window: 5m}, by: "
          "50%, cooldown: 10m}}\n");
  h.Start();
  Lasts();
  EXPECT_THAT(Told(kTable), HasSubstr("needs cloudwatch:GetMetricData"));
  seat.account.Allow("cloudwatch:GetMetricData");
  RecoversWithReads();
}

TEST_F(BadWorldTest, ATableThatIsNotThereIsSaidWithItsRegion) {
  AddUsers();
  AccountSeat& ireland = h.Add<AccountSeat>(h, Account::Setup{.region = "eu-west-1"});
  Declare(kTable, kMoreReads, "eu-west-1");
  h.Start();
  Lasts();
  EXPECT_EQ(WritesTo(ireland.Now()), 0U);
  EXPECT_THAT(Told(kTable), AllOf(HasSubstr("neither among 0 in ListTables"), HasSubstr("in eu-west-1"),
                                  HasSubstr("the spec does not say key")));
  Declare(kTable, kMoreReads, "us-east-1");
  RecoversWithReads();
}

// A way to the account that can be cut.
struct Cut : Http {
  Cut(Http& to, Clock& time) : inner(to), clock(time) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override {
    if (is.ok()) co_return co_await inner.Send(std::move(request), limits, sink);
    co_await clock.Sleep(absl::Milliseconds(1));
    co_return Annotate(is, request.url);
  }
  Http& inner;
  Clock& clock;
  Status is = Unavailable("connect: connection refused");
};

TEST_F(BadWorldTest, AnEndpointThatIsDownIsNoReasonToAct) {
  AddUsers();
  Cut cut(seat.http, h.clock);
  for (const std::string& authority : sandbox::aws::AuthoritiesOf(seat.account)) h.AnswersAt(authority, cut);
  Declare(kTable, kMoreReads);
  h.Start();
  Lasts();
  EXPECT_THAT(Told(kTable), HasSubstr("connection refused"));
  cut.is = Status();
  RecoversWithReads();
  // Also in the middle of it, with everything known until then.
  cut.is = Unavailable("connect: connection refused");
  Declare(kTable, "  table: users\n  capacity: {read: 160, write: 50}\n");
  Lasts();
  EXPECT_THAT(Told(kTable), AllOf(HasSubstr("dynamodb"), HasSubstr("us-east-1"), HasSubstr("refused")));
  cut.is = Status();
  EXPECT_TRUE(h.RunUntil([&] { return Has({160, 50}); })) << Told(kTable);
}

// ── a clock that is wrong ──

// The account's, which is not ours.
struct OtherClock : Clock {
  OtherClock(Clock& ours, absl::Duration ahead) : clock(ours), is_ahead(ahead) {}
  absl::Time Now() const override { return clock.Now() + is_ahead; }
  absl::Duration Steady() const override { return clock.Steady(); }
  Task<void> Sleep(absl::Duration duration) override { return clock.Sleep(duration); }
  Clock& clock;
  absl::Duration is_ahead;
};

std::vector<std::string>& Lines() {
  static std::vector<std::string> lines;
  return lines;
}
void KeepLine(Severity, std::string_view line) { Lines().emplace_back(line); }

struct WrongClockTest : testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Minutes, WrongClockTest, testing::Values(-20, -10, 10, 20));

TEST_P(WrongClockTest, IsCorrectedAndSaid) {
  Lines().clear();
  SetLogSink(KeepLine);
  Harness h;
  OtherClock theirs(h.clock, absl::Minutes(GetParam()));
  Account account(theirs.Now(), {});
  AccountHttp http(account, theirs);
  for (const std::string& authority : sandbox::aws::AuthoritiesOf(account)) h.AnswersAt(authority, http);
  h.environment = {{"AWS_ACCESS_KEY_ID", http.key}, {"AWS_SECRET_ACCESS_KEY", "not-checked-here"}};
  account.AddTable("users", {.read = 100, .write = 50});
  h.SetSpec("spec", SpecText(kTable,
                             "  table: users\n  capacity:\n    read: {min: 100, max: 1000, raise: "
                             "{onThrottle: {window: 5m}, by: 50%, cooldown: 30m}}\n"));
  h.Start();
  ASSERT_TRUE(h.RunUntil([&] { return h.IsSettled(kTable); })) << h.Tell(kTable);
  // It is throttled now, and by its own clock: raised once, and not again within the cooldown.
  account.SetLoad("users", {.read = 1000});
  const auto reads = [&] {
    account.Advance(theirs.Now());
    return account.ground().tables.all.at("users").throughput.read;
  };
  EXPECT_TRUE(h.RunUntil([&] { return reads() == 150; }, absl::Minutes(8))) << h.Tell(kTable);
  h.RunFor(absl::Minutes(25));
  EXPECT_EQ(reads(), 150);
  EXPECT_TRUE(h.RunUntil([&] { return reads() == 225; }, absl::Minutes(10))) << h.Tell(kTable);
  SetLogSink(nullptr);
  EXPECT_THAT(Lines(), testing::Contains(AllOf(HasSubstr("clock"), HasSubstr("dynamodb.us-east-1"),
                                               HasSubstr(Cat(std::abs(GetParam()), "m"))))
                           .Times(1));
}

// ── things that come and go ──

TEST_F(BadWorldTest, ATableThatIsDeletedAndMadeAgainIsAnotherOne) {
  AddUsers();
  Declare(kTable, "  table: users\n  capacity: {read: 100, write: 50}\n");
  h.Start();
  Recovers();
  seat.account.Edit("dynamodb", "DeleteTable", json::object{{"TableName", "users"}});
  Lasts();
  EXPECT_THAT(Told(kTable), AllOf(HasSubstr("neither among 0"), HasSubstr("cannot be created")));
  seat.account.AddTable("users", {.read = 40, .write = 50});
  EXPECT_TRUE(h.RunUntil([&] { return Has({100, 50}) && h.IsSettled(kTable); }, absl::Minutes(15)))
      << Told(kTable);
  EXPECT_EQ(Writes(), 1U);
}

TEST_F(BadWorldTest, AGroupThatIsBeingDeletedIsLeftToItsEnd) {
  seat.account.AddGroup({.name = "web"});
  Declare(kGroup, "  group: web\n  size: {min: 1, max: 4}\n");
  h.Start();
  Recovers(kGroup);
  seat.account.Edit("autoscaling", "DeleteAutoScalingGroup",
                    json::object{{"AutoScalingGroupName", "web"}, {"ForceDelete", true}});
  Declare(kGroup, "  group: web\n  size: {min: 2, max: 6}\n");
  EXPECT_TRUE(h.RunUntil([&] { return Told(kGroup).find("the group is being deleted") != std::string::npos; },
                         absl::Minutes(2)))
      << Told(kGroup);
  Lasts();
  EXPECT_THAT(Told(kGroup), HasSubstr("the spec says too little to make it"));
  seat.account.AddGroup({.name = "web"});
  Recovers(kGroup);
  EXPECT_EQ(seat.Now().ground().groups.all.at("web").max, 6);
}

TEST_F(BadWorldTest, TwoHundredLaunchConfigurationsLeaveNoRoom) {
  auto& configurations = seat.account.scene().groups.configurations;
  seat.account.scene().machines.images["ami-0123456789abcdef0"] = {.id = "ami-0123456789abcdef0",
                                                                   .name = "steady"};
  for (int i = 0; i < 200; ++i) {
    const std::string name = Cat("old-", i);
    configurations[name].name = name;
    configurations[name].image = "ami-0123456789abcdef0";
  }
  Declare(kConfiguration, "  name: web-2\n  image: ami-0123456789abcdef0\n  instanceType: t3.micro\n");
  h.Start();
  Lasts();
  EXPECT_THAT(Told(kConfiguration),
              AllOf(HasSubstr("the quota is used up: 200 of 200"), HasSubstr("delete-launch-configuration")));
  EXPECT_EQ(seat.Now().refused(), 0);
  configurations.erase("old-7");
  Recovers(kConfiguration);
  EXPECT_TRUE(configurations.contains("web-2"));
}

}  // namespace
}  // namespace holdfast::aws
