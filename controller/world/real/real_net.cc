#include "controller/world/real/real_net.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

class RealStream : public Stream {
 public:
  RealStream(Socket socket, std::string name, Subject subject)
      : socket_(std::move(socket)), name_(std::move(name)), subject_(subject) {}

  Task<Status> Write(std::string bytes, absl::Duration deadline) override {
    if (!socket_.is_open()) co_return Closed();
    auto written = co_await Within(WriteAll(std::move(bytes)), deadline);
    if (written) co_return *std::move(written);
    Close();
    co_return DeadlineExceeded(Cat(name_, ": not taken within ", Brief(deadline)));
  }

  Task<Result<std::string>> Read(size_t most, absl::Duration deadline) override {
    if (!socket_.is_open()) co_return Closed();
    auto read = co_await Within(ReadSome(std::clamp<size_t>(most, 1, RealNet::kMostRead)), deadline);
    if (read) co_return *std::move(read);
    Close();
    co_return DeadlineExceeded(Cat(name_, ": no answer within ", Brief(deadline)));
  }

 private:
  Status Closed() const { return Unavailable(Cat(name_, ": the connection was closed after an error")); }
  void Close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  Task<Status> WriteAll(std::string bytes) {
    const auto [error, count] = co_await asio::async_write(socket_, asio::buffer(bytes), kTuple);
    if (error) Close();
    co_return FromError(error, subject_, name_);
  }
  Task<Result<std::string>> ReadSome(size_t most) {
    std::string bytes(most, '\0');
    const auto [error, count] = co_await socket_.async_read_some(asio::buffer(bytes), kTuple);
    if (error == asio::error::eof) co_return std::string();
    if (error) {
      Close();
      co_return FromError(error, subject_, name_);
    }
    bytes.resize(count);
    co_return bytes;
  }

  Socket socket_;
  std::string name_;
  Subject subject_;
};

}  // namespace

Task<Result<std::unique_ptr<Stream>>> RealNet::Connect(std::string host, uint16_t port,
                                                       absl::Duration deadline) {
  Socket socket = HF_CO_TRY(co_await dialer_.Dial(host, port, deadline));
  const bool is_path = host.starts_with('/');
  co_return std::unique_ptr<Stream>(
      std::make_unique<RealStream>(std::move(socket), is_path ? host : Cat(host, ":", port),
                                   is_path ? Subject::kUnixSocket : Subject::kHost));
}

}  // namespace holdfast
