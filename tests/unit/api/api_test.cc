// What each route answers, and whom it refuses.
#include "controller/api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/api/documents.h"
#include "controller/base/text.h"
#include "tests/unit/engine/rig.h"
#include "tests/unit/kind/toy_kind.h"

namespace holdfast {
namespace {

using sim::Key;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Asked {
  int status = 0;
  std::string type;
  json::object document;  // empty when the answer is text
  std::string body;
  std::string error() const {
    return document.contains("error") ? std::string(document.at("error").at("code").as_string()) : "";
  }
};

struct ApiTest : ::testing::Test {
  sim::Rig rig;
  std::vector<AnyKind> kinds = {Erase<Toy>("")};
  Systems systems{*rig.world, *rig.engine};
  Site site{*rig.world, systems, *rig.engine, rig.metrics, kinds, "/specs"};
  Api api{{*rig.engine, site, rig.metrics, rig.clock, rig.files, "9.9.9"}};
  HttpPeer lena{.way = HttpPeer::Way::kUnixSocket, .uid = 1000, .pid = 7, .name = "lena"};

  ApiTest() {
    rig.Declare("site", [](const auto& seen, const Frame&, absl::Time) { return sim::Want(seen, "a", "1"); });
    rig.Start();
    rig.RunFor(absl::Seconds(5));
  }

