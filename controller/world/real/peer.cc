#include "controller/world/real/peer.h"

#include <pwd.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {

std::string UserName(uid_t uid) {
  std::vector<char> buffer(16 << 10);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return Cat(uid);
  return entry.pw_name;
}

Result<UnixPeer> PeerOf(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return FromErrno(errno, Subject::kUnixSocket, "the peer's credentials");
  return UnixPeer{credentials.uid, credentials.gid, credentials.pid, UserName(credentials.uid)};
}

}  // namespace holdfast
