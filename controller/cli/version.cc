// holdfast version
#include <boost/version.hpp>

#include "controller/api/documents.h"
#include "controller/base/text.h"
#include "controller/cli/call.h"

namespace holdfast::cli {

int RunVersion(Call& call) {
  const std::string boost =
      Cat(BOOST_VERSION / 100000, ".", BOOST_VERSION / 100 % 1000, ".", BOOST_VERSION % 100);
  const json::object document{{"formatVersion", kFormatVersion},
                              {"version", call.surroundings().version},
                              {"apiVersion", "holdfast/v1"},
                              {"compiler", __VERSION__},
                              {"boost", boost}};
  call.Tell(document, Cat("holdfast ", call.surroundings().version, "\n"));
  return kDone;
}

}  // namespace holdfast::cli
