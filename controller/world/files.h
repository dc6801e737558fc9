// Reading and watching files of this machine.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"

namespace holdfast {

struct FileInfo {
  std::string path;  // as asked, or directory + "/" + name
  enum class Kind { kFile, kDirectory, kSymlink, kOther } kind = Kind::kFile;
  uint64_t size = 0;
  uint64_t inode = 0;
  int64_t changed_ns = 0;  // mtime and ctime mixed: equal means "not touched since"
  std::string target;      // a symlink's, resolved to an absolute path; "" when it leads nowhere
};

// Says that something below the watched directory changed. Never says less than happened; may say more.
class Watch {
 public:
  virtual ~Watch() = default;
  // The paths that changed since the last call (files as well as directories), or an empty list when the
  // kernel lost count and everything must be looked at again. Waits until there is something, gathering for
  // at most 20 ms.
  virtual Task<Result<std::vector<std::string>>> Next() = 0;
};

class Files {
 public:
  virtual ~Files() = default;
  // NotFound, PermissionDenied, ResourceExhausted (longer than `max_bytes`), Local (EIO, EMFILE),
  // FailedPrecondition (not a regular file). Blocks: for files of the local disk only.
  virtual Result<std::string> Read(const std::string& path, size_t max_bytes) = 0;
  // One directory, not its children, sorted by name.
  virtual Result<std::vector<FileInfo>> List(const std::string& directory) = 0;
  virtual Result<FileInfo> Stat(const std::string& path) = 0;
  // Whole or not at all: temporary file, fsync, rename, fsync of the directory.
  virtual Status Replace(const std::string& path, const std::string& content, int mode) = 0;
  virtual Status Remove(const std::string& path) = 0;  // ok when it was not there
  virtual Result<std::unique_ptr<Watch>> WatchTree(const std::string& directory) = 0;
};

}  // namespace holdfast
