// A socket on which our own HTTP server is asked.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/world/real/descriptor.h"

namespace holdfast {

// Closes when destroyed, and removes its socket file if that is still its own.
class Listener {
 public:
  enum class Way { kUnixSocket, kTcp };
  static constexpr int kBacklog = 512;

  // `mode` such as 0660; `group` may connect then too. A socket file that a dead process has left is
  // replaced; one on which somebody answers is FailedPrecondition, as is anything there that is not a socket.
  // Nobody can connect before mode and owner are set.
  static Result<Listener> Unix(std::string path, mode_t mode, std::optional<gid_t> group = std::nullopt);
  // "127.0.0.1:9090", "[::1]:9090", "localhost:9090"; port 0 takes a free one. No other names: what is
  // listened on should not depend on DNS.
  static Result<Listener> Tcp(std::string_view address_and_port);

  Listener(Listener&& other) noexcept = default;
  Listener& operator=(Listener&&) = delete;
  ~Listener() { Close(); }

  // Whoever connects from now on is refused. May be called twice.
  void Close();

  Way way() const { return way_; }
  int descriptor() const { return descriptor_.number(); }
  uint16_t port() const { return port_; }              // 0 for a unix socket
  const std::string& shown() const { return shown_; }  // the path, or address:port as it came out

  // Whether a request that names `host` (as RequestHead::host) may be meant for us. Over TCP a foreign name
  // is a sign of DNS rebinding: somebody's web page in a browser on this machine. Only loopback's names and
  // addresses, the address listened on and, when all are listened on, any address in digits are taken.
  bool TakesHost(std::string_view host) const;

 private:
  Listener(Way way, Descriptor descriptor) : way_(way), descriptor_(std::move(descriptor)) {}

  Way way_;
  Descriptor descriptor_;
  uint16_t port_ = 0;
  std::string shown_;
  std::string address_;              // of TCP, as digits
  uint64_t device_ = 0, inode_ = 0;  // of the socket file
};

}  // namespace holdfast
