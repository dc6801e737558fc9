// Who is at the other end of a unix socket.
#pragma once

#include <sys/types.h>

#include <string>

#include "controller/base/status.h"

namespace holdfast {

struct UnixPeer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;     // may have ended since; 0 when it lives in another pid namespace
  std::string name;  // of the user; the number when it has none
};

// As the kernel recorded it when the peer connected: cannot be forged.
Result<UnixPeer> PeerOf(int socket);

// The name of a user, or its number as text.
std::string UserName(uid_t uid);

}  // namespace holdfast
