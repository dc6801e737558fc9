#include "controller/world/real/real_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/descriptor.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/tree_watch.h"

namespace holdfast {
namespace {

Status Failed(const std::string& path) { return FromErrno(errno, Subject::kFile, path); }

uint64_t Nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// ctime moves with every change, mtime may be set back by tools: either one differing must show.
uint64_t Mixed(const struct stat& facts) {
  return Nanoseconds(facts.st_mtim) * 31 + Nanoseconds(facts.st_ctim);
}

std::string Resolved(const std::string& path) {
  char buffer[PATH_MAX];
  return ::realpath(path.c_str(), buffer) != nullptr ? std::string(buffer) : std::string();
}

FileInfo Describe(std::string path, const struct stat& facts) {
  FileInfo info;
  info.size = static_cast<uint64_t>(facts.st_size);
  info.inode = facts.st_ino;
  uint64_t changed = Mixed(facts);
  if (S_ISREG(facts.st_mode)) {
    info.kind = FileInfo::Kind::kFile;
  } else if (S_ISDIR(facts.st_mode)) {
    info.kind = FileInfo::Kind::kDirectory;
  } else if (S_ISLNK(facts.st_mode)) {
    info.kind = FileInfo::Kind::kSymlink;
    info.target = Resolved(path);
    struct stat behind{};
    if (!info.target.empty() && ::stat(info.target.c_str(), &behind) == 0) {
      info.size = static_cast<uint64_t>(behind.st_size);
      changed = changed * 31 + Mixed(behind) + behind.st_ino;
    }
  } else {
    info.kind = FileInfo::Kind::kOther;
  }
  info.changed_ns = static_cast<int64_t>(changed);
  info.path = std::move(path);
  return info;
}

std::pair<std::string, std::string> DirectoryAndName(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

Status WriteAll(int descriptor, const std::string& content, const std::string& path) {
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t wrote = ::write(descriptor, content.data() + done, content.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Failed(path);
    done += static_cast<size_t>(wrote);
  }
  return {};
}

Status WriteTemporary(int directory, const std::string& name, const std::string& content, int mode,
                      const std::string& path) {
  Descriptor file(
      ::openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.open()) return Failed(path);
  HF_TRY(WriteAll(file.number(), content, path));
  if (::fchmod(file.number(), static_cast<mode_t>(mode)) != 0) return Failed(path);
  if (::fsync(file.number()) != 0) return Failed(path);
  return {};
}

}  // namespace

Result<std::string> RealFiles::Read(const std::string& path, size_t max_bytes) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.open()) return Failed(path);
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return Failed(path);
  if (!S_ISREG(facts.st_mode)) return FailedPrecondition(Cat(path, ": not a regular file"));
  const auto too_long = [&] { return ResourceExhausted(Cat(path, ": longer than ", max_bytes, " bytes")); };
  // Files of /proc say that they are empty and are not.
  if (static_cast<uint64_t>(facts.st_size) > max_bytes) return too_long();
  std::string content;
  constexpr size_t kPiece = 64 << 10;
  for (size_t want = static_cast<size_t>(facts.st_size) + 1;; want = kPiece) {
    const size_t before = content.size();
    content.resize(before + want);
    ssize_t got = 0;
    do got = ::read(file.number(), content.data() + before, want);
    while (got < 0 && errno == EINTR);
    if (got < 0) return Failed(path);
    content.resize(before + static_cast<size_t>(got));
    if (content.size() > max_bytes) return too_long();
    if (got != 0) continue;
    content.shrink_to_fit();  // whoever asked may keep it
    return content;
  }
}

Result<std::vector<FileInfo>> RealFiles::List(const std::string& directory) {
  Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.open()) return Failed(directory);
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(descriptor.number()), ::closedir);
  if (open == nullptr) return Failed(directory);
  const int number = descriptor.Release();
  std::vector<FileInfo> found;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(open.get());
    if (entry == nullptr && errno != 0) return Failed(directory);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat facts{};
    if (::fstatat(number, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // gone since it was listed
      return Failed(Cat(directory, "/", name));
    }
    if (found.size() == kMostEntries)
      return ResourceExhausted(Cat(directory, ": more than ", kMostEntries, " entries"));
    found.push_back(Describe(Cat(directory, "/", name), facts));
  }
  std::sort(found.begin(), found.end(), [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
  return found;
}

Result<FileInfo> RealFiles::Stat(const std::string& path) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) return Failed(path);
  return Describe(path, facts);
}

Status RealFiles::Replace(const std::string& path, const std::string& content, int mode) {
  static std::atomic<uint64_t> counter = 0;
  const auto [directory_path, name] = DirectoryAndName(path);
  const Descriptor directory(::open(directory_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open()) return Failed(directory_path);
  const std::string temporary =
      Cat(".", name, ".", static_cast<long long>(::getpid()), ".", counter++, ".tmp");
  // A process of the same number that was killed half-way may have left one.
  ::unlinkat(directory.number(), temporary.c_str(), 0);
  Status status = WriteTemporary(directory.number(), temporary, content, mode, path);
  if (status.ok() && ::renameat(directory.number(), temporary.c_str(), directory.number(), name.c_str()) != 0)
    status = Failed(path);
  if (!status.ok()) {
    ::unlinkat(directory.number(), temporary.c_str(), 0);
    return status;
  }
  if (::fsync(directory.number()) != 0) return Failed(directory_path);
  return {};
}

Status RealFiles::Remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return Failed(path);
}

Result<std::unique_ptr<Watch>> RealFiles::WatchTree(const std::string& directory) {
  auto watch = HF_TRY(TreeWatch::Make(executor_, directory));
  return std::unique_ptr<Watch>(std::move(watch));
}

}  // namespace holdfast
