// Reading what a decision asked about files: of nodes, and of this machine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/base/task.h"
#include "controller/kind/resource.h"
#include "controller/kind/systems.h"
#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

struct FilesSeen {
  std::vector<NodeFile> files;
  std::vector<Template> templates;
};

// One command a file, all at once; what was read in the last kFilesKept and not touched since is not read
// again. A file that cannot be read is one that is not known; the look goes on.
Task<FilesSeen> LookAtFiles(Systems& systems, std::shared_ptr<const Spec> spec, Look look);

inline constexpr size_t kMostFiles = 1000;  // a look
inline constexpr absl::Duration kFilesKept = absl::Seconds(30);
inline constexpr absl::Duration kFileDeadline = absl::Seconds(5);

}  // namespace holdfast::elasticsearch
