// Changes below one directory, from inotify.
#pragma once

#include <absl/time/time.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/base/status.h"
#include "controller/world/files.h"

struct inotify_event;

namespace holdfast {

// Follows new subdirectories and the directory itself when it, a symlink on its path or one of its parents is
// removed, replaced or made. Symlinks inside the tree are not followed: a new one is reported as "look at
// everything". A file that is being written is reported when its writer closes it, or after `kUnfinished`
// when he does not, so that half a file is not read in the normal case. Next fails with kLocal when the
// kernel grants no (more) watches; the next call tries again from the start.
class TreeWatch : public Watch {
 public:
  static constexpr absl::Duration kGather = absl::Milliseconds(20);
  static constexpr absl::Duration kUnfinished = absl::Seconds(1);
  static constexpr size_t kMostChanges = 10'000;  // more at once are reported as "look at everything"
  static constexpr int kDeepest = 64;             // directories below that are not followed

  static Result<std::unique_ptr<TreeWatch>> Make(boost::asio::any_io_executor executor, std::string root);

  Task<Result<std::vector<std::string>>> Next() override;

 private:
  // What one watch descriptor stands for; one directory can be both.
  struct Place {
    std::string path;               // inside the tree; "" when it is not
    std::set<std::string> awaited;  // names in it that lie on the way to the root
  };

  TreeWatch(boost::asio::any_io_executor executor, std::string root)
      : root_(std::move(root)), descriptor_(executor) {}

  Status Arm();
  Status AddAncestors();
  Status AddTree(int parent, const std::string& name, const std::string& path, int depth);
  Status Add(const std::string& kernel_path, uint32_t mask, int* number);
  void Forget(const std::string& path);
  Status Drain();
  Status Take(const inotify_event& event);
  Status TakeDirectory(const inotify_event& event, const std::string& path);
  void TakeFile(const inotify_event& event, const std::string& path);
  void LookAtEverything();
  void RipenUnfinished(absl::Duration now);
  bool HasReport() const;
  std::vector<std::string> Collect();
  Task<int> Readable();

  std::string root_;
  boost::asio::posix::stream_descriptor descriptor_;
  bool armed_ = false;
  uint64_t generation_ = 0;  // of the inotify instance
  bool everything_ = false;
  std::unordered_map<int, Place> places_;
  std::set<std::string> changed_;
  std::map<std::string, absl::Duration> unfinished_;  // path → steady time from which it is reported anyway
};

}  // namespace holdfast
