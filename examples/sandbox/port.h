// An address of loopback where one program of the model listens while it runs.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/clock.h"
#include "examples/sandbox/hosts.h"
#include "examples/sandbox/silence.h"

namespace holdfast::sandbox {

// Engine thread only. `hosts` and `clock` outlive the loop.
class Port {
 public:
  static constexpr size_t kMostConnections = 256;  // one more is closed at once
  static constexpr absl::Duration kHangLook = absl::Milliseconds(20);

  Port(boost::asio::any_io_executor executor, Hosts& hosts, Clock& clock, std::string address, uint16_t port)
      : executor_(std::move(executor)), hosts_(hosts), clock_(clock), place_(PlaceAt(address, port)) {}
  ~Port() { Close(); }

  // Each of these may be called again and again; what it is already stays as it is.
  // The process accepts and answers as Talk does; one that hangs accepts, and answers once it goes on.
  Status Open(int64_t pid);
  // Who connects is refused, who is connected is cut off.
  void Close();
  // Who connects hears nothing; so does who is connected, because the model's host is down.
  Status Mute();

  // Closes, and returns when no conversation is under way any more.
  Task<void> Closed();

 private:
  struct Life;

  boost::asio::any_io_executor executor_;
  Hosts& hosts_;
  Clock& clock_;
  const boost::asio::ip::tcp::endpoint place_;
  std::shared_ptr<Life> life_;
  std::vector<std::shared_ptr<Life>> ending_;  // conversations that are being cut off
  std::optional<Silence> silence_;
};

}  // namespace holdfast::sandbox
