#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/clients/elasticsearch/elasticsearch.h"
#include "reconcilers/elasticsearch/read_settings.h"
#include "tests/unit/elasticsearch/served.h"

namespace holdfast::clients {
namespace {

using elasticsearch::Json;
using elasticsearch::JsonStream;
using elasticsearch::SettingsReader;
using testing::HasSubstr;
using testing::Not;

constexpr Limits kLimits = {absl::Seconds(5), 1 << 20};

struct ElasticsearchTest : testing::Test {
  elasticsearch::ServedRig rig;
  ClientSettings settings;
  Secrets secrets{rig.files, settings};
  Elasticsearch client{rig.world, secrets};
  ElasticsearchWhere where{{"http://a:9200", "http://b:9200"}, {}, ""};
  std::map<std::string, Result<HttpResponse>> says = {
      {"http://a:9200", Json(200, R"({"persistent":{"k":"a"}})")},
      {"http://b:9200", Json(200, R"({"persistent":{"k":"b"}})")}};

  ElasticsearchTest() {
    rig.http.answer = [this](const std::string& endpoint, const std::string&) { return says.at(endpoint); };
  }
  Result<ElasticsearchAnswer> Get(const std::string& path = "/_cluster/settings?x=1") {
    return rig.Wait(client.Get(where, path, kLimits));
  }
  std::string Endpoint() {
    const auto answer = Get();
    return answer.ok() ? answer->endpoint : Cat("failed: ", answer.status().message());
  }
  std::string Header(const std::string& name) {
    for (const auto& [key, value] : rig.http.requests.back().headers)
      if (key == name) return value;
    return "none";
  }
};

TEST_F(ElasticsearchTest, AsksTheFirstEndpointAndTellsWhoAnsweredAndWhen) {
  const absl::Time before = rig.clock.Now();
  const auto answer = Get();
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->endpoint, "http://a:9200");
  EXPECT_EQ(answer->sent, before);
  EXPECT_EQ(answer->received, before + absl::Milliseconds(10));
  EXPECT_EQ(rig.http.requests.size(), 1U);
  EXPECT_EQ(Header("Content-Type"), "none");
}

TEST_F(ElasticsearchTest, GoesToTheNextWhenOneCannotAnswer) {
  const Result<HttpResponse> cannot[] = {Unavailable("connection refused"), DeadlineExceeded("no answer"),
                                         Json(502, "{}"), Json(503, "{}"), Json(504, "{}")};
  for (const Result<HttpResponse>& one : cannot) {
    Elasticsearch fresh(rig.world, secrets);
    says["http://a:9200"] = one;
    const auto answer = rig.Wait(fresh.Get(where, "/", kLimits));
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(answer->endpoint, "http://b:9200");
  }
}

TEST_F(ElasticsearchTest, StaysWithWhoAnsweredForAMinuteThenPrefersTheFirstAgain) {
  const auto good = says["http://a:9200"];
  says["http://a:9200"] = DeadlineExceeded("no answer");
  EXPECT_EQ(Endpoint(), "http://b:9200");
  rig.http.requests.clear();
  EXPECT_EQ(Endpoint(), "http://b:9200");
  EXPECT_EQ(rig.http.requests.size(), 1U) << "a silent endpoint would cost its deadline at every call";
  says["http://a:9200"] = good;
  rig.clock.Pass(Elasticsearch::kRemembered + absl::Seconds(1));
  EXPECT_EQ(Endpoint(), "http://a:9200");
}

TEST_F(ElasticsearchTest, NamesEndpointPathAndReasonWhenNobodyAnswers) {
  says["http://a:9200"] = Unavailable("connection refused");
  says["http://b:9200"] = Unavailable("connection reset");
  const auto answer = Get();
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.status().code(), Code::kUnavailable);
  EXPECT_EQ(answer.status().message(), "GET http://b:9200/_cluster/settings: connection reset");
}

TEST_F(ElasticsearchTest, SaysThatThereIsNoMasterEvenIfAnotherEndpointIsDead) {
  const std::string es =
      R"({"error":{"root_cause":[],"type":"master_not_discovered_exception","reason":null},"status":503})";
  const std::string old = R"({"error":"MasterNotDiscoveredException[waited for [30s]]","status":503})";
  const std::string opensearch =
      R"({"error":{"type":"cluster_manager_not_discovered_exception","reason":"x"}})";
  says["http://b:9200"] = Unavailable("connection refused");
  for (const std::string& body : {es, old, opensearch}) {
    Elasticsearch fresh(rig.world, secrets);
    says["http://a:9200"] = Json(503, body);
    const auto answer = rig.Wait(fresh.Get(where, "/_cluster/state", kLimits));
    ASSERT_FALSE(answer.ok());
    EXPECT_TRUE(SaysNoMaster(answer.status())) << answer.status().message();
    EXPECT_THAT(answer.status().message(), HasSubstr("GET http://a:9200/_cluster/state: no elected master"));
  }
}

