#include "controller/world/real/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace {

constexpr size_t kLongestStatus = 400;  // systemctl status shows one line

std::optional<int64_t> Number(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

Notify::Notify(NotifySettings settings) : socket_(std::move(settings.socket)) {
  const bool for_us = settings.watchdog_pid.empty() || Number(settings.watchdog_pid) == int64_t{::getpid()};
  if (const auto usec = Number(settings.watchdog_usec); usec && for_us && !socket_.empty())
    interval_ = absl::Microseconds(*usec) / 2;
}

Status Notify::Send(std::string_view word, std::string_view status) {
  if (socket_.empty()) return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if ((socket_[0] != '/' && socket_[0] != '@') || socket_.size() >= sizeof address.sun_path)
    return InvalidArgument(Cat("NOTIFY_SOCKET: not an address: ", Excerpt(socket_)));
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  if (!descriptor_.open()) descriptor_.Reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!descriptor_.open()) return FromErrno(errno, Subject::kUnixSocket, socket_);
  std::string message(word);
  if (!status.empty()) Append(message, "STATUS=", Excerpt(status, kLongestStatus), "\n");
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const ssize_t sent =
      ::sendto(descriptor_.number(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), length);
  if (sent < 0) return FromErrno(errno, Subject::kUnixSocket, socket_);
  return {};
}

}  // namespace holdfast
