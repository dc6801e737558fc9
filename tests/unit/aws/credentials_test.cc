#include <gmock/gmock.h>

#include <string>

#include "controller/base/time_text.h"
#include "tests/unit/aws/rig.h"

namespace holdfast::aws {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kConfig[] = "/home/ops/.aws/config";

struct CredentialsTest : testing::Test, AwsRig {
  CredentialsTest() { settings.environment = {{"HOME", "/home/ops"}, {"AWS_EC2_METADATA_DISABLED", "true"}}; }
  Result<Credentials> Get(std::string profile = "") { return Wait(chain.Get(std::move(profile))); }
  std::string KeyOf(std::string profile = "") {
    const Result<Credentials> got = Get(std::move(profile));
    return got.ok() ? got->key_id : got.status().message();
  }
  std::string Metadata(std::string_view key, absl::Time expires) {
    return Cat(R"({"Code":"Success","AccessKeyId":")", key, R"(","SecretAccessKey":")", kSecret,
               R"(","Token":")", kToken, R"(","Expiration":")", Rfc3339(expires), "\"}");
  }
  Exchanger exchanger{world};
  CredentialChain chain{world, settings, exchanger};
};

TEST_F(CredentialsTest, WithoutAnySaysWhereItLooked) {
  EXPECT_THAT(Get().status().message(),
              AllOf(HasSubstr("no AWS credentials anywhere"), HasSubstr("AWS_ACCESS_KEY_ID"),
                    HasSubstr("/home/ops/.aws/config and /home/ops/.aws/credentials"),
                    HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"), HasSubstr("AWS_CONTAINER_CREDENTIALS"),
                    HasSubstr("AWS_EC2_METADATA_DISABLED")));
  EXPECT_EQ(Get().status().code(), Code::kUnauthenticated);
}

TEST_F(CredentialsTest, TheEnvironmentComesFirstButNotBeforeANamedProfile) {
  files.content[kConfig] =
      "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n"
      "[profile ops]\naws_access_key_id=OPS\naws_secret_access_key=s\n";
  EXPECT_EQ(KeyOf(), "FILE");
  settings.environment["AWS_ACCESS_KEY_ID"] = "ENV";
  CredentialChain later{world, settings, exchanger};
  EXPECT_THAT(Wait(later.Get("")).status().message(), HasSubstr("set both or none"));
  settings.environment["AWS_SECRET_ACCESS_KEY"] = "s";
  CredentialChain whole{world, settings, exchanger};
  EXPECT_EQ(Wait(whole.Get(""))->key_id, "ENV");
  EXPECT_EQ(Wait(whole.Get("ops"))->key_id, "OPS");
  EXPECT_THAT(Wait(whole.Get("nobody")).status().message(),
              AllOf(HasSubstr("there is no profile nobody"), HasSubstr(kConfig)));
}

TEST_F(CredentialsTest, ARoleIsAssumedWithItsSourceProfileAlsoThroughSeveral) {
  files.content[kConfig] =
      "[profile base]\naws_access_key_id=BASE\naws_secret_access_key=s\n"
      "[profile middle]\nrole_arn=arn:aws:iam::1:role/middle\nsource_profile=base\n"
      "[profile top]\nrole_arn=arn:aws:iam::1:role/top\nsource_profile=middle\n"
      "external_id=x-1\nduration_seconds=900\nregion=eu-west-1\n";
  answers["AssumeRole"] = {Ok(RoleBody("AssumeRole", "MIDDLE", clock.Now() + absl::Hours(1))),
                           Ok(RoleBody("AssumeRole", "TOP", clock.Now() + absl::Hours(1)))};
  EXPECT_EQ(KeyOf("top"), "TOP");
  ASSERT_EQ(http.requests.size(), 2U);
  EXPECT_THAT(http.requests[0].body, HasSubstr("role%2Fmiddle"));
  EXPECT_THAT(HeaderOf(http.requests[0], "Authorization"), HasSubstr("Credential=BASE/"));
  EXPECT_THAT(http.requests[1].body, AllOf(HasSubstr("ExternalId=x-1"), HasSubstr("DurationSeconds=900"),
                                           HasSubstr("RoleSessionName=holdfast")));
  EXPECT_THAT(HeaderOf(http.requests[1], "Authorization"), HasSubstr("Credential=MIDDLE/"));
  EXPECT_EQ(HeaderOf(http.requests[1], "X-Amz-Security-Token"), kToken);
  EXPECT_EQ(http.requests[1].url, "https://sts.eu-west-1.amazonaws.com/");
}

