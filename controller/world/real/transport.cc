#include "controller/world/real/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <sys/stat.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

template <class Stream>
Task<boost::system::error_code> WriteTo(Stream* stream, std::string_view bytes) {
  const auto [error, count] =
      co_await asio::async_write(*stream, asio::buffer(bytes.data(), bytes.size()), kTuple);
  co_return error;
}

template <class Stream>
Task<boost::system::error_code> ReadFrom(Stream* stream, asio::mutable_buffer space, size_t* count) {
  const auto [error, got] = co_await stream->async_read_some(space, kTuple);
  *count = got;
  co_return error;
}

class Plain : public Transport {
 public:
  explicit Plain(Socket socket) : socket_(std::move(socket)) {}
  Task<boost::system::error_code> Write(std::string_view bytes) override { return WriteTo(&socket_, bytes); }
  Task<boost::system::error_code> Read(asio::mutable_buffer space, size_t* count) override {
    return ReadFrom(&socket_, space, count);
  }
  Socket& socket() override { return socket_; }

 private:
  Socket socket_;
};

class Tls : public Transport {
 public:
  Tls(Socket socket, std::shared_ptr<asio::ssl::context> roots)
      : roots_(std::move(roots)), stream_(std::move(socket), *roots_) {}
  Task<boost::system::error_code> Write(std::string_view bytes) override { return WriteTo(&stream_, bytes); }
  Task<boost::system::error_code> Read(asio::mutable_buffer space, size_t* count) override {
    return ReadFrom(&stream_, space, count);
  }
  Socket& socket() override { return stream_.next_layer(); }
  asio::ssl::stream<Socket>& stream() { return stream_; }

 private:
  std::shared_ptr<asio::ssl::context> roots_;
  asio::ssl::stream<Socket> stream_;
};

// The name or address that the certificate must carry, and the name for servers with several certificates.
bool Expect(SSL* ssl, const std::string& host) {
  boost::system::error_code not_address;
  asio::ip::make_address(host, not_address);
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  if (!not_address) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

std::string VersionOf(const std::string& file) {
  struct stat facts{};
  if (::stat(file.c_str(), &facts) != 0) return {};
  return Cat(facts.st_ino, "/", facts.st_size, "/", facts.st_ctim.tv_sec, ".", facts.st_ctim.tv_nsec);
}

}  // namespace

bool Transport::Stale() {
  pollfd state{socket().native_handle(), POLLIN, 0};
  return !socket().is_open() || ::poll(&state, 1, 0) != 0;
}

std::unique_ptr<Transport> PlainTransport(Socket socket) {
  return std::make_unique<Plain>(std::move(socket));
}

Result<std::shared_ptr<asio::ssl::context>> TlsRoots::For(const std::string& ca_file) {
  const std::string version = ca_file.empty() ? "system" : VersionOf(ca_file);
  Known& known = known_[ca_file];
  if (known.context != nullptr && known.version == version && !version.empty()) return known.context;
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(asio::ssl::verify_peer);
  boost::system::error_code error;
  if (ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(ca_file, error);
  if (error)
    return Unauthenticated(Cat(ca_file.empty() ? "the system's certificates" : ca_file,
                               ": no certificates to trust could be read: ", error.message()));
  known = {version, context};
  return context;
}

Task<Result<std::unique_ptr<Transport>>> TlsTransport(Socket socket,
                                                      std::shared_ptr<asio::ssl::context> roots,
                                                      std::string host) {
  auto tls = std::make_unique<Tls>(std::move(socket), std::move(roots));
  SSL* ssl = tls->stream().native_handle();
  if (!Expect(ssl, host))
    co_return InvalidArgument(Cat(Excerpt(host), ": not a name that a certificate could have"));
  const auto [error] = co_await tls->stream().async_handshake(asio::ssl::stream_base::client, kTuple);
  if (!error) co_return std::unique_ptr<Transport>(std::move(tls));
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK)
    co_return Unauthenticated(
        Cat("the certificate of ", host, " is not trusted: ", X509_verify_cert_error_string(verdict)));
  co_return FromError(error, Subject::kHost, Cat("TLS handshake with ", host));
}

}  // namespace holdfast
