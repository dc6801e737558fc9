// A call for attention that one coroutine waits for.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "controller/base/task.h"

namespace holdfast {

// A Set before the Wait is not lost. One waiter at a time. Engine thread only.
class Event {
 public:
  explicit Event(const boost::asio::any_io_executor& executor);
  void Set();
  Task<void> Wait();

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

}  // namespace holdfast