TEST_F(ElasticsearchTest, RefusedLoginIsToldWithARemedyAndNotTriedElsewhere) {
  for (const int status : {401, 403}) {
    says["http://a:9200"] = Json(status, R"({"error":"nope"})");
    rig.http.requests.clear();
    const auto answer = Get();
    EXPECT_EQ(answer.status().code(), Code::kPermissionDenied);
    EXPECT_THAT(answer.status().message(), HasSubstr("nope"));
    EXPECT_EQ(rig.http.requests.size(), 1U);
  }
}

TEST_F(ElasticsearchTest, AProxysPageIsNoAnswer) {
  const HttpResponse page{200, {{"content-type", "text/html"}}, "<html>It works!</html>"};
  says["http://a:9200"] = says["http://b:9200"] = page;
  auto answer = Get();
  EXPECT_EQ(answer.status().code(), Code::kUnavailable);
  EXPECT_THAT(answer.status().message(), HasSubstr("content type text/html"));
  SettingsReader reader;
  JsonStream stream(reader);
  answer = rig.Wait(client.Get(where, "/", kLimits, &stream));
  EXPECT_THAT(answer.status().message(), HasSubstr("content type text/html"));
  says["http://a:9200"] = Json(200, "{}");
  rig.clock.Pass(absl::Minutes(2));
  EXPECT_EQ(Endpoint(), "http://a:9200");
}

TEST_F(ElasticsearchTest, HalfABodyIsNoAnswerAndTheNextEndpointBeginsAnew) {
  says["http://a:9200"] = Json(200, R"({"persistent":{"from-a":"1","cut)");
  SettingsReader reader;
  JsonStream stream(reader);
  const auto answer = rig.Wait(client.Get(where, "/_cluster/settings", kLimits, &stream));
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_THAT(reader.persistent, testing::ElementsAre(testing::Pair("k", "b")));
  says["http://b:9200"] = says["http://a:9200"];
  const auto none = rig.Wait(client.Get(where, "/_cluster/settings", kLimits, &stream));
  EXPECT_THAT(none.status().message(), HasSubstr("ends early"));
}

TEST_F(ElasticsearchTest, OtherStatusesAreTheCallersToJudge) {
  says["http://a:9200"] =
      Json(404, R"({"error":{"type":"index_not_found_exception","reason":"no such index"}})");
  const auto answer = Get();
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->response.status, 404);
  EXPECT_EQ(ElasticsearchError(answer->response), "index_not_found_exception: no such index");
}

TEST_F(ElasticsearchTest, LoginsAreResolvedAtTheLastMoment) {
  settings.environment["PW"] = "secret-word";
  where.login = BasicAuth{"holdfast", {"env:PW"}};
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(Header("Authorization"), "Basic aG9sZGZhc3Q6c2VjcmV0LXdvcmQ=");
  where.login = ElasticsearchApiKey{{"env:PW"}};
  ASSERT_TRUE(Get().ok());
  EXPECT_EQ(Header("Authorization"), "ApiKey secret-word");
  says["http://a:9200"] = Json(403, R"({"error":"secret-word is not allowed"})");
  EXPECT_THAT(Get().status().message(), Not(HasSubstr("secret-word")));
  where.login = ElasticsearchApiKey{{"env:MISSING"}};
  EXPECT_EQ(Get().status().code(), Code::kPermissionDenied);
}

TEST_F(ElasticsearchTest, ABodyHasItsContentType) {
  const auto answer = rig.Wait(client.Post(where, "/_cluster/allocation/explain", "{}", kLimits));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(rig.http.requests.back().method, "POST");
  EXPECT_EQ(rig.http.requests.back().body, "{}");
  EXPECT_EQ(Header("Content-Type"), "application/json");
}

TEST_F(ElasticsearchTest, ManySilentEndpointsCostTwoDeadlinesAtMost) {
  where.endpoints.clear();
  for (int i = 0; i < 20; ++i) {
    where.endpoints.push_back(Cat("http://h", i, ":9200"));
    says[where.endpoints.back()] = DeadlineExceeded("no answer");
  }
  const absl::Duration begun = rig.clock.Steady();
  EXPECT_FALSE(Get().ok());
  EXPECT_EQ(rig.clock.Steady() - begun, 2 * kLimits.deadline);
}

TEST_F(ElasticsearchTest, PasswordsInUrlsAreNotShown) {
  EXPECT_EQ(ElasticsearchShown("GET", "http://user:pw@h:9200", "/_nodes?x"), "GET http://h:9200/_nodes");
}

}  // namespace
}  // namespace holdfast::clients
