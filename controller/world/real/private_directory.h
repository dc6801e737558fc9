// Directories and files that are for our own eyes.
#pragma once

#include <string>

#include "controller/base/status.h"

namespace holdfast {

// Makes the directory (and what leads to it) with mode 0700, or checks that one which is there is a directory
// of ours.
Status MakePrivateDirectory(const std::string& path);

// The permission bits of a file, symbolic links followed.
Result<int> FileMode(const std::string& path);

}  // namespace holdfast
