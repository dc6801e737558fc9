// An address at which attempts to connect get no answer, as on a host that cannot be reached.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "controller/base/status.h"

namespace holdfast::sandbox {

// Until destroyed. Works by a queue of connections that is full and stays full: the kernel then drops every
// further attempt, and whoever tries runs into its own deadline.
class Silence {
 public:
  static Result<Silence> At(boost::asio::any_io_executor executor, boost::asio::ip::tcp::endpoint place);

 private:
  explicit Silence(boost::asio::ip::tcp::acceptor acceptor) : acceptor_(std::move(acceptor)) {}

  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<boost::asio::ip::tcp::socket> fillers_;
};

// An acceptor that is bound there, listening. The message names the place.
Result<boost::asio::ip::tcp::acceptor> ListenAt(boost::asio::any_io_executor executor,
                                                boost::asio::ip::tcp::endpoint place, int backlog);
// Of a loopback address that was checked before.
boost::asio::ip::tcp::endpoint PlaceAt(const std::string& address, uint16_t port);

}  // namespace holdfast::sandbox
