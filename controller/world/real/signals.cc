#include "controller/world/real/signals.h"

#include <boost/asio/use_awaitable.hpp>
#include <csignal>

namespace holdfast {

std::string_view SignalName(HostSignal signal) {
  switch (signal) {
    case HostSignal::kTerminate:
      return "SIGTERM";
    case HostSignal::kInterrupt:
      return "SIGINT";
    case HostSignal::kHangUp:
      return "SIGHUP";
  }
  return "";
}

Signals::Signals(boost::asio::any_io_executor executor) : set_(executor, SIGTERM, SIGINT, SIGHUP) {}

Task<HostSignal> Signals::Next() {
  const int number = co_await set_.async_wait(boost::asio::use_awaitable);
  co_return number == SIGTERM ? HostSignal::kTerminate
  : number == SIGINT          ? HostSignal::kInterrupt
                              : HostSignal::kHangUp;
}

}  // namespace holdfast
