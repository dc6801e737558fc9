#include "examples/sandbox/port.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <list>
#include <utility>

#include "examples/sandbox/talk.h"

namespace holdfast::sandbox {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr int kBacklog = 128;
constexpr size_t kReadPiece = 4096;
constexpr absl::Duration kRest = absl::Milliseconds(100);  // when no connection can be taken

}  // namespace

// What one process holds: its listening socket and its connections. Shared with its coroutines, which end
// soon after their sockets are closed.
struct Port::Life : std::enable_shared_from_this<Life> {
  Life(asio::any_io_executor e, Hosts& h, Clock& c, int64_t p)
      : executor(std::move(e)), hosts(h), clock(c), pid(p) {}

  void Start(Task<void> work) {
    ++under_way;
    asio::co_spawn(executor, std::move(work),
                   [self = shared_from_this()](std::exception_ptr) { --self->under_way; });
  }

  void StopListening() {
    boost::system::error_code ignored;
    if (acceptor) acceptor->close(ignored);
    acceptor.reset();
  }
  void End() {
    ended = true;
    StopListening();
    boost::system::error_code ignored;
    for (const auto& socket : sockets) socket->close(ignored);
  }

  static Task<void> Accept(std::shared_ptr<Life> life, std::shared_ptr<tcp::acceptor> acceptor) {
    while (acceptor->is_open()) {
      auto [error, socket] = co_await acceptor->async_accept(kTuple);
      if (error && acceptor->is_open()) co_await life->clock.Sleep(kRest);
      if (error || life->ended || life->sockets.size() >= kMostConnections) continue;
      auto shared = std::make_shared<tcp::socket>(std::move(socket));
      life->sockets.push_back(shared);
      life->Start(Converse(life, shared));
    }
  }

  // False when there will be no answer any more.
  static Task<bool> UntilItAnswers(std::shared_ptr<Life> life) {
    for (; !life->ended; co_await life->clock.Sleep(kHangLook)) {
      life->hosts.Advance(life->clock.Now());
      const auto process = life->hosts.processes().find(life->pid);
      if (process == life->hosts.processes().end()) break;
      const std::string& host = life->hosts.Find(process->second.unit)->program.host;
      if (process->second.is == Process::Is::kRuns && life->hosts.IsHostUp(host)) co_return true;
    }
    co_return false;
  }

  static Task<void> Converse(std::shared_ptr<Life> life, std::shared_ptr<tcp::socket> socket) {
    Talk talk(life->hosts, life->pid);
    std::string buffer(kReadPiece, '\0');
    boost::system::error_code ignored;
    for (Said said; said.then == Said::Then::kListens;) {
      const auto [broken, count] = co_await socket->async_read_some(asio::buffer(buffer), kTuple);
      if (broken || !co_await UntilItAnswers(life)) break;
      said = talk.Hear(std::string_view(buffer).substr(0, count));
      const auto [unsent, sent] = co_await asio::async_write(*socket, asio::buffer(said.bytes), kTuple);
      if (unsent) break;
    }
    socket->shutdown(tcp::socket::shutdown_both, ignored);
    socket->close(ignored);
    life->sockets.remove(socket);
  }

  asio::any_io_executor executor;
  Hosts& hosts;
  Clock& clock;
  const int64_t pid;
  std::shared_ptr<tcp::acceptor> acceptor;
  std::list<std::shared_ptr<tcp::socket>> sockets;
  size_t under_way = 0;
  bool ended = false;
};

Status Port::Open(int64_t pid) {
  silence_.reset();
  if (life_ != nullptr && life_->pid != pid) Close();
  if (life_ != nullptr && life_->acceptor != nullptr) return {};
  Result<tcp::acceptor> acceptor = ListenAt(executor_, place_, kBacklog);
  if (!acceptor.ok()) return acceptor.status();
  if (life_ == nullptr) life_ = std::make_shared<Life>(executor_, hosts_, clock_, pid);
  life_->acceptor = std::make_shared<tcp::acceptor>(*std::move(acceptor));
  life_->Start(Life::Accept(life_, life_->acceptor));
  return {};
}

void Port::Close() {
  silence_.reset();
  if (life_ == nullptr) return;
  std::erase_if(ending_, [](const auto& life) { return life->under_way == 0; });
  life_->End();
  ending_.push_back(std::exchange(life_, nullptr));
}

Status Port::Mute() {
  if (silence_) return {};
  if (life_ != nullptr) life_->StopListening();
  Result<Silence> silence = Silence::At(executor_, place_);
  if (!silence.ok()) return silence.status();
  silence_.emplace(*std::move(silence));
  return {};
}

Task<void> Port::Closed() {
  Close();
  for (const auto& life : ending_)
    while (life->under_way > 0) co_await clock_.Sleep(kHangLook);
}

}  // namespace holdfast::sandbox