TEST_F(CredentialsTest, ACircleOfProfilesEndsAndOneThatMeansItsOwnKeysWorks) {
  files.content[kConfig] =
      "[profile a]\nrole_arn=r:a\nsource_profile=b\n"
      "[profile b]\nrole_arn=r:b\nsource_profile=a\n"
      "[profile own]\nrole_arn=r:own\nsource_profile=own\naws_access_key_id=OWN\n"
      "aws_secret_access_key=s\n"
      "[profile code]\nrole_arn=r\nsource_profile=own\nmfa_serial=m\n"
      "[profile bare]\nrole_arn=r\n";
  EXPECT_THAT(KeyOf("a"), HasSubstr("leads back to itself"));
  answers["AssumeRole"] = {Ok(RoleBody("AssumeRole", "ROLE", clock.Now() + absl::Hours(1)))};
  EXPECT_EQ(KeyOf("own"), "ROLE");
  EXPECT_THAT(HeaderOf(http.requests[0], "Authorization"), HasSubstr("Credential=OWN/"));
  EXPECT_THAT(KeyOf("code"), HasSubstr("mfa_serial"));
  EXPECT_THAT(KeyOf("bare"), HasSubstr("role_arn needs source_profile"));
}

TEST_F(CredentialsTest, AProgramIsRunWithoutAShellAndNothingItSaysIsTold) {
  files.content[kConfig] = "[default]\ncredential_process = /opt/get \"two words\" $HOME\n";
  commands.answer = [&](const CommandLine&) {
    return Exit{0, 0,
                Cat(R"({"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"s","SessionToken":"t",)",
                    R"("Expiration":")", Rfc3339(clock.Now() + absl::Hours(1)), "\"}")};
  };
  const Credentials got = *Get();
  EXPECT_EQ(got.key_id, "PROC");
  EXPECT_EQ(got.token, "t");
  EXPECT_THAT(commands.lines[0].argv, testing::ElementsAre("/opt/get", "two words", "$HOME"));
  for (const Exit& bad : {Exit{1, 0, "", std::string(kSecret)}, Exit{0, 0, std::string(kSecret)},
                          Exit{0, 0, R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"s"})"},
                          Exit{0, 0, R"({"Version":1,"AccessKeyId":"A"})"}, Exit{0, 9}}) {
    commands.answer = [&](const CommandLine&) { return bad; };
    CredentialChain fresh{world, settings, exchanger};
    const Result<Credentials> refused = Wait(fresh.Get(""));
    EXPECT_THAT(refused.status().message(), AllOf(HasSubstr("/opt/get"), Not(HasSubstr("canary"))));
  }
}

