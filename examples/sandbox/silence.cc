#include "examples/sandbox/silence.h"

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::sandbox {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

// A queue of length 0 holds one connection; the others make sure of it.
constexpr int kFillers = 3;

std::string Shown(const tcp::endpoint& place) { return Cat(place.address().to_string(), ":", place.port()); }

}  // namespace

tcp::endpoint PlaceAt(const std::string& address, uint16_t port) {
  boost::system::error_code ignored;
  return {asio::ip::make_address(address, ignored), port};
}

Result<tcp::acceptor> ListenAt(asio::any_io_executor executor, tcp::endpoint place, int backlog) {
  tcp::acceptor acceptor(executor);
  boost::system::error_code error;
  acceptor.open(place.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(place, error);
  if (!error) acceptor.listen(backlog, error);
  if (!error) return acceptor;
  if (error == asio::error::address_in_use)
    return FailedPrecondition(Cat(Shown(place), ": another process listens there"));
  return Unavailable(Cat(Shown(place), ": ", error.message()));
}

Result<Silence> Silence::At(asio::any_io_executor executor, tcp::endpoint place) {
  Silence silence(HF_TRY(ListenAt(executor, place, 0)));
  for (int i = 0; i < kFillers; ++i) {
    tcp::socket filler(executor);
    boost::system::error_code error;
    filler.open(place.protocol(), error);
    filler.non_blocking(true, error);
    // Its result does not matter: it is in the queue, or waits for a place there.
    [[maybe_unused]] const int result =
        ::connect(filler.native_handle(), place.data(), static_cast<socklen_t>(place.size()));
    silence.fillers_.push_back(std::move(filler));
  }
  return silence;
}

}  // namespace holdfast::sandbox
