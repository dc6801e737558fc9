#include "controller/world/real/morgue.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;

struct Morgue::Body {
  Body(asio::any_io_executor executor, pid_t number) : pid(number), pidfd(executor), timer(executor) {}
  pid_t pid;
  asio::posix::stream_descriptor pidfd;
  asio::steady_timer timer;
};

namespace {

// The leader has not been reaped, so the group's number is still its own.
void KillAndReap(pid_t pid, int pidfd) {
  ::kill(-pid, SIGKILL);
  pollfd ended{pidfd, POLLIN, 0};
  ::poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(Morgue::kCloseGrace)));
  ::waitpid(pid, nullptr, WNOHANG);
}

}  // namespace

void Morgue::Take(pid_t pid, Descriptor pidfd) {
  if (closed_) {
    KillAndReap(pid, pidfd.number());
    return;
  }
  ::kill(-pid, SIGTERM);
  auto body = std::make_shared<Body>(executor_, pid);
  body->pidfd.assign(pidfd.Release());
  body->timer.expires_after(TimerDuration(term_grace_));
  bodies_.push_back(body);
  body->pidfd.async_wait(asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this(), body](const boost::system::error_code& error) {
                           if (!error) self->Bury(body);
                         });
  body->timer.async_wait([self = shared_from_this(), body](const boost::system::error_code& error) {
    if (!error && !self->closed_) ::kill(-body->pid, SIGKILL);
  });
}

void Morgue::Bury(const std::shared_ptr<Body>& body) {
  if (closed_) return;
  body->timer.cancel();
  ::kill(-body->pid, SIGKILL);
  ::waitpid(body->pid, nullptr, WNOHANG);
  bodies_.remove(body);
}

void Morgue::Close() {
  closed_ = true;
  for (const auto& body : bodies_) ::kill(-body->pid, SIGKILL);
  for (const auto& body : bodies_) {
    KillAndReap(body->pid, body->pidfd.native_handle());
    body->timer.cancel();
    boost::system::error_code ignored;
    body->pidfd.close(ignored);
  }
  bodies_.clear();
}

}  // namespace holdfast