TEST_F(CredentialsTest, AWebIdentityIsSentUnsignedWithItsTokenReadAnew) {
  settings.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/var/token";
  settings.environment["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/w";
  EXPECT_THAT(KeyOf(), HasSubstr("/var/token"));
  clock.Pass(CredentialChain::kBetweenTries);
  files.content["/var/token"] = "jwt-1\n";
  answers["AssumeRoleWithWebIdentity"] = {
      XmlError("IDPCommunicationError"),
      Ok(RoleBody("AssumeRoleWithWebIdentity", "WEB", clock.Now() + absl::Hours(1)))};
  EXPECT_EQ(KeyOf(), "WEB");
  EXPECT_THAT(http.requests.back().body, HasSubstr("WebIdentityToken=jwt-1"));
  EXPECT_EQ(HeaderOf(http.requests.back(), "Authorization"), "");
  files.content["/var/token"] = "jwt-2";
  clock.Pass(absl::Minutes(55));
  EXPECT_EQ(KeyOf(), "WEB");
  EXPECT_THAT(http.requests.back().body, HasSubstr("WebIdentityToken=jwt-2"));
}

TEST_F(CredentialsTest, AContainerIsAskedOnlyWhereItsTokenMayGo) {
  settings.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/creds";
  settings.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Bearer x";
  answers["GET http://169.254.170.2/v2/creds"] = {HttpResponse{500, {}, ""},
                                                  Ok(Metadata("ECS", clock.Now() + absl::Hours(6)))};
  EXPECT_EQ(KeyOf(), "ECS");
  EXPECT_EQ(HeaderOf(http.requests.back(), "Authorization"), "Bearer x");
  settings.environment.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  for (const char* url : {"http://evil.com/x", "http://127.0.0.1.evil.com/", "http://localhost@evil.com/",
                          "http://169.254.170.2.evil.com/", "http://[::1].evil.com/x", "ftp://localhost/"}) {
    settings.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    CredentialChain fresh{world, settings, exchanger};
    const size_t before = http.requests.size();
    EXPECT_THAT(Wait(fresh.Get("")).status().message(), HasSubstr("neither https nor local")) << url;
    EXPECT_EQ(http.requests.size(), before) << url;
  }
  settings.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1234/c";
  settings.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nX-Evil: 1";
  CredentialChain fresh{world, settings, exchanger};
  EXPECT_THAT(Wait(fresh.Get("")).status().message(), HasSubstr("line break"));
}

struct InstanceTest : CredentialsTest {
  InstanceTest() { settings.environment.erase("AWS_EC2_METADATA_DISABLED"); }
  const std::string base = "http://169.254.169.254/latest";
  void Serve(Result<HttpResponse> token, std::string body) {
    answers["PUT " + base + "/api/token"] = {std::move(token)};
    answers["GET " + base + "/meta-data/iam/security-credentials/"] = {Ok("web-role\n")};
    answers["GET " + base + "/meta-data/iam/security-credentials/web-role"] = {Ok(std::move(body))};
  }
};

TEST_F(InstanceTest, AnInstanceIsAskedWithATokenOnly) {
  Serve(Ok("tok"), Metadata("IMDS", clock.Now() + absl::Hours(6)));
  EXPECT_EQ(KeyOf(), "IMDS");
  EXPECT_EQ(http.requests[0].method, "PUT");
  EXPECT_EQ(HeaderOf(http.requests[2], "x-aws-ec2-metadata-token"), "tok");
  // No way back to version 1.
  for (const int status : {400, 403, 404, 405, 503}) {
    Serve(HttpResponse{status, {}, ""}, Metadata("V1", clock.Now() + absl::Hours(6)));
    CredentialChain fresh{world, settings, exchanger};
    const size_t before = http.requests.size();
    EXPECT_FALSE(Wait(fresh.Get("")).ok());
    EXPECT_EQ(http.requests.size(), before + 1) << status;
  }
}

TEST_F(InstanceTest, CredentialsThatTheInstanceCannotRenewAreUsedOn) {
  Serve(Ok("tok"), Metadata("OLD", clock.Now() - absl::Minutes(1)));
  EXPECT_EQ(KeyOf(), "OLD");
  EXPECT_GE(Get()->expires, clock.Now() + absl::Minutes(16));
  Serve(Ok("tok"), R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"no"})");
  CredentialChain fresh{world, settings, exchanger};
  EXPECT_THAT(Wait(fresh.Get("")).status().message(), HasSubstr("AssumeRoleUnauthorizedAccess"));
}

TEST_F(CredentialsTest, AnExpiredLoginSaysWhatToRun) {
  files.content[kConfig] =
      "[profile dev]\nsso_session=corp\nsso_account_id=1\nsso_role_name=r\n"
      "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp/start\n";
  EXPECT_THAT(KeyOf("dev"), HasSubstr("aws sso login --profile dev"));
  const auto cached = [&](absl::Time expires) {
    return Cat(R"({"startUrl":"https://corp/start","accessToken":")", kToken, R"(","expiresAt":")",
               absl::FormatTime("%Y-%m-%dT%H:%M:%SUTC", expires, absl::UTCTimeZone()), "\"}");
  };
  files.content["/home/ops/.aws/sso/cache/1.json"] = cached(clock.Now() - absl::Hours(1));
  files.content["/home/ops/.aws/sso/cache/2.json"] = "not json";
  clock.Pass(CredentialChain::kBetweenTries);
  EXPECT_THAT(KeyOf("dev"), AllOf(HasSubstr("expired at"), HasSubstr("aws sso login --profile dev")));
  files.content["/home/ops/.aws/sso/cache/3.json"] = cached(clock.Now() + absl::Hours(1));
  clock.Pass(CredentialChain::kBetweenTries);
  answers["GET https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?account_id=1&role_name=r"] =
      {Ok(Cat(
          R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":)",
          absl::ToUnixMillis(clock.Now() + absl::Hours(1)), "}}"))};
  EXPECT_EQ(KeyOf("dev"), "SSO");
  EXPECT_EQ(HeaderOf(http.requests.back(), "x-amz-sso_bearer_token"), kToken);
}

