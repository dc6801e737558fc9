// The API on real sockets: who asks is told by the kernel.
#include "controller/api/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "controller/base/text.h"
#include "controller/world/real/dialer.h"
#include "controller/world/real/real_clock.h"
#include "controller/world/real/real_http.h"
#include "tests/unit/engine/rig.h"
#include "tests/unit/kind/toy_kind.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

using ::testing::HasSubstr;

struct ApiServerTest : ::testing::Test {
  boost::asio::io_context io{1};
  RealClock real_clock{io.get_executor()};
  Scratch dir;
  sim::Rig rig;
  std::vector<AnyKind> kinds = {Erase<Toy>("")};
  Systems systems{*rig.world, *rig.engine};
  Site site{*rig.world, systems, *rig.engine, rig.metrics, kinds, "/specs"};
  Api api{{*rig.engine, site, rig.metrics, rig.clock, rig.files, "9.9.9"}};
  ApiServer server{io.get_executor(), real_clock, api};
  Dialer dialer{io.get_executor()};
  RealHttp http{dialer};

  Result<HttpResponse> Ask(const std::string& method, const std::string& path, const std::string& body = "") {
    HttpRequest request{.method = method,
                        .url = Cat("http://localhost", path),
                        .unix_socket = dir / "socket",
                        .headers = {{"Content-Type", "application/json"}},
                        .body = body};
    return RunTask(io, http.Send(std::move(request), {.deadline = absl::Seconds(10)}, nullptr));
  }
};

TEST_F(ApiServerTest, AnswersOnItsSocketUntilItIsCancelled) {
  ASSERT_TRUE(server.Listen({.socket = dir / "socket"}).ok());
  const auto version = Ask("GET", "/api/v1/version");
  ASSERT_TRUE(version.ok()) << version.status().message();
  EXPECT_EQ(version->status, 200);
  EXPECT_THAT(version->body, HasSubstr("9.9.9"));
  const auto head = Ask("HEAD", "/api/v1/version");
  ASSERT_TRUE(head.ok()) << head.status().message();
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(Ask("GET", "/nothing")->status, 404);
  EXPECT_EQ(Ask("PUT", "/api/v1/status")->status, 405);

  bool ended = false;
  boost::asio::cancellation_signal cancel;
  boost::asio::co_spawn(
      io, server.Run(),
      boost::asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr&) { ended = true; }));
  RunTask(io, real_clock.Sleep(absl::Milliseconds(1)));
  cancel.emit(boost::asio::cancellation_type::terminal);
  RunTask(io, real_clock.Sleep(absl::Milliseconds(100)));
  EXPECT_TRUE(ended);
  EXPECT_FALSE(Ask("GET", "/api/v1/version").ok()) << "nobody listens any more";
}

TEST_F(ApiServerTest, TheSocketsPeerIsWhoDidIt) {
  ASSERT_TRUE(server.Listen({.socket = dir / "socket"}).ok());
  rig.journal->takes = absl::ZeroDuration();  // simulated time stands still here
  const auto stopped = Ask("POST", "/api/v1/stop-all", R"({"reason": "test"})");
  ASSERT_TRUE(stopped.ok()) << stopped.status().message();
  EXPECT_EQ(stopped->status, 200) << stopped->body;
  EXPECT_THAT(rig.engine->stop_all().owner, HasSubstr(Cat("(uid ", getuid(), ")")));
}

TEST_F(ApiServerTest, APlaceThatCannotBeListenedAtIsNamed) {
  EXPECT_THAT(server.Listen({.socket = dir / "no/such/socket"}).message(), HasSubstr("no/such/socket"));
  EXPECT_THAT(server.Listen({.listen = "not a place"}).message(), HasSubstr("listen not a place"));
}

}  // namespace
}  // namespace holdfast
