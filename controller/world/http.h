// One HTTP exchange with a foreign server.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"

namespace holdfast {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http://host:port/path?query or https://…
  std::string
      unix_socket;  // when set, the connection goes to this path and the URL's host is only the Host header
  std::vector<std::pair<std::string, std::string>> headers;  // Host, Content-Length and Connection are added
  std::string body;
  std::string ca_file;  // PEM; empty = the system's roots. The peer's name is always verified.
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in the order they came
  std::string body;

  // The first header of that (lower-case) name, or "".
  std::string_view Header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

// Takes a body piece by piece. Returning an error ends the exchange with that error.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  virtual Status Take(const HttpResponse& head, std::string_view piece) = 0;
};

// How long and how much one read or exchange may cost.
struct Limits {
  absl::Duration deadline = absl::Seconds(10);  // from the call to the last byte
  size_t max_bytes = 16 << 20;                  // of the answer's body or output; more is ResourceExhausted
};

class Http {
 public:
  virtual ~Http() = default;
  // Any status that a server sends is a response, not an error; redirects are not followed. Errors:
  // Unavailable (not connected, connection lost), DeadlineExceeded, ResourceExhausted (body too large),
  // InvalidArgument (URL), Unauthenticated (the peer's certificate), Local (this machine's own fault). The
  // message names the URL without user, password and query. A connection may be kept alive and reused; a
  // request whose reused connection is found closed before the first byte of an answer is sent again only
  // when the method is GET or HEAD. When `sink` is given, the body of a 2xx goes there and the response's
  // body is empty. `sink` must outlive the call.
  virtual Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink = nullptr) = 0;
};

}  // namespace holdfast
