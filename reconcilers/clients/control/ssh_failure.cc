#include <array>

#include "controller/base/text.h"
#include "reconcilers/clients/control/ssh.h"

namespace holdfast::clients {

namespace {

// What OpenSSH prints when no session came about, and what a person can do.
struct Row {
  std::string_view begins, contains;
  Code code;
  std::string_view says;
};
constexpr std::array kRows = {
    Row{"", "REMOTE HOST IDENTIFICATION HAS CHANGED", Code::kFailedPrecondition,
        "the host key has changed: find out why before anything else; if the host was reinstalled, remove "
        "the old key with "
        "ssh-keygen -R and add the new one"},
    Row{"No ", "host key is known for", Code::kFailedPrecondition,
        "the host key is not known: compare its fingerprint on the host, then add it to known_hosts"},
    Row{"Host key verification failed", "", Code::kFailedPrecondition,
        "the host key was not accepted: compare it on the host, then correct known_hosts"},
    Row{"", ": Permission denied (", Code::kPermissionDenied,
        "the key was refused: add its public half to the user's authorized_keys there, or correct "
        "via.ssh.user and the key"},
    Row{"", "Too many authentication failures", Code::kPermissionDenied,
        "too many keys were offered: name the right one in the ssh configuration (IdentitiesOnly)"},
    Row{"ssh: Could not resolve hostname", "Temporary failure", Code::kLocal,
        "this machine's DNS does not answer"},
    Row{"ssh: Could not resolve hostname", "", Code::kUnavailable,
        "there is no such host name: correct `hosts` or DNS"},
    Row{"ssh: connect to host", "Network is unreachable", Code::kLocal, "this machine has no route there"},
    Row{"ssh: connect to host", "Cannot assign requested address", Code::kLocal,
        "this machine has no address to connect from"},
    Row{"ssh: connect to host", "refused", Code::kUnavailable,
        "connection refused: the host is up, start its sshd or correct the port"},
    Row{"ssh: connect to host", "", Code::kUnavailable,
        "the host cannot be reached: nothing is known about what runs there"},
    Row{"Connection timed out during banner exchange", "", Code::kUnavailable,
        "its sshd accepts but does not speak: frozen or overloaded"},
    Row{"kex_exchange_identification", "", Code::kUnavailable,
        "its sshd closed before speaking: overloaded (MaxStartups) or it denies us"},
    Row{"channel ", "administratively prohibited", Code::kFailedPrecondition,
        "its sshd forbids forwarding: set AllowTcpForwarding"},
    Row{"channel ", "connect failed: Connection refused", Code::kNotFound, "connection refused"},
    Row{"channel ", "open failed", Code::kUnavailable, "the host could not connect"},
};

bool Fits(const Row& row, std::string_view line) {
  return line.starts_with(row.begins) && line.find(row.contains) != std::string_view::npos;
}

}  // namespace

Status SshFailure(const Reach& where, std::string_view errors) {
  const std::vector<std::string> lines = Split(errors, '\n');
  // The rows are ordered by how much they explain: a changed key is followed by "verification failed".
  for (const Row& row : kRows)
    for (const std::string& line : lines)
      if (Fits(row, line))
        return Status(row.code,
                      Cat("ssh ", PlaceText(where), ": ", row.says, " (", Excerpt(Trim(line), 120), ")"));
  return DeadlineExceeded(
      Cat("ssh ", PlaceText(where),
          ": rc 255, which is a lost connection as well as a killed command; it may have run",
          Trim(errors).empty() ? "" : Cat(" (", Excerpt(Trim(errors), 120), ")")));
}

}  // namespace holdfast::clients
