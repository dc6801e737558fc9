// The local disk behind Files.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "controller/world/files.h"

namespace holdfast {

// Engine thread only for WatchTree; the rest may be called from the pool.
class RealFiles : public Files {
 public:
  static constexpr size_t kMostEntries = 1'000'000;  // of one directory; more is ResourceExhausted

  explicit RealFiles(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  Result<std::string> Read(const std::string& path, size_t max_bytes) override;
  Result<std::vector<FileInfo>> List(const std::string& directory) override;
  Result<FileInfo> Stat(const std::string& path) override;
  Status Replace(const std::string& path, const std::string& content, int mode) override;
  Status Remove(const std::string& path) override;
  // See tree_watch.h. A directory that is not there yet is waited for.
  Result<std::unique_ptr<Watch>> WatchTree(const std::string& directory) override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace holdfast
