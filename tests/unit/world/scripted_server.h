// A server that does to each connection what its script says, however wrong.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/task.h"
#include "controller/base/text.h"

namespace holdfast {

struct Script {
  std::string say;  // the answer to each request
  int answers = 1;  // then the connection is closed
  enum class Listen { kFirst, kNever } listen = Listen::kFirst;
  std::chrono::milliseconds between_bytes{0};
  size_t repeat = 1;  // `say` so many times
  enum class Then { kClose, kHang, kReset } then = Then::kClose;
};

// Connection number n gets script n, the last script serves all further ones. Lives as long as its io_context
// runs.
class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& io, std::vector<Script> scripts)
      : scripts_(std::move(scripts)), acceptor_(io, {boost::asio::ip::address_v4::loopback(), 0}) {
    boost::asio::co_spawn(io, Accept(), boost::asio::detached);
  }
  std::string Url(std::string_view path = "/") const { return Cat("http://127.0.0.1:", port(), path); }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  int connections = 0;
  std::vector<std::string> requests;

 private:
  using Peer = boost::asio::ip::tcp::socket;
  static constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

  Task<void> Accept() {
    for (;;) {
      Peer peer = co_await acceptor_.async_accept(boost::asio::use_awaitable);
      const Script& script =
          scripts_[std::min<size_t>(static_cast<size_t>(connections++), scripts_.size() - 1)];
      boost::asio::co_spawn(acceptor_.get_executor(), Serve(std::move(peer), script), boost::asio::detached);
    }
  }
  // Header and body (by Content-Length) of one request; false when the peer closed.
  Task<bool> Hear(Peer* peer) {
    std::string heard(1 << 20, '\0');
    size_t have = 0, want = std::string::npos;
    while (have < want) {
      const auto [error, got] = co_await peer->async_read_some(
          boost::asio::buffer(heard.data() + have, heard.size() - have), kTuple);
      if (error) co_return false;
      have += got;
      const size_t end = std::string_view(heard).substr(0, have).find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const size_t length = heard.find("Content-Length: ");
      want = end + 4 + (length < end ? std::stoul(heard.substr(length + 16)) : 0);
      if (want > heard.size()) heard.resize(want);
    }
    heard.resize(have);
    requests.push_back(heard);
    co_return true;
  }
  Task<void> Serve(Peer peer, Script script) {
    for (int i = 0; i < script.answers; ++i) {
      if (script.listen == Script::Listen::kFirst && !co_await Hear(&peer)) co_return;
      for (size_t n = 0; n < script.repeat; ++n)
        if (!co_await Say(&peer, script)) co_return;
    }
    if (script.then == Script::Then::kHang) {
      boost::asio::steady_timer rest(peer.get_executor(), boost::asio::steady_timer::time_point::max());
      co_await rest.async_wait(kTuple);
    }
    if (script.then == Script::Then::kReset) {
      peer.set_option(boost::asio::socket_base::linger(true, 0));
      peer.close();
    }
  }
  Task<bool> Say(Peer* peer, Script script) {
    if (script.between_bytes.count() == 0) {
      const auto [error, count] =
          co_await boost::asio::async_write(*peer, boost::asio::buffer(script.say), kTuple);
      co_return !error;
    }
    for (const char& byte : script.say) {
      const auto [error, count] =
          co_await boost::asio::async_write(*peer, boost::asio::buffer(&byte, 1), kTuple);
      if (error) co_return false;
      boost::asio::steady_timer rest(peer->get_executor(), script.between_bytes);
      co_await rest.async_wait(kTuple);
    }
    co_return true;
  }

  std::vector<Script> scripts_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace holdfast
