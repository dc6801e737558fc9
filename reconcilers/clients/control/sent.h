// Whether a request that failed can have been read by the other side.
#pragma once

#include <string>

#include "controller/base/status.h"

namespace holdfast::clients {

enum class Sent { kNo, kMaybe };

// Only what is sure to have failed before the first byte is kNo.
inline Sent SentDespite(const Status& status) {
  switch (status.code()) {
    case Code::kNotFound:          // no such socket
    case Code::kPermissionDenied:  // may not use the socket
    case Code::kUnauthenticated:   // the peer's certificate
    case Code::kInvalidArgument:   // the URL
    case Code::kLocal:
      return Sent::kNo;
    default:
      return status.message().find("onnection refused") != std::string::npos ? Sent::kNo : Sent::kMaybe;
  }
}

}  // namespace holdfast::clients
