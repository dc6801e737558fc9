#include "controller/world/real/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

Status Failed(const std::string& what) { return FromErrno(errno, Subject::kFile, what); }

Descriptor NewSocket(int family) {
  return Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Removes what a dead process has left at `path`; anything else there is refused.
Status ClearStale(const std::string& path, const sockaddr_un& address) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) return errno == ENOENT ? Status() : Failed(path);
  if (!S_ISSOCK(facts.st_mode))
    return FailedPrecondition(Cat(path, ": there is something that is not a socket"));
  const Descriptor probe = NewSocket(AF_UNIX);
  if (!probe.open()) return Failed(path);
  const int answer = ::connect(probe.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (answer != 0 && errno == ENOENT) return {};
  // EAGAIN: somebody listens and is busy.
  if (answer == 0 || errno != ECONNREFUSED)
    return FailedPrecondition(Cat(path, ": another process answers on this socket"));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Failed(path);
  return {};
}

}  // namespace

Result<Listener> Listener::Unix(std::string path, mode_t mode, std::optional<gid_t> group) {
  if (path.empty() || path[0] != '/' || path.size() >= sizeof(sockaddr_un::sun_path))
    return InvalidArgument(Cat(Excerpt(path), ": a socket's path begins with / and has at most 107 bytes"));
  const sockaddr_un address = UnixAddress(path);
  HF_TRY(ClearStale(path, address));
  Listener listener(Way::kUnixSocket, NewSocket(AF_UNIX));
  if (!listener.descriptor_.open()) return Failed(path);
  // Until listen is called below, whoever finds the file is refused, whatever its mode is.
  if (::bind(listener.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return Failed(path);
  listener.shown_ = path;
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) return Failed(path);
  listener.device_ = facts.st_dev;
  listener.inode_ = facts.st_ino;
  if (group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) return Failed(path);
  if (::chmod(path.c_str(), mode) != 0) return Failed(path);
  if (::listen(listener.descriptor(), kBacklog) != 0) return Failed(path);
  return listener;
}

Result<Listener> Listener::Tcp(std::string_view address_and_port) {
  const std::string shown(address_and_port);
  const auto wrong = [&] {
    return InvalidArgument(Cat(Excerpt(shown), ": not an address and a port such as 127.0.0.1:9090"));
  };
  const size_t colon = address_and_port.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string host(address_and_port.substr(0, colon));
  const std::string_view digits = address_and_port.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return wrong();
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    return wrong();
  boost::system::error_code not_address;
  const asio::ip::address address = asio::ip::make_address(host, not_address);
  if (not_address) return wrong();

  asio::ip::tcp::endpoint endpoint(address, port);
  Listener listener(Way::kTcp, NewSocket(endpoint.protocol().family()));
  if (!listener.descriptor_.open()) return Failed(shown);
  const int on = 1;
  ::setsockopt(listener.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.is_v6()) ::setsockopt(listener.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(listener.descriptor(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    if (errno == EADDRINUSE) return FailedPrecondition(Cat(shown, ": another process listens on this port"));
    return Failed(shown);
  }
  if (::listen(listener.descriptor(), kBacklog) != 0) return Failed(shown);
  socklen_t size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(listener.descriptor(), endpoint.data(), &size) != 0) return Failed(shown);
  endpoint.resize(size);
  listener.port_ = endpoint.port();
  listener.address_ = address.to_string();
  listener.shown_ = address.is_v6() ? Cat("[", listener.address_, "]:", listener.port_)
                                    : Cat(listener.address_, ":", listener.port_);
  return listener;
}

void Listener::Close() {
  const bool was_open = descriptor_.open();
  descriptor_.Reset();
  if (way_ != Way::kUnixSocket || !was_open || shown_.empty()) return;
  struct stat facts{};
  if (::lstat(shown_.c_str(), &facts) == 0 && facts.st_dev == device_ && facts.st_ino == inode_)
    ::unlink(shown_.c_str());
}

bool Listener::TakesHost(std::string_view host) const {
  if (way_ == Way::kUnixSocket || host == "localhost") return true;
  boost::system::error_code not_address;
  const asio::ip::address named = asio::ip::make_address(std::string(host), not_address);
  if (not_address) return false;
  const asio::ip::address own = asio::ip::make_address(address_, not_address);
  return named.is_loopback() || named == own || own.is_unspecified();
}

}  // namespace holdfast
