// Texts that lie beside what a simulated machine tells of itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/world/files.h"

namespace holdfast::sim {

// What is in `texts` is read from there, and so are directories that have something in it; everything else is
// the machine's. Both outlive this.
class FilesBeside : public Files {
 public:
  FilesBeside(Files& texts, Files& machine) : texts_(texts), machine_(machine) {}

  Result<std::string> Read(const std::string& path, size_t max_bytes) override {
    Result<std::string> text = texts_.Read(path, max_bytes);
    return text.ok() || text.status().code() != Code::kNotFound ? text : machine_.Read(path, max_bytes);
  }
  Result<std::vector<FileInfo>> List(const std::string& directory) override {
    Result<std::vector<FileInfo>> texts = texts_.List(directory);
    return texts.ok() && !texts->empty() ? texts : machine_.List(directory);
  }
  Result<FileInfo> Stat(const std::string& path) override { return machine_.Stat(path); }
  Status Replace(const std::string& path, const std::string& bytes, int mode) override {
    return machine_.Replace(path, bytes, mode);
  }
  Status Remove(const std::string& path) override { return machine_.Remove(path); }
  Result<std::unique_ptr<Watch>> WatchTree(const std::string& directory) override {
    return machine_.WatchTree(directory);
  }

 private:
  Files& texts_;
  Files& machine_;
};

}  // namespace holdfast::sim
