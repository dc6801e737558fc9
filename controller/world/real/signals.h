// The signals by which people and supervisors speak to this process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <string_view>

#include "controller/base/task.h"

namespace holdfast {

enum class HostSignal {
  kTerminate,  // SIGTERM: finish or park, then end
  kInterrupt,  // SIGINT: the same, from a terminal
  kHangUp,     // SIGHUP: look again now
};
std::string_view SignalName(HostSignal signal);

// From its making on these signals no longer end the process; several that arrive before Next is called are
// told one after the other. Engine thread only.
class Signals {
 public:
  explicit Signals(boost::asio::any_io_executor executor);
  Task<HostSignal> Next();

 private:
  boost::asio::signal_set set_;
};

}  // namespace holdfast
