// The API on a unix socket and on loopback.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "controller/api/api.h"
#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/clock.h"

namespace holdfast {

class HttpServer;

struct ListenAt {
  std::string socket;  // path, "" = none; the owner and its group may connect
  std::string listen;  // "127.0.0.1:9750", "" = none; only looking is possible there
};

// Engine thread only; `api` outlives it.
class ApiServer {
 public:
  static constexpr int kSocketMode = 0660;
  static constexpr absl::Duration kGrace = absl::Seconds(2);  // for answers under way when it ends

  ApiServer(boost::asio::any_io_executor executor, Clock& clock, Api& api);
  ~ApiServer();

  // From the return on, questions are taken; they are answered while the loop runs. The message names the
  // place.
  Status Listen(const ListenAt& at);
  // Until cancelled; returns when the last answer is given.
  Task<void> Run();

 private:
  Clock& clock_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace holdfast
