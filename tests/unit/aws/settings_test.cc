#include <gmock/gmock.h>

#include <string>

#include "reconcilers/clients/aws/credential_sources.h"
#include "reconcilers/clients/aws/endpoint.h"
#include "reconcilers/clients/aws/profile.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::aws {
namespace {

using clients::ClientSettings;
using testing::ElementsAre;
using testing::HasSubstr;

SharedConfig ConfigOf(std::string_view text, ConfigKind kind = ConfigKind::kConfig) {
  SharedConfig config;
  const Status read = ReadConfig(text, kind, config);
  EXPECT_TRUE(read.ok()) << read.message();
  return config;
}

TEST(Profile, ReadsSectionsPropertiesCommentsAndNestedOnes) {
  const SharedConfig config = ConfigOf(
      "\xef\xbb\xbf# a comment\r\n"
      "[default]\r\n"
      "region = us-east-1   ; near\r\n"
      "AWS_Access_Key_ID=AK#1\n"
      "[profile  my ops ]\n"
      "source_profile = default\n"
      "s3 =\n"
      "  max_concurrent_requests = 20\n"
      "long = one\n"
      "  two\n"
      "[preview]\n"
      "cloudfront = true\n"
      "[sso-session corp]\n"
      "sso_region = eu-west-1\n"
      "[services local]\n"
      "dynamodb =\n"
      "  endpoint_url = http://localhost:8000\n");
  EXPECT_EQ(config.profiles.at("default").at("region"), "us-east-1");
  EXPECT_EQ(config.profiles.at("default").at("aws_access_key_id"), "AK#1");
  EXPECT_EQ(config.profiles.at("my ops").at("source_profile"), "default");
  EXPECT_EQ(config.profiles.at("my ops").at("s3.max_concurrent_requests"), "20");
  EXPECT_EQ(config.profiles.at("my ops").at("long"), "one\ntwo");
  EXPECT_EQ(config.sso_sessions.at("corp").at("sso_region"), "eu-west-1");
  EXPECT_EQ(config.services.at("local").at("dynamodb.endpoint_url"), "http://localhost:8000");
  EXPECT_EQ(config.profiles.size(), 2U);
}

TEST(Profile, ProfilesAreNamedBareInTheCredentialsFile) {
  EXPECT_TRUE(ConfigOf("[ops]\na=1\n", ConfigKind::kCredentials).profiles.contains("ops"));
  EXPECT_FALSE(ConfigOf("[ops]\na=1\n").profiles.contains("ops"));
}

TEST(Profile, SaysTheLineButNotWhatStandsInIt) {
  for (const char* text : {"[ops\n", "[a]\naws_secret_access_key wJalrXUtnFEMI\n", "x = wJalrXUtnFEMI\n",
                           "[a]\n  wJalrXUtnFEMI\n", "= wJalrXUtnFEMI\n"}) {
    SharedConfig config;
    const Status read = ReadConfig(text, ConfigKind::kCredentials, config);
    EXPECT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.message(), HasSubstr("line "));
    EXPECT_THAT(read.message(), testing::Not(HasSubstr("wJalr")));
  }
}

TEST(Profile, FilesAreWhereTheEnvironmentSaysAndTheCredentialsFileWins) {
  clients::FakeFiles files;
  ClientSettings settings;
  settings.environment = {{"HOME", "/home/ops"}};
  EXPECT_EQ(LoadSharedConfig(files, settings)->found, SharedConfig::Found::kNone);
  files.content["/home/ops/.aws/config"] = "[profile x]\nregion=a\naws_access_key_id=config\n";
  files.content["/home/ops/.aws/credentials"] = "[x]\naws_access_key_id=credentials\n";
  const SharedConfig config = *LoadSharedConfig(files, settings);
  EXPECT_EQ(config.profiles.at("x").at("aws_access_key_id"), "credentials");
  EXPECT_EQ(config.profiles.at("x").at("region"), "a");
  settings.environment["AWS_CONFIG_FILE"] = "~/other";
  files.content["/home/ops/other"] = "[default]\nregion=o\n";
  EXPECT_EQ(LoadSharedConfig(files, settings)->profiles.at("default").at("region"), "o");
  files.content["/home/ops/other"] = "[default\n";
  EXPECT_THAT(LoadSharedConfig(files, settings).status().message(), HasSubstr("/home/ops/other: line 1"));
}

