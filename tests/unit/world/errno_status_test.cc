#include "controller/world/real/errno_status.h"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <cerrno>

namespace holdfast {
namespace {

struct Row {
  int error;
  Subject subject;
  Code code;
};

TEST(FromErrno, KnowsTheWorldsFaultsFromOurOwn) {
  using enum Subject;
  const Row rows[] = {
      {ECONNREFUSED, kHost, Code::kUnavailable},
      {EHOSTUNREACH, kHost, Code::kUnavailable},
      {ETIMEDOUT, kHost, Code::kUnavailable},
      {ECONNRESET, kHost, Code::kUnavailable},
      {EPIPE, kHost, Code::kUnavailable},
      {EHOSTDOWN, kHost, Code::kUnavailable},
      {EMFILE, kHost, Code::kLocal},
      {ENFILE, kHost, Code::kLocal},
      {ENOMEM, kHost, Code::kLocal},
      {ENOBUFS, kHost, Code::kLocal},
      {ENETDOWN, kHost, Code::kLocal},
      {ENETUNREACH, kHost, Code::kLocal},
      {EADDRNOTAVAIL, kHost, Code::kLocal},
      {EPERM, kHost, Code::kLocal},
      {EACCES, kHost, Code::kLocal},
      {EAFNOSUPPORT, kHost, Code::kLocal},
      {ENOENT, kUnixSocket, Code::kNotFound},
      {EACCES, kUnixSocket, Code::kPermissionDenied},
      {ECONNREFUSED, kUnixSocket, Code::kUnavailable},
      {EAGAIN, kUnixSocket, Code::kUnavailable},
      {EMFILE, kUnixSocket, Code::kLocal},
      {ENOTSOCK, kUnixSocket, Code::kFailedPrecondition},
      {ENOENT, kFile, Code::kNotFound},
      {EACCES, kFile, Code::kPermissionDenied},
      {EROFS, kFile, Code::kPermissionDenied},
      {EIO, kFile, Code::kLocal},
      {ENOSPC, kFile, Code::kLocal},
      {EDQUOT, kFile, Code::kLocal},
      {EMFILE, kFile, Code::kLocal},
      {EISDIR, kFile, Code::kFailedPrecondition},
      {ELOOP, kFile, Code::kFailedPrecondition},
      {ENAMETOOLONG, kFile, Code::kInvalidArgument},
      {ENOENT, kProcess, Code::kNotFound},
      {EACCES, kProcess, Code::kPermissionDenied},
      {EAGAIN, kProcess, Code::kLocal},
      {ENOMEM, kProcess, Code::kLocal},
      {ESRCH, kProcess, Code::kNotFound},
      {EPERM, kProcess, Code::kPermissionDenied},
      {E2BIG, kProcess, Code::kInvalidArgument},
  };
  for (const Row& row : rows)
    EXPECT_EQ(CodeName(FromErrno(row.error, row.subject, "x").code()), CodeName(row.code)) << row.error;
}

TEST(FromErrno, EndsWithTheSystemsWords) {
  EXPECT_EQ(FromErrno(ECONNREFUSED, Subject::kHost, "10.0.0.1:80").message(),
            "10.0.0.1:80: Connection refused");
  EXPECT_TRUE(FromErrno(0, Subject::kFile, "x").ok());
}

TEST(FromError, KnowsTheResolversFaults) {
  namespace error = boost::asio::error;
  EXPECT_EQ(FromError(error::host_not_found, Subject::kHost, "nosuch").code(), Code::kUnavailable);
  EXPECT_EQ(FromError(error::host_not_found_try_again, Subject::kHost, "x").code(), Code::kLocal);
  EXPECT_EQ(FromError(error::no_recovery, Subject::kHost, "x").code(), Code::kLocal);
  EXPECT_EQ(FromError(error::eof, Subject::kHost, "x").code(), Code::kUnavailable);
  EXPECT_EQ(FromError(error::connection_refused, Subject::kHost, "x").code(), Code::kUnavailable);
  EXPECT_EQ(FromError(error::network_unreachable, Subject::kHost, "x").code(), Code::kLocal);
  EXPECT_TRUE(FromError({}, Subject::kHost, "x").ok());
}

}  // namespace
}  // namespace holdfast
