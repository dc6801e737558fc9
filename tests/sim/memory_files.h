// Files that live in memory.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/files.h"

namespace holdfast::sim {

class MemoryFiles : public Files {
 public:
  std::map<std::string, std::string> contents;  // by path

  Result<std::string> Read(const std::string& path, size_t max_bytes) override {
    const auto found = contents.find(path);
    if (found == contents.end()) return NotFound(Cat(path, ": No such file or directory"));
    if (found->second.size() > max_bytes)
      return ResourceExhausted(Cat(path, ": longer than ", max_bytes, " bytes"));
    return found->second;
  }
  Result<std::vector<FileInfo>> List(const std::string& directory) override {
    std::vector<FileInfo> out;
    std::string last;
    const std::string prefix = directory + "/";
    for (auto at = contents.lower_bound(prefix); at != contents.end() && at->first.starts_with(prefix);
         ++at) {
      const std::string rest = at->first.substr(prefix.size());
      const std::string name = rest.substr(0, rest.find('/'));
      if (name == last) continue;
      last = name;
      const bool is_file = name.size() == rest.size();
      out.push_back({.path = prefix + name,
                     .kind = is_file ? FileInfo::Kind::kFile : FileInfo::Kind::kDirectory,
                     .size = is_file ? at->second.size() : 0,
                     .changed_ns = is_file ? Touched(at->second) : 0});
    }
    if (out.empty()) return NotFound(Cat(directory, ": No such file or directory"));
    return out;
  }
  Result<FileInfo> Stat(const std::string& path) override {
    const auto found = contents.find(path);
    const auto below = contents.lower_bound(path + "/");
    if (found == contents.end() && below != contents.end() && below->first.starts_with(path + "/"))
      return FileInfo{.path = path, .kind = FileInfo::Kind::kDirectory};
    if (found == contents.end()) return NotFound(Cat(path, ": No such file or directory"));
    return FileInfo{.path = path, .size = found->second.size(), .changed_ns = Touched(found->second)};
  }
  Status Replace(const std::string& path, const std::string& content, int) override {
    contents[path] = content;
    return {};
  }
  Status Remove(const std::string& path) override {
    contents.erase(path);
    return {};
  }
  Result<std::unique_ptr<Watch>> WatchTree(const std::string& directory) override {
    return FailedPrecondition(Cat(directory, ": files in memory are not watched"));
  }

 private:
  // Another content is another time.
  static int64_t Touched(const std::string& content) {
    return static_cast<int64_t>(std::hash<std::string>()(content) >> 1);
  }
};

}  // namespace holdfast::sim
