#include "controller/world/real/file_lock.h"

#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace {

// "" for a moment after the lock was taken: the number is written then.
std::string HolderOf(int file) {
  char text[32];
  const ssize_t got = ::pread(file, text, sizeof text, 0);
  return std::string(Trim(std::string_view(text, got > 0 ? static_cast<size_t>(got) : 0)));
}

// It has ended, whether or not somebody has asked how.
bool IsGone(const std::string& process) {
  const int number = std::atoi(process.c_str());
  if (number <= 0) return false;
  if (::kill(number, 0) != 0) return errno == ESRCH;
  const Descriptor stat(::open(Cat("/proc/", number, "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[256];
  const ssize_t got = stat.open() ? ::read(stat.number(), text, sizeof text) : 0;
  const std::string_view told(text, got > 0 ? static_cast<size_t>(got) : 0);
  const size_t name_ends = told.rfind(')');
  return name_ends != told.npos && told.substr(name_ends).starts_with(") Z");
}

// 0, or why it cannot be had.
int TryLock(int file) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  // Of the open file, not of the process: closing some other descriptor of the file does not give it back.
  return ::fcntl(file, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

}  // namespace

Result<FileLock> FileLock::Take(const std::string& directory) {
  const std::string path = Cat(directory, "/", kName);
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.open()) return FromErrno(errno, Subject::kFile, path);
  int error = TryLock(file.number());
  const absl::Time end = absl::Now() + kLetsGo;
  while ((error == EAGAIN || error == EACCES) && IsGone(HolderOf(file.number())) && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(10));
    error = TryLock(file.number());
  }
  if (error == EAGAIN || error == EACCES) {
    const std::string holder = HolderOf(file.number());
    return FailedPrecondition(Cat(directory, ": ",
                                  holder.empty() ? "another process" : Cat("process ", Excerpt(holder, 20)),
                                  " already works in this directory"));
  }
  if (error != 0) return FromErrno(error, Subject::kFile, path);
  const std::string self = Cat(static_cast<long long>(::getpid()), "\n");
  if (::ftruncate(file.number(), 0) != 0 ||
      ::pwrite(file.number(), self.data(), self.size(), 0) != static_cast<ssize_t>(self.size()))
    return FromErrno(errno == 0 ? EIO : errno, Subject::kFile, path);
  return FileLock(std::move(file));
}

}  // namespace holdfast
