#include "controller/world/real/http_server.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <exception>
#include <list>
#include <memory>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/http_connection.h"
#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

constexpr absl::Duration kShortOfDescriptors = absl::Milliseconds(100);
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

// Shared by the server and its coroutines, which may end a little later.
struct HttpServer::Core : std::enable_shared_from_this<HttpServer::Core> {
  Core(asio::any_io_executor e, HttpHandler h, HttpServerLimits l)
      : executor(e), handler(std::move(h)), limits(l), changed(e, asio::steady_timer::time_point::max()) {}

  struct Door {
    Door(asio::any_io_executor executor, Listener l)
        : listener(std::move(l)), ready(executor, ::fcntl(listener.descriptor(), F_DUPFD_CLOEXEC, 3)) {}
    Listener listener;
    asio::posix::stream_descriptor ready;
    size_t connections = 0;
  };
  // Work that can be stopped from outside. A connection refers to its door, so the door goes last.
  struct Job {
    asio::cancellation_signal stop;
    std::shared_ptr<Door> door;
    std::unique_ptr<HttpConnection> connection;  // nothing for the work of accepting
  };

  // Its connections still refer to the door when nobody may come in any more.
  struct Shut {
    Door& door;
    ~Shut() {
      boost::system::error_code ignored;
      door.ready.close(ignored);
      door.listener.Close();
    }
  };

  void Start(std::shared_ptr<Job> job, Task<void> work) {
    jobs.push_back(job);
    asio::co_spawn(
        executor, std::move(work),
        asio::bind_cancellation_slot(job->stop.slot(), [self = shared_from_this(), job](std::exception_ptr) {
          if (job->connection != nullptr) --job->door->connections;
          self->jobs.remove(job);
          self->changed.cancel();
        }));
  }

  Task<void> Accept(std::shared_ptr<Core> self, std::shared_ptr<Door> door) {
    const Shut shut{*door};
    while (!stopping) {
      const int number =
          ::accept4(door->listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      const int error = errno;
      if (number >= 0) {
        Admit(door, Descriptor(number));
      } else if (error == EAGAIN) {
        co_await door->ready.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
      } else if (error != EINTR && error != ECONNABORTED) {
        Log(Severity::kWarning, "cannot accept a connection",
            {{"on", door->listener.shown()}, {"why", FromErrno(error, Subject::kHost, "accept").message()}});
        asio::steady_timer rest(executor, TimerDuration(kShortOfDescriptors));
        co_await rest.async_wait(asio::use_awaitable);
      }
    }
  }

  void Admit(const std::shared_ptr<Door>& door, Descriptor descriptor) {
    if (door->connections >= limits.most_connections) {
      HttpConnection::TurnAway(descriptor.number());
      return;
    }
    auto connection = HttpConnection::Make(executor, std::move(descriptor), door->listener, handler, limits);
    if (connection == nullptr) return;  // it has gone already
    auto job = std::make_shared<Job>();
    job->door = door;
    job->connection = std::move(connection);
    ++door->connections;
    Start(job, Converse(shared_from_this(), job));
  }

  // Holds what the connection refers to.
  static Task<void> Converse(std::shared_ptr<Core> self, std::shared_ptr<Job> job) {
    co_await job->connection->Run();
  }

  void Cancel(const std::list<std::shared_ptr<Job>>& which) {
    for (const auto& job : which) job->stop.emit(asio::cancellation_type::terminal);
  }

  Task<int> AllGone() {
    while (!jobs.empty()) co_await changed.async_wait(kTuple);
    co_return 0;
  }

  asio::any_io_executor executor;
  HttpHandler handler;
  HttpServerLimits limits;
  bool stopping = false;
  std::list<std::shared_ptr<Job>> jobs;
  asio::steady_timer changed;  // never goes off: cancelling it wakes who waits for a job to end
};

HttpServer::HttpServer(asio::any_io_executor executor, HttpHandler handler, HttpServerLimits limits)
    : core_(std::make_shared<Core>(executor, std::move(handler), limits)) {}

HttpServer::~HttpServer() {
  core_->stopping = true;
  core_->Cancel(core_->jobs);
}

void HttpServer::Serve(Listener listener) {
  auto door = std::make_shared<Core::Door>(core_->executor, std::move(listener));
  core_->Start(std::make_shared<Core::Job>(), core_->Accept(core_, door));
}

Task<void> HttpServer::Stop(absl::Duration grace) {
  const auto core = core_;
  core->stopping = true;
  std::list<std::shared_ptr<Core::Job>> idle;
  for (const auto& job : core->jobs)
    if (job->connection == nullptr || job->connection->Finish() == HttpConnection::Busy::kNo)
      idle.push_back(job);
  core->Cancel(idle);
  if (!co_await Within(core->AllGone(), grace)) {
    core->Cancel(std::list(core->jobs));
    co_await core->AllGone();
  }
}

size_t HttpServer::connections() const {
  size_t count = 0;
  for (const auto& job : core_->jobs) count += job->connection != nullptr;
  return count;
}

}  // namespace holdfast
