// What the kernel's and the resolver's error numbers mean in house codes.
#pragma once

#include <boost/system/error_code.hpp>
#include <string_view>

#include "controller/base/status.h"

namespace holdfast {

// What the call was about: the same number means something else for a file than for a foreign host.
enum class Subject { kFile, kHost, kUnixSocket, kProcess };

// Ok for 0. Faults of this machine (no descriptors, no memory, no route from here, a local firewall) are
// kLocal: they say nothing about the world. The message is "<context>: <the system's words>".
Status FromErrno(int error, Subject subject, std::string_view context);

// The same for Asio's codes: system, resolver and end-of-file.
Status FromError(const boost::system::error_code& error, Subject subject, std::string_view context);

}  // namespace holdfast
