#include "controller/world/real/errno_status.h"

#include <boost/asio/error.hpp>
#include <cerrno>
#include <string>
#include <system_error>

#include "controller/base/text.h"

namespace holdfast {
namespace {

Code CodeOfFile(int error) {
  switch (error) {
    case ENOENT:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermissionDenied;
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENXIO:
    case ENODEV:
    case ENOTEMPTY:
    case EBUSY:
    case EEXIST:
      return Code::kFailedPrecondition;
    case ENAMETOOLONG:
    case EINVAL:
      return Code::kInvalidArgument;
    default:
      return Code::kLocal;  // EIO, ENOSPC, EDQUOT, ESTALE: this machine's disk
  }
}

Code CodeOfHost(int error) {
  switch (error) {
    // The kernel refuses before anything leaves: a local firewall, no route, no interface, no ports left.
    case EACCES:
    case EPERM:
    case ENETDOWN:
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
      return Code::kLocal;
    case EINVAL:
      return Code::kInvalidArgument;
    default:
      return Code::kUnavailable;  // ECONNREFUSED, ECONNRESET, EPIPE, EHOSTUNREACH, EHOSTDOWN, ETIMEDOUT
  }
}

Code CodeOfUnixSocket(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
    case ELOOP:
      return Code::kPermissionDenied;
    case ENAMETOOLONG:
    case EINVAL:
      return Code::kInvalidArgument;
    case ENOTSOCK:
    case EPROTOTYPE:
      return Code::kFailedPrecondition;
    default:
      return Code::kUnavailable;  // ECONNREFUSED, EAGAIN (backlog full), EPIPE
  }
}

Code CodeOfProcess(int error) {
  switch (error) {
    case ENOENT:
    case ESRCH:
    case ENOTDIR:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
    case ENOEXEC:
      return Code::kPermissionDenied;
    case E2BIG:
    case EINVAL:
    case ENAMETOOLONG:
      return Code::kInvalidArgument;
    default:
      return Code::kLocal;  // EAGAIN: the limit of processes
  }
}

Code CodeOf(int error, Subject subject) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      return Code::kLocal;
    default:
      break;
  }
  switch (subject) {
    case Subject::kFile:
      return CodeOfFile(error);
    case Subject::kHost:
      return CodeOfHost(error);
    case Subject::kUnixSocket:
      return CodeOfUnixSocket(error);
    case Subject::kProcess:
      return CodeOfProcess(error);
  }
  return Code::kInternal;
}

}  // namespace

Status FromErrno(int error, Subject subject, std::string_view context) {
  if (error == 0) return {};
  return {CodeOf(error, subject), Cat(context, ": ", std::generic_category().message(error))};
}

Status FromError(const boost::system::error_code& error, Subject subject, std::string_view context) {
  namespace asio = boost::asio;
  if (!error) return {};
  if (error == asio::error::eof) return Unavailable(Cat(context, ": the peer closed the connection"));
  if (error == asio::error::host_not_found || error == asio::error::no_data)
    return Unavailable(Cat(context, ": no such host name"));
  // The resolver got no answer at all: our DNS, not their host.
  if (error == asio::error::host_not_found_try_again)
    return Local(Cat(context, ": the name server does not answer"));
  if (error == asio::error::no_recovery) return Local(Cat(context, ": name resolution failed"));
  if (error.category() == boost::system::system_category() ||
      error.category() == boost::system::generic_category())
    return FromErrno(error.value(), subject, context);
  return Unavailable(Cat(context, ": ", error.message()));
}

}  // namespace holdfast
