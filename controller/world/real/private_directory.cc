#include "controller/world/real/private_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include "controller/base/text.h"

namespace holdfast {

Status MakePrivateDirectory(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return FailedPrecondition(Cat(parent.string(), ": ", error.message()));
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return FailedPrecondition(Cat(path, ": ", std::strerror(errno)));
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return FailedPrecondition(Cat(path, ": ", std::strerror(errno)));
  if (!S_ISDIR(found.st_mode)) return FailedPrecondition(Cat(path, " is not a directory"));
  if (found.st_uid != ::geteuid()) return FailedPrecondition(Cat(path, " belongs to another user"));
  return {};
}

Result<int> FileMode(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0)
    return errno == ENOENT ? NotFound(Cat(path, " is not there"))
                           : PermissionDenied(Cat(path, ": ", std::strerror(errno)));
  return static_cast<int>(found.st_mode & 07777);
}

}  // namespace holdfast
