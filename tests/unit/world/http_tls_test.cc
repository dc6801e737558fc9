#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>

#include "controller/base/text.h"
#include "controller/world/http.h"
#include "controller/world/real/dialer.h"
#include "controller/world/real/real_http.h"
#include "tests/unit/world/run.h"
#include "tests/unit/world/scratch.h"

namespace holdfast {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;

std::string Pem(int (*write)(BIO*, const void*), const void* what) {
  BIO* memory = BIO_new(BIO_s_mem());
  write(memory, what);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string out(data, static_cast<size_t>(size));
  BIO_free(memory);
  return out;
}

struct Certificate {
  std::string certificate, key;
};

// Signed by itself, for `names` such as "DNS:localhost,IP:127.0.0.1", valid from `from` to `to` seconds from
// now.
Certificate MakeCertificate(const char* names, long from, long to) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1,
                             0);
  X509_set_issuer_name(certificate, name);
  for (auto [id, value] :
       {std::pair{NID_subject_alt_name, names}, std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  Certificate out;
  out.certificate =
      Pem([](BIO* to, const void* what) { return PEM_write_bio_X509(to, static_cast<const X509*>(what)); },
          certificate);
  out.key = Pem(
      [](BIO* to, const void* what) {
        return PEM_write_bio_PrivateKey(to, static_cast<const EVP_PKEY*>(what), nullptr, nullptr, 0, nullptr,
                                        nullptr);
      },
      key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return out;
}

class HttpTlsTest : public testing::Test {
 protected:
  using Peer = asio::ssl::stream<asio::ip::tcp::socket>;

  void Start(const Certificate& certificate) {
    context.use_certificate_chain(asio::buffer(certificate.certificate));
    context.use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
    Put(dir / "ca.pem", certificate.certificate);
    asio::co_spawn(io, Accept(), asio::detached);
  }
  Task<void> Accept() {
    for (;;) {
      auto socket = co_await acceptor.async_accept(asio::use_awaitable);
      asio::co_spawn(io, Serve(std::make_unique<Peer>(std::move(socket), context)), asio::detached);
    }
  }
  Task<void> Serve(std::unique_ptr<Peer> peer) {
    constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
    auto [failed] = co_await peer->async_handshake(asio::ssl::stream_base::server, kTuple);
    if (failed) co_return;
    ++handshakes;
    std::string heard;
    for (;;) {
      auto [error, n] =
          co_await asio::async_read_until(*peer, asio::dynamic_buffer(heard), "\r\n\r\n", kTuple);
      if (error) co_return;
      heard.erase(0, n);
      co_await asio::async_write(*peer, asio::buffer(answer), kTuple);
      if (closes) co_return;
    }
  }
  Result<HttpResponse> Get(const std::string& host, const std::string& ca = "ca.pem") {
    return RunTask(io, http.Send({.url = Cat("https://", host, ":", acceptor.local_endpoint().port(), "/"),
                                  .ca_file = ca.empty() ? "" : dir / ca},
                                 {}));
  }

  asio::io_context io;
  asio::ssl::context context{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  Dialer dialer{io.get_executor()};
  RealHttp http{dialer};
  Scratch dir;
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  bool closes = false;
  int handshakes = 0;
};

TEST_F(HttpTlsTest, VerifiesAndReuses) {
  Start(MakeCertificate("DNS:localhost,IP:127.0.0.1", -60, 3600));
  for (int i = 0; i < 3; ++i) {
    const auto response = Get("localhost");
    ASSERT_TRUE(response.ok()) << response.status().message();
    EXPECT_EQ(response->body, "hello");
  }
  EXPECT_EQ(handshakes, 1);
  EXPECT_EQ(Get("127.0.0.1")->body, "hello");
  EXPECT_EQ(handshakes, 2);
}

TEST_F(HttpTlsTest, AnUnknownIssuerIsUnauthenticated) {
  Start(MakeCertificate("DNS:localhost,IP:127.0.0.1", -60, 3600));
  const auto response = Get("localhost", "");
  EXPECT_EQ(response.status().code(), Code::kUnauthenticated);
  EXPECT_THAT(response.status().message(),
              HasSubstr("the certificate of localhost is not trusted: self-signed"));
}

TEST_F(HttpTlsTest, AnotherNameIsUnauthenticated) {
  Start(MakeCertificate("DNS:elsewhere.example", -60, 3600));
  EXPECT_THAT(Get("localhost").status().message(), HasSubstr("hostname mismatch"));
  EXPECT_THAT(Get("127.0.0.1").status().message(), HasSubstr("IP address mismatch"));
  EXPECT_EQ(Get("localhost").status().code(), Code::kUnauthenticated);
}

TEST_F(HttpTlsTest, AnExpiredCertificateIsUnauthenticated) {
  Start(MakeCertificate("DNS:localhost", -7200, -3600));
  EXPECT_EQ(Get("localhost").status().code(), Code::kUnauthenticated);
  EXPECT_THAT(Get("localhost").status().message(), HasSubstr("expired"));
}

TEST_F(HttpTlsTest, ACaFileThatCannotBeReadIsUnauthenticatedUntilItCan) {
  const Certificate certificate = MakeCertificate("DNS:localhost", -60, 3600);
  Start(certificate);
  EXPECT_EQ(Get("localhost", "nosuch.pem").status().code(), Code::kUnauthenticated);
  Put(dir / "nosuch.pem", "not a certificate");
  EXPECT_EQ(Get("localhost", "nosuch.pem").status().code(), Code::kUnauthenticated);
  Put(dir / "nosuch.pem", certificate.certificate);
  EXPECT_TRUE(Get("localhost", "nosuch.pem").ok());
}

TEST_F(HttpTlsTest, ABrokenOffAnswerIsNoAnswer) {
  Start(MakeCertificate("DNS:localhost", -60, 3600));
  answer = "HTTP/1.1 200 OK\r\n\r\nhalf";  // its end would be the close, but TLS was not closed properly
  closes = true;
  const auto response = Get("localhost");
  EXPECT_EQ(response.status().code(), Code::kUnavailable);
}

TEST_F(HttpTlsTest, APlainServerIsUnavailable) {
  struct Server {
    static Task<void> Run(asio::ip::tcp::acceptor* acceptor) {
      auto peer = co_await acceptor->async_accept(asio::use_awaitable);
      co_await asio::async_write(peer, asio::buffer(std::string("HTTP/1.1 400 Bad\r\n\r\n")),
                                 asio::use_awaitable);
    }
  };
  asio::co_spawn(io, Server::Run(&acceptor), asio::detached);
  const auto response = Get("localhost", "");
  EXPECT_EQ(response.status().code(), Code::kUnavailable) << response.status().message();
}

}  // namespace
}  // namespace holdfast
