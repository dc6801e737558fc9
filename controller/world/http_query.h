// What our own HTTP server is asked and what it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"

namespace holdfast {

// Who asks. Over a unix socket the kernel vouches for user and process; over TCP only the address is known.
struct HttpPeer {
  enum class Way { kUnixSocket, kTcp } way = Way::kTcp;
  uint32_t uid = 0;
  int pid = 0;
  std::string name;  // the user's, or the address
};

struct HttpQuery {
  std::string method = "GET";  // HEAD arrives as GET; the server leaves the body out
  std::string target;          // as it was sent
  std::string path;            // decoded, begins with '/', has no ".." in it
  std::vector<std::pair<std::string, std::string>> parameters;  // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;     // names in lower case
  std::string body;
  HttpPeer peer;

  // The first of that (lower-case) name, or "".
  std::string_view Header(std::string_view name) const;
  std::string_view Parameter(std::string_view name) const;
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;  // Content-Length, Connection and Date are added
  std::string body;
  // When set, `body` is followed by what this returns, piece by piece, until an empty piece; an error breaks
  // off the connection, so that the reader knows that it does not have all.
  std::function<Task<Result<std::string>>()> more;
};

// What it refers to must outlive the server's Stop.
using HttpHandler = std::function<Task<HttpReply>(HttpQuery)>;

// {"formatVersion":1,"error":{"code":…,"message":…,"remedy":…}}
HttpReply ErrorReply(int status, std::string_view code, std::string_view message, std::string_view remedy);

}  // namespace holdfast
