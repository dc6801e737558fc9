// A connection that carries HTTP: a plain socket or TLS over one.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/real/dialer.h"

namespace holdfast {

class Transport {
 public:
  virtual ~Transport() = default;                                             // closes
  virtual Task<boost::system::error_code> Write(std::string_view bytes) = 0;  // `bytes` outlive the call
  // The number of bytes that were put into `space`; eof is an error.
  virtual Task<boost::system::error_code> Read(boost::asio::mutable_buffer space, size_t* count) = 0;
  virtual Socket& socket() = 0;

  // True when the peer has closed or has said something that nobody asked for: not to be reused.
  bool Stale();
};

std::unique_ptr<Transport> PlainTransport(Socket socket);

// Certificates to trust, read once per file and again when the file has changed. Engine thread only.
class TlsRoots {
 public:
  // "" means the system's roots. Unauthenticated when the file cannot be read.
  Result<std::shared_ptr<boost::asio::ssl::context>> For(const std::string& ca_file);

 private:
  struct Known {
    std::string version;
    std::shared_ptr<boost::asio::ssl::context> context;
  };
  std::map<std::string, Known> known_;
};

// Shakes hands and verifies that the peer is `host` (a name or an address). Unauthenticated names the
// certificate's fault.
Task<Result<std::unique_ptr<Transport>>> TlsTransport(Socket socket,
                                                      std::shared_ptr<boost::asio::ssl::context> roots,
                                                      std::string host);

}  // namespace holdfast
