// Programs whose coroutine was cancelled: each is ended and reaped.
#pragma once

#include <absl/time/time.h>
#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <list>
#include <memory>

#include "controller/world/real/descriptor.h"

namespace holdfast {

// Shared by RealCommands and the coroutines that it runs, which may be destroyed after it. Engine thread
// only.
class Morgue : public std::enable_shared_from_this<Morgue> {
 public:
  static constexpr absl::Duration kCloseGrace =
      absl::Seconds(1);  // for a SIGKILL to show; then the kernel's init reaps

  Morgue(boost::asio::any_io_executor executor, absl::Duration term_grace)
      : executor_(std::move(executor)), term_grace_(term_grace) {}

  // SIGTERM to the group at once, SIGKILL when its leader has ended or `term_grace` has passed.
  void Take(pid_t pid, Descriptor pidfd);
  // SIGKILL to all; from now on Take kills and reaps at once.
  void Close();

 private:
  struct Body;
  void Bury(const std::shared_ptr<Body>& body);

  boost::asio::any_io_executor executor_;
  absl::Duration term_grace_;
  bool closed_ = false;
  std::list<std::shared_ptr<Body>> bodies_;
};

}  // namespace holdfast