struct EndpointTest : testing::Test {
  std::string UrlOf(std::string_view service, EndpointQuestion question) {
    const Result<Endpoint> endpoint = EndpointOf(*FindService(service), question, settings, config);
    return endpoint.ok() ? endpoint->url : endpoint.status().message();
  }
  ClientSettings settings;
  SharedConfig config;
};

TEST_F(EndpointTest, EachPartitionHasItsOwnName) {
  EXPECT_EQ(UrlOf("dynamodb", {"us-east-1"}), "https://dynamodb.us-east-1.amazonaws.com");
  EXPECT_EQ(UrlOf("cloudwatch", {"eu-west-1"}), "https://monitoring.eu-west-1.amazonaws.com");
  EXPECT_EQ(UrlOf("elbv2", {"cn-north-1"}), "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(UrlOf("sts", {"us-gov-west-1"}), "https://sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(UrlOf("sns", {"us-iso-east-1"}), "https://sns.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(UrlOf("sns", {"us-isob-east-1"}), "https://sns.us-isob-east-1.sc2s.sgov.gov");
}

TEST_F(EndpointTest, TheMostParticularWins) {
  config = ConfigOf(
      "[default]\nendpoint_url=http://profile:1\nservices=s\n[services s]\nsns =\n"
      "  endpoint_url = http://service:2\n");
  EXPECT_EQ(UrlOf("dynamodb", {"us-east-1"}), "http://profile:1");
  EXPECT_EQ(UrlOf("sns", {"us-east-1"}), "http://service:2");
  settings.environment["AWS_ENDPOINT_URL"] = "http://all:3/";
  EXPECT_EQ(UrlOf("sns", {"us-east-1"}), "http://all:3");
  settings.environment["AWS_ENDPOINT_URL_AUTO_SCALING"] = "http://asg:4";
  EXPECT_EQ(UrlOf("autoscaling", {"us-east-1"}), "http://asg:4");
  EXPECT_EQ(UrlOf("autoscaling", {"us-east-1", "http://spec:5"}), "http://spec:5");
  settings.environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ(UrlOf("autoscaling", {"us-east-1"}), "https://autoscaling.us-east-1.amazonaws.com");
  EXPECT_EQ(UrlOf("autoscaling", {"us-east-1", "http://spec:5"}), "http://spec:5");
}

TEST_F(EndpointTest, TheHostIsSignedAsItIsSent) {
  const auto host = [&](const std::string& url) {
    const Result<Endpoint> endpoint = EndpointOf(*FindService("sns"), {"us-east-1", url}, settings, config);
    return endpoint.ok() ? endpoint->host : "refused";
  };
  EXPECT_EQ(host("http://LocalHost:5700/"), "localhost:5700");
  EXPECT_EQ(host("https://example.com:443"), "example.com");
  EXPECT_EQ(host("http://example.com:443"), "example.com:443");
  EXPECT_EQ(host("http://[::1]:80"), "[::1]");
  for (const char* odd : {"ftp://x", "http://", "https://user@x", "http://x/path", "x", "http://x?y", ""})
    if (*odd != 0) EXPECT_EQ(host(odd), "refused") << odd;
}

TEST_F(EndpointTest, ARegionCannotLeadElsewhere) {
  for (const char* region :
       {"", "evil.com/", "us-east-1.evil.com#", "us-east-1\r\nX: y", "US-EAST-1", "-", "east"})
    EXPECT_THAT(UrlOf("sns", {region}), HasSubstr("not a region")) << region;
}

TEST(SplitWords, AsAShellWouldButWithoutOne) {
  EXPECT_THAT(*SplitWords(R"(/bin/x  "a b" c\ d 'e "f"' "" g"h"i)"),
              ElementsAre("/bin/x", "a b", "c d", "e \"f\"", "", "ghi"));
  EXPECT_THAT(*SplitWords("  "), ElementsAre());
  EXPECT_THAT(*SplitWords("a $(b) `c` ; d"), ElementsAre("a", "$(b)", "`c`", ";", "d"));
  EXPECT_FALSE(SplitWords("a 'b").ok());
}

}  // namespace
}  // namespace holdfast::aws