struct RenewalTest : CredentialsTest {
  RenewalTest() {
    files.content[kConfig] = "[default]\ncredential_process=/opt/get\n";
    commands.answer = [this](const CommandLine&) -> Result<Exit> {
      ++runs;
      if (fails) return Exit{1, 0};
      return Exit{0, 0,
                  Cat(R"({"Version":1,"AccessKeyId":"K)", runs, R"(","SecretAccessKey":"s","Expiration":")",
                      Rfc3339(clock.Now() + life), "\"}")};
    };
  }
  int runs = 0;
  bool fails = false;
  absl::Duration life = absl::Hours(1);
};

TEST_F(RenewalTest, OneRenewalServesAllWhoWait) {
  commands.takes = absl::Seconds(2);
  std::vector<std::shared_ptr<std::optional<Result<Credentials>>>> all;
  for (int i = 0; i < 100; ++i) all.push_back(Spawn(chain.Get("")));
  clients::Rig::Run();
  for (const auto& one : all) EXPECT_EQ((**one)->key_id, "K1");
  EXPECT_EQ(runs, 1);
}

TEST_F(RenewalTest, RenewedBeforeTheyExpireAndUsedOnWhenThatFails) {
  EXPECT_EQ(KeyOf(), "K1");
  clock.Pass(absl::Minutes(44));
  EXPECT_EQ(KeyOf(), "K1");
  clock.Pass(absl::Minutes(2));
  fails = true;
  EXPECT_EQ(KeyOf(), "K1") << "14 minutes are left";
  EXPECT_EQ(KeyOf(), "K1");
  EXPECT_EQ(runs, 2) << "not tried again at once";
  fails = false;
  clock.Pass(CredentialChain::kBetweenTries);
  EXPECT_EQ(KeyOf(), "K3");
  clock.Pass(absl::Hours(2));
  fails = true;
  EXPECT_THAT(KeyOf(), HasSubstr("exit code 1"));
}

TEST_F(RenewalTest, WhileTheyAreGoodNobodyWaitsForTheRenewalButTheOneWhoDoesIt) {
  EXPECT_EQ(KeyOf(), "K1");
  clock.Pass(absl::Minutes(46));
  commands.takes = absl::Seconds(30);
  const auto leader = Spawn(chain.Get(""));
  const auto other = Spawn(chain.Get(""));
  loop.restart();
  loop.poll();
  EXPECT_FALSE(leader->has_value());
  ASSERT_TRUE(other->has_value());
  EXPECT_EQ((**other)->key_id, "K1");
  clients::Rig::Run();
  EXPECT_EQ((**leader)->key_id, "K2");
}

TEST_F(RenewalTest, ShortLivesAreNotRenewedWithEveryCall) {
  life = absl::Minutes(12);
  EXPECT_EQ(KeyOf(), "K1");
  clock.Pass(absl::Minutes(8));
  EXPECT_EQ(KeyOf(), "K1");
  EXPECT_EQ(runs, 1);
  clock.Pass(absl::Minutes(2));
  EXPECT_EQ(KeyOf(), "K2");
}

TEST_F(RenewalTest, RefusedOnesAreReplacedOnceAndTheSameOnesAreNoOthers) {
  const Credentials first = *Get();
  EXPECT_EQ(Wait(chain.GetOther("", first))->key_id, "K2");
  EXPECT_EQ(Wait(chain.GetOther("", first))->key_id, "K2") << "somebody else renewed them already";
  EXPECT_EQ(runs, 2);
  files.content[kConfig] = "[default]\naws_access_key_id=FIXED\naws_secret_access_key=s\n";
  CredentialChain fixed{world, settings, exchanger};
  const Credentials keys = *Wait(fixed.Get(""));
  EXPECT_THAT(Wait(fixed.GetOther("", keys)).status().message(), HasSubstr("there are no others"));
  files.content[kConfig] = "[default]\naws_access_key_id=ROTATED\naws_secret_access_key=s\n";
  clock.Pass(CredentialChain::kBetweenTries);
  EXPECT_EQ(Wait(fixed.GetOther("", keys))->key_id, "ROTATED");
}

}  // namespace
}  // namespace holdfast::aws
