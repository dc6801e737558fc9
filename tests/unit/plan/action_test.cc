#include "controller/plan/action.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "controller/plan/action_json.h"

namespace holdfast {
namespace {

struct Case {
  std::string name;
  Action action;
  std::string line;
};

// One of every alternative and of everything that must not be lost on the way to disk and back.
std::vector<Case> Cases() {
  return {
      {"supervisord by socket",
       XmlRpcCall{.unix_socket = "/run/s.sock",
                  .method = "supervisor.startProcess",
                  .params = {std::string("web:1"), false}},
       "supervisorctl -s unix:///run/s.sock start web:1"},
      {"supervisord by url with a password",
       XmlRpcCall{.url = "http://h:9001",
                  .auth = BasicAuth{"ops", {"file:/etc/p w"}},
                  .method = "supervisor.signalProcess",
                  .params = {std::string("db"), std::string("KILL")},
                  .only_if_incarnation = "7@9"},
       "supervisorctl -s http://h:9001 -u ops -p '<secret:file:/etc/p w>' signal KILL db"},
      {"a method that supervisorctl does not have",
       XmlRpcCall{.url = "http://h:9001", .method = "system.listMethods", .params = {int64_t{3}}},
       "supervisorctl -s http://h:9001 system.listMethods 3"},
      {"command here", Command{.argv = {"systemctl", "start", "a b"}}, "systemctl start 'a b'"},
      {"command there, quoted for both shells",
       Command{.where = {.host = "db1", .user = "ops", .port = 2222}, .argv = {"touch", "it's"}},
       R"(ssh -p 2222 ops@db1 -- 'touch '\''it'\''\'\'''\''s'\''')"},
      {"command with a condition",
       Command{.argv = {"systemctl", "stop", "db"},
               .done_codes = {0, 5},
               .only_if = OnlyIf{{"systemctl", "show", "-p", "InvocationID", "--value", "db"}, "abc"}},
       "[ \"$(systemctl show -p InvocationID --value db)\" = abc ] && systemctl stop db"},
      {"signal", Signal{.where = {.host = "w1"}, .pid = 4711, .incarnation = "b:1", .number = 9},
       "ssh w1 -- 'kill -KILL 4711'"},
      {"http",
       HttpCall{.method = "PUT",
                .url = "http://es:9200/_cluster/settings",
                .headers = {{"content-type", "application/json"}},
                .auth = BasicAuth{"u", {"env:P"}},
                .body = "{}"},
       "curl -sS -X PUT -u 'u:<secret:env:P>' -H 'content-type: application/json' --data-binary '{}' "
       "http://es:9200/_cluster/settings"},
      {"aws",
       AwsCall{.region = "us-east-1",
               .service = "autoscaling",
               .operation = "DescribeAutoScalingGroups",
               .parameters = R"({"AutoScalingGroupNames":["it's"]})"},
       "aws autoscaling describe-auto-scaling-groups --region us-east-1 --cli-input-json "
       R"('{"AutoScalingGroupNames":["it'\''s"]}')"},
      {"aws with everything",
       AwsCall{.account = "123456789012",
               .region = "eu-west-1",
               .profile = "o ps",
               .endpoint = "http://127.0.0.1:5000",
               .service = "s3",
               .operation = "PutBucketVersioning",
               .parameters = Text(SecretRef{"env:P"})},
       "aws s3api put-bucket-versioning --region eu-west-1 --profile 'o ps' --endpoint-url "
       "http://127.0.0.1:5000 --cli-input-json '<secret:env:P>'"},
  };
}

TEST(Action, PrintsTheLineThatAnOperatorWouldPaste) {
  for (const Case& c : Cases()) EXPECT_EQ(Line(c.action), c.line) << c.name;
}

TEST(Action, ComesBackFromJsonAsItWas) {
  for (const Case& c : Cases()) {
    const auto back = ActionFromJson(*ParseJson(Compact(ToJson(c.action))));
    ASSERT_TRUE(back.ok()) << c.name << ": " << back.status().message();
    EXPECT_EQ(*back, c.action) << c.name;
    EXPECT_EQ(Digest(*back), Digest(c.action)) << c.name;
  }
}

TEST(Action, AnActionThatIsNotUnderstoodWholeIsRefused) {
  for (std::string text :
       {"null", "{}", R"({"command":{}})", R"({"teleport":{}})", R"({"signal":{"where":{},"pid":"1"}})"})
    EXPECT_EQ(ActionFromJson(*ParseJson(text)).status().code(), Code::kInvalidArgument) << text;
  // A member taken out of a good one, for every member.
  for (const Case& c : Cases()) {
    const json::value whole = ToJson(c.action);
    const auto& [name, body] = *whole.get_object().begin();
    for (const auto& member : body.get_object()) {
      json::object less = body.get_object();
      less.erase(member.key());
      EXPECT_FALSE(ActionFromJson(json::object{{name, less}}).ok()) << c.name << " without " << member.key();
    }
  }
}

TEST(Action, DifferentActionsHaveDifferentDigests) {
  std::set<std::string> digests;
  for (const Case& c : Cases()) EXPECT_TRUE(digests.insert(Digest(c.action)).second) << c.name;
  // Where a field ends must count: ["ab"] is not ["a", "b"].
  EXPECT_NE(Digest(Command{.argv = {"ab"}}), Digest(Command{.argv = {"a", "b"}}));
  EXPECT_NE(Digest(Command{.argv = {Text(SecretRef{"x"})}}), Digest(Command{.argv = {"x"}}));
  EXPECT_NE(Digest(XmlRpcCall{.params = {std::string("1")}}), Digest(XmlRpcCall{.params = {int64_t{1}}}));
}

}  // namespace
}  // namespace holdfast
