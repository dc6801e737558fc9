#include "controller/cli/machine.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace holdfast::cli {

void Machine::Run(Task<void> work) {
  std::exception_ptr failure;
  loop.restart();
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr error) {
    failure = error;
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace holdfast::cli
