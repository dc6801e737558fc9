// HTTP/1.1 and TLS behind Http.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/world/http.h"
#include "controller/world/real/dialer.h"

namespace holdfast {

class Transport;
class TlsRoots;
struct HttpUrl;

// Engine thread only. Idle connections are kept by (scheme, host, port, socket, CA file).
class RealHttp : public Http {
 public:
  static constexpr size_t kMostIdle = 128;
  static constexpr size_t kMostIdlePerPeer = 16;
  static constexpr absl::Duration kIdleExpiry = absl::Seconds(30);
  static constexpr size_t kMostHeaderBytes = 64 << 10;
  static constexpr int kMostInterim = 8;          // 1xx answers before the real one
  static constexpr size_t kSentFirst = 64 << 10;  // a longer request is sent while already listening

  explicit RealHttp(Dialer& dialer);
  ~RealHttp() override;

  // A user in the URL becomes Basic authorization, unless the headers have one. A caller's Host wins; his
  // Content-Length, Connection and Transfer-Encoding are InvalidArgument.
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink = nullptr) override;

  size_t idle() const { return idle_count_; }

 private:
  struct Idle {
    std::unique_ptr<Transport> transport;
    absl::Duration since;
  };
  struct Call;  // what one Send works on

  Task<Result<HttpResponse>> Perform(Call* call);
  Task<Result<std::unique_ptr<Transport>>> Open(Call* call);
  Task<Result<HttpResponse>> Converse(Call* call, Transport* transport);
  std::unique_ptr<Transport> TakeIdle(const std::string& peer);
  void KeepIdle(const std::string& peer, std::unique_ptr<Transport> transport);
  void DropExpired();

  Dialer& dialer_;
  std::unique_ptr<TlsRoots> roots_;
  std::map<std::string, std::vector<Idle>> idle_;
  size_t idle_count_ = 0;
};

}  // namespace holdfast
