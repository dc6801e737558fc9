#include "controller/world/net.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <string>

#include "controller/base/text.h"
#include "controller/world/real/dialer.h"
#include "controller/world/real/real_net.h"
#include "controller/world/real/within.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::EndsWith;
using testing::HasSubstr;
constexpr absl::Duration kSoon = absl::Milliseconds(80);

class RealNetTest : public testing::Test {
 protected:
  uint16_t Listen() {
    acceptor.open(tcp::v4());
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
    acceptor.listen();
    return acceptor.local_endpoint().port();
  }
  Result<std::unique_ptr<Stream>> Connect(std::string host, uint16_t port,
                                          absl::Duration deadline = absl::Seconds(5)) {
    return RunTask(io, net.Connect(host, port, deadline));
  }

  asio::io_context io;
  Dialer dialer{io.get_executor()};
  RealNet net{dialer};
  tcp::acceptor acceptor{io};
  Scratch dir;
};

Task<void> Echo(tcp::acceptor* acceptor, size_t bytes) {
  tcp::socket peer = co_await acceptor->async_accept(asio::use_awaitable);
  std::string data(bytes, '\0');
  co_await asio::async_read(peer, asio::buffer(data), asio::use_awaitable);
  co_await asio::async_write(peer, asio::buffer(data), asio::use_awaitable);
}

Task<Result<std::string>> Talk(Stream* stream, std::string say) {
  HF_CO_TRY(co_await stream->Write(say, absl::Seconds(5)));
  std::string heard;
  for (;;) {
    std::string piece = HF_CO_TRY(co_await stream->Read(3, absl::Seconds(5)));
    if (piece.empty()) co_return heard;
    heard += piece;
  }
}

TEST_F(RealNetTest, WritesAndReadsUntilThePeerCloses) {
  const uint16_t port = Listen();
  for (const char* host : {"127.0.0.1", "localhost"}) {
    asio::co_spawn(io, Echo(&acceptor, 11), asio::detached);
    auto stream = Connect(host, port);
    ASSERT_TRUE(stream.ok()) << stream.status().message();
    EXPECT_EQ(*RunTask(io, Talk(stream->get(), "hello world")), "hello world");
  }
}

TEST_F(RealNetTest, ARefusedConnectionIsTheWorlds) {
  const uint16_t port = Listen();
  acceptor.close();
  const auto refused = Connect("127.0.0.1", port);
  EXPECT_EQ(refused.status().code(), Code::kUnavailable);
  EXPECT_EQ(refused.status().message(), Cat("127.0.0.1:", port, ": Connection refused"));
  EXPECT_THAT(Connect("localhost", port).status().message(), EndsWith("Connection refused"));
}

TEST_F(RealNetTest, ASilentPeerRunsIntoTheDeadline) {
  auto stream = Connect("127.0.0.1", Listen());
  ASSERT_TRUE(stream.ok());
  const auto read = RunTask(io, (*stream)->Read(10, kSoon));
  EXPECT_EQ(read.status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(RunTask(io, (*stream)->Read(10, kSoon)).status().code(), Code::kUnavailable);
}

TEST_F(RealNetTest, APeerThatDoesNotReadRunsIntoTheDeadline) {
  auto stream = Connect("127.0.0.1", Listen());
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(RunTask(io, (*stream)->Write(std::string(50 << 20, 'x'), kSoon)).code(), Code::kDeadlineExceeded);
}

TEST_F(RealNetTest, ABacklogThatIsFullRunsIntoTheDeadline) {
  acceptor.open(tcp::v4());
  acceptor.bind({asio::ip::address_v4::loopback(), 0});
  acceptor.listen(0);
  const uint16_t port = acceptor.local_endpoint().port();
  std::vector<std::unique_ptr<Stream>> taken;
  Status last;
  for (int i = 0; i < 5 && last.ok(); ++i) {
    auto stream = Connect("127.0.0.1", port, kSoon);
    last = stream.status();
    if (stream.ok()) taken.push_back(*std::move(stream));
  }
  EXPECT_EQ(last.code(), Code::kDeadlineExceeded);
}

Task<void> Reset(tcp::acceptor* acceptor) {
  tcp::socket peer = co_await acceptor->async_accept(asio::use_awaitable);
  peer.set_option(asio::socket_base::linger(true, 0));
  peer.close();
}

TEST_F(RealNetTest, AResetIsUnavailable) {
  const uint16_t port = Listen();
  asio::co_spawn(io, Reset(&acceptor), asio::detached);
  auto stream = Connect("127.0.0.1", port);
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(RunTask(io, (*stream)->Read(10, absl::Seconds(5))).status().code(), Code::kUnavailable);
}

TEST_F(RealNetTest, ReachesUnixSockets) {
  EXPECT_EQ(Connect(dir / "nosuch", 0).status().code(), Code::kNotFound);
  Put(dir / "file", "");
  EXPECT_EQ(Connect(dir / "file", 0).status().code(), Code::kUnavailable);
  EXPECT_EQ(Connect("/" + std::string(200, 'x'), 0).status().code(), Code::kInvalidArgument);
  asio::local::stream_protocol::acceptor listener(io, dir / "socket");
  EXPECT_TRUE(Connect(dir / "socket", 0).ok());
  listener.close();
  EXPECT_EQ(Connect(dir / "socket", 0).status().code(), Code::kUnavailable);  // stale
}

TEST_F(RealNetTest, ANameThatDoesNotExistIsNotOurFaultOrNoDnsIs) {
  const auto failed = Connect("nosuch.invalid", 80, absl::Seconds(30));
  ASSERT_FALSE(failed.ok());
  EXPECT_TRUE(failed.status().code() == Code::kUnavailable || failed.status().code() == Code::kLocal);
  EXPECT_THAT(failed.status().message(), HasSubstr("nosuch.invalid"));
}

TEST_F(RealNetTest, WithoutARouteItIsOurOwnFault) {
  // The documentation prefix of IPv6: no loopback-only machine has a route there.
  const auto failed = Connect("2001:db8::1", 80, kSoon);
  ASSERT_FALSE(failed.ok());
  EXPECT_TRUE(failed.status().code() == Code::kLocal || failed.status().code() == Code::kDeadlineExceeded)
      << failed.status().message();
}

TEST_F(RealNetTest, WithoutDescriptorsItIsOurOwnFault) {
  const uint16_t port = Listen();
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit tight{3, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  const auto failed = Connect("127.0.0.1", port);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(failed.status().code(), Code::kLocal) << failed.status().message();
}

TEST_F(RealNetTest, AReadIsCancelled) {
  auto stream = Connect("127.0.0.1", Listen());
  ASSERT_TRUE(stream.ok());
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  asio::co_spawn(
      io, (*stream)->Read(10, absl::InfiniteDuration()),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, auto) { failure = e; }));
  io.restart();
  io.run_for(std::chrono::milliseconds(5));
  signal.emit(asio::cancellation_type::terminal);
  io.restart();
  io.run();
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
}

}  // namespace
}  // namespace holdfast
