// Sockets behind Net.
#pragma once

#include <memory>
#include <string>

#include "controller/world/net.h"
#include "controller/world/real/dialer.h"

namespace holdfast {

// A stream whose read or write missed its deadline is closed: what has been sent or taken by then is unknown.
// Engine thread only.
class RealNet : public Net {
 public:
  static constexpr size_t kMostRead = 1 << 20;  // in one call

  explicit RealNet(Dialer& dialer) : dialer_(dialer) {}
  Task<Result<std::unique_ptr<Stream>>> Connect(std::string host, uint16_t port,
                                                absl::Duration deadline) override;

 private:
  Dialer& dialer_;
};

}  // namespace holdfast
