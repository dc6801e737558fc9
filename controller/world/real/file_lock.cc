#include "controller/world/real/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace {

std::string HolderOf(int file) {
  char text[32];
  const ssize_t got = ::pread(file, text, sizeof text, 0);
  const std::string_view number = Trim(std::string_view(text, got > 0 ? static_cast<size_t>(got) : 0));
  // The holder writes its number after it has the lock: for a moment there may be none, or an older one's.
  return number.empty() ? std::string("another process") : Cat("process ", Excerpt(number, 20));
}

}  // namespace

Result<FileLock> FileLock::Take(const std::string& directory) {
  const std::string path = Cat(directory, "/", kName);
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.open()) return FromErrno(errno, Subject::kFile, path);
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  // Of the open file, not of the process: closing some other descriptor of the file does not give it back.
  if (::fcntl(file.number(), F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES) return FromErrno(errno, Subject::kFile, path);
    return FailedPrecondition(
        Cat(directory, ": ", HolderOf(file.number()), " already works in this directory"));
  }
  const std::string self = Cat(static_cast<long long>(::getpid()), "\n");
  if (::ftruncate(file.number(), 0) != 0 ||
      ::pwrite(file.number(), self.data(), self.size(), 0) != static_cast<ssize_t>(self.size()))
    return FromErrno(errno == 0 ? EIO : errno, Subject::kFile, path);
  return FileLock(std::move(file));
}

}  // namespace holdfast
