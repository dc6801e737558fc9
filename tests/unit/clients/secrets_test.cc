#include "reconcilers/clients/secrets.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/unit/clients/fakes.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;

struct SecretsTest : testing::Test {
  Rig rig;
  Secrets& secrets = rig.clients.secrets;
  ClientSettings& settings = rig.clients.settings;
};

TEST_F(SecretsTest, AFileIsTrimmedAndReadAnewEveryTime) {
  rig.files.content["/s"] = "first-secret\n";
  EXPECT_EQ(*secrets.Resolve(SecretRef{"file:/s"}), "first-secret");
  rig.files.content["/s"] = "rotated";
  EXPECT_EQ(*secrets.Resolve(SecretRef{"file:/s"}), "rotated");
}

TEST_F(SecretsTest, AFileThatEverybodyMayReadIsRefused) {
  rig.files.content["/s"] = "x";
  settings.file_mode = [](const std::string&) -> Result<int> { return 0644; };
  EXPECT_EQ(secrets.Resolve(SecretRef{"file:/s"}).status().code(), Code::kPermissionDenied);
  settings.file_mode = {};
  EXPECT_FALSE(secrets.Resolve(SecretRef{"file:/s"}).ok());
}

TEST_F(SecretsTest, EnvironmentAndCredentials) {
  settings.environment["PW"] = "from-env";
  settings.credentials_directory = "/run/credentials/holdfast";
  rig.files.content["/run/credentials/holdfast/pw"] = "from-unit";
  EXPECT_EQ(*secrets.Resolve(SecretRef{"env:PW"}), "from-env");
  EXPECT_EQ(*secrets.Resolve(SecretRef{"credential:pw"}), "from-unit");
  EXPECT_THAT(secrets.Resolve(SecretRef{"env:OTHER"}).status().message(), HasSubstr("OTHER"));
  EXPECT_FALSE(secrets.Resolve(SecretRef{"credential:../../etc/shadow"}).ok());
  EXPECT_FALSE(secrets.Resolve(SecretRef{"plain text"}).ok());
  EXPECT_FALSE(secrets.Resolve(SecretRef{""}).ok());
}

TEST_F(SecretsTest, WhatWasResolvedIsScrubbedFromOthersWords) {
  settings.environment["PW"] = "hunter22";
  ASSERT_TRUE(secrets.Resolve(SecretRef{"env:PW"}).ok());
  EXPECT_EQ(secrets.Scrubbed("bad password hunter22, hunter22!"), "bad password <secret>, <secret>!");
}

TEST_F(SecretsTest, FillsTheHolesOfAText) {
  settings.environment["PW"] = "hunter22";
  Text text("Bearer ");
  text.pieces.emplace_back(SecretRef{"env:PW"});
  EXPECT_EQ(*secrets.Resolve(text), "Bearer hunter22");
}

}  // namespace
}  // namespace holdfast::clients