  Asked Ask(HttpQuery query) {
    HttpReply reply = rig.loop.Await(api.Answer(std::move(query)));
    Asked asked{.status = reply.status, .type = reply.content_type, .body = reply.body};
    if (asked.type == "application/json") {
      const auto parsed = ParseJson(asked.body);
      EXPECT_TRUE(parsed.ok()) << asked.body;
      if (parsed.ok() && parsed->is_object()) asked.document = parsed->get_object();
      EXPECT_TRUE(asked.document.contains("formatVersion")) << asked.body;
    }
    return asked;
  }
  Asked Get(const std::string& path, std::vector<std::pair<std::string, std::string>> parameters = {}) {
    return Ask({.path = path, .parameters = std::move(parameters)});
  }
  Asked Post(const std::string& path, const std::string& body) {
    return Ask({.method = "POST", .path = path, .body = body, .peer = lena});
  }
};

TEST_F(ApiTest, EveryQuestionOfTheTableIsAnswered) {
  const struct {
    const char* path;
    const char* field;
  } kRows[] = {{"/api/v1/status", "resources"},
               {"/api/v1/status/FakeKind/site", "resources"},
               {"/api/v1/plan", "plans"},
               {"/api/v1/plan/FakeKind/site", "plans"},
               {"/api/v1/why/FakeKind/site", "node"},
               {"/api/v1/history", "entries"},
               {"/api/v1/history/FakeKind/site", "entries"},
               {"/api/v1/changes", "resources"},
               {"/api/v1/leases", "leases"},
               {"/api/v1/problems", "diagnostics"},
               {"/api/v1/version", "version"}};
  for (const auto& row : kRows) {
    const Asked asked = Get(row.path);
    EXPECT_EQ(asked.status, 200) << row.path;
    EXPECT_TRUE(asked.document.contains(row.field)) << row.path << " " << asked.body;
  }
  EXPECT_THAT(Get("/metrics").type, StartsWith("text/plain; version=0.0.4"));
  EXPECT_EQ(Get("/-/healthy").body, "healthy\n");
  EXPECT_EQ(Get("/-/ready").body, "ready\n");
}

TEST_F(ApiTest, WhatIsInNoRowIs404AndTheWrongMethod405) {
  EXPECT_EQ(Get("/").status, 404);
  EXPECT_EQ(Get("/api/v1/nothing").error(), "not-found");
  EXPECT_EQ(Get("/api/v1/statuses").status, 404) << "a longer word is another path";
  EXPECT_EQ(Get("/api/v1/version/FakeKind/site").status, 404) << "a route without a key takes none";
  EXPECT_EQ(Post("/api/v1/status", "{}").status, 405);
  EXPECT_EQ(Get("/api/v1/suspend").error(), "method-not-allowed");
  EXPECT_EQ(Ask({.method = "DELETE", .path = "/api/v1/plan", .peer = lena}).status, 405);
}

TEST_F(ApiTest, AKeyIsKindAndName) {
  EXPECT_EQ(Get("/api/v1/status/FakeKind/no").status, 404);
  for (const char* path : {"/api/v1/why", "/api/v1/why/site", "/api/v1/status/a/b/c", "/api/v1/plan//x"})
    EXPECT_EQ(Get(path).status, 400) << path;
}

TEST_F(ApiTest, ParametersThatAreWrongAreRefusedByName) {
  const struct {
    const char* path;
    const char* name;
    const char* value;
  } kRows[] = {{"/api/v1/history", "since", "yesterday"},
               {"/api/v1/history", "before", "x1"},
               {"/api/v1/history", "limit", "1e3"},
               {"/api/v1/changes", "since", "-1"},
               {"/api/v1/changes", "since", "99999999999999999999999"}};
  for (const auto& row : kRows) {
    const Asked asked = Get(row.path, {{row.name, row.value}});
    EXPECT_EQ(asked.status, 400) << row.path << " " << row.name;
    EXPECT_THAT(asked.body, HasSubstr(Cat(row.name, "=", row.value)));
  }
  EXPECT_EQ(Get("/api/v1/history", {{"limit", "0"}}).status, 200) << "at least one";
}

TEST_F(ApiTest, TheCursorTellsOnlyWhatChanged) {
  const Asked whole = Get("/api/v1/status");
  const std::string version = Cat(whole.document.at("version").to_number<int64_t>());
  EXPECT_TRUE(whole.document.contains("epoch"));
  EXPECT_TRUE(Get("/api/v1/changes", {{"since", version}}).document.at("resources").as_array().empty());
  rig.Declare("late", [](const auto& seen, const Frame&, absl::Time) { return sim::Want(seen, "b", "1"); });
  rig.RunFor(absl::Seconds(5));
  const Asked changes = Get("/api/v1/changes", {{"since", version}});
  ASSERT_EQ(changes.document.at("resources").as_array().size(), 1u);
  EXPECT_EQ(changes.document.at("resources").at(0).at("name").as_string(), "late");
}

TEST_F(ApiTest, OnlyTheUnixSocketChangesAnything) {
  const HttpPeer by_tcp{.way = HttpPeer::Way::kTcp, .name = "127.0.0.1"};
  const Asked asked = Ask({.method = "POST", .path = "/api/v1/stop-all", .body = "{}", .peer = by_tcp});
  EXPECT_EQ(asked.status, 403);
  EXPECT_EQ(rig.engine->stop_all().reach, StopAllSet::Reach::kNone);
}

TEST_F(ApiTest, WhoAskedIsWrittenDown) {
  EXPECT_EQ(Post("/api/v1/stop-all", R"({"reason": "network work", "freeze": true})").status, 200);
  EXPECT_EQ(rig.engine->stop_all().owner, "user lena (uid 1000)");
  EXPECT_EQ(rig.engine->stop_all().reach, StopAllSet::Reach::kFreeze);
  EXPECT_EQ(Get("/api/v1/status").document.at("stopAll").at("reason").as_string(), "network work");
  EXPECT_EQ(Post("/api/v1/start-all", "").status, 200);
  EXPECT_EQ(rig.engine->stop_all().reach, StopAllSet::Reach::kNone);
  EXPECT_EQ(Post("/api/v1/suspend", R"({"kind": "FakeKind", "name": "site", "reason": "disk swap"})").status,
            200);
  ASSERT_TRUE(rig.engine->SuspensionOf(Key("site")));
  EXPECT_EQ(rig.engine->SuspensionOf(Key("site"))->owner, "user lena (uid 1000)");
  const Asked history = Get("/api/v1/history/FakeKind/site", {{"limit", "1"}});
  EXPECT_EQ(history.document.at("entries").at(0).at("by").as_string(), "user lena (uid 1000)");
  EXPECT_EQ(Post("/api/v1/resume", R"({"kind": "FakeKind", "name": "site"})").status, 200);
  EXPECT_FALSE(rig.engine->SuspensionOf(Key("site")));
}

TEST_F(ApiTest, ChangesWithoutWhatTheyNeedAreRefused) {
  for (const char* body : {"{", "[]", "{}", R"({"kind": "FakeKind"})", R"({"kind": 3, "name": "site"})"})
    EXPECT_EQ(Post("/api/v1/resume", body).status, 400) << body;
  EXPECT_EQ(Post("/api/v1/resume", R"({"kind": "FakeKind", "name": "no"})").status, 404);
  EXPECT_EQ(Post("/api/v1/suspend", R"({"kind": "FakeKind", "name": "site", "reason": "x", "until": "soon"})")
                .status,
            400);
  EXPECT_EQ(Post("/api/v1/apply", R"({"kind": "FakeKind", "name": "site"})").status, 400);
  const Asked stale =
      Post("/api/v1/apply", R"({"kind": "FakeKind", "name": "site", "digest": "0123456789"})");
  EXPECT_EQ(stale.status, 409) << "nothing is proposed";
  EXPECT_FALSE(stale.document.at("error").at("remedy").as_string().empty());
}

TEST_F(ApiTest, LookIsAskedForOneOrForAll) {
  EXPECT_EQ(Post("/api/v1/look", R"({"kind": "FakeKind", "name": "site"})").status, 200);
  EXPECT_EQ(Post("/api/v1/look", R"({"kind": "FakeKind", "name": "no"})").status, 404);
  EXPECT_NE(Post("/api/v1/look", "{}").status, 200) << "the source is gone, and that is told";
}

TEST_F(ApiTest, EveryOpenLeaseIsListedWithItsLine) {
  sim::Rig& r = rig;
  r.Declare("aside", [](const auto& seen, const Frame&, absl::Time) {
    Plan plan = sim::Want(seen, "b", "off");
    if (!plan.stages.empty())
      plan.stages[0].steps[0].puts_aside = Lease{.object = "b",
                                                 .before = "on",
                                                 .wrote = "off",
                                                 .restore = sim::SetStep("b", "on").action,
                                                 .why = "a test"};
    else
      plan.waits.push_back({.on = Wait::On::kHold, .name = "restore b"});
    return plan;
  });
  r.RunFor(absl::Seconds(5));
  const Asked asked = Get("/api/v1/leases");
  ASSERT_EQ(asked.document.at("leases").as_array().size(), 1u) << asked.body;
  const json::value& lease = asked.document.at("leases").at(0);
  EXPECT_EQ(lease.at("object").as_string(), "b");
  EXPECT_EQ(lease.at("before").as_string(), "on");
  EXPECT_EQ(lease.at("line").as_string(), "set b on");
}

TEST(ApiBefore, EverythingIsSeenItIsNotReadyAndOverdueRoundsAreNotHealthy) {
  sim::Rig rig;
  const std::vector<AnyKind> kinds = {Erase<Toy>("")};
  Systems systems(*rig.world, *rig.engine);
  Site site(*rig.world, systems, *rig.engine, rig.metrics, kinds, "/specs");
  Api api({*rig.engine, site, rig.metrics, rig.clock, rig.files, "9.9.9"});
  rig.Declare("site", [](const auto&, const Frame&, absl::Time) { return Plan(); });
  const auto get = [&](const std::string& path) { return rig.loop.Await(api.Answer({.path = path})); };
  EXPECT_EQ(get("/-/ready").status, 503);
  EXPECT_EQ(get("/-/healthy").status, 200);
  rig.clock.AdvanceTo(rig.clock.Steady() + Api::kOverdue + absl::Seconds(1));
  EXPECT_EQ(get("/-/healthy").status, 503);
}

}  // namespace
}  // namespace holdfast
