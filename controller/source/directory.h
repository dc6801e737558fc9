// The spec files below a directory, read and read again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/sha256.h"
#include "controller/base/status.h"
#include "controller/world/files.h"

namespace holdfast {

// What one file was found to be. Exactly one of `bytes` and `error` counts.
struct FileRead {
  std::string path;
  std::string bytes;
  Status error;
};

// What changed since the last look. Files below a directory that could not be listed are neither read nor
// gone.
struct Reading {
  std::vector<FileRead> read;
  std::vector<std::string> gone;
  std::vector<std::string> unlisted;  // directories that could not be listed, with the reason
};

// Every `*.yaml` and `*.yml`, hidden names and what is in a directory of templates left out, symbolic links
// followed to files inside of the tree only.
class Directory {
 public:
  // What lies in such a directory are texts that specs refer to, whatever their names end in.
  static constexpr std::string_view kTemplates = "templates";
  static constexpr size_t kMostFiles = 200'000;
  static constexpr size_t kMostDepth = 32;
  static constexpr size_t kMostFileBytes =
      (1 << 20) + 1;  // one more than a spec file may have: the parser says so

  // `root` is a directory or one file.
  Directory(Files& files, std::string root);

  // Looks at all of it and reads what is new or touched. An error (the root is not there, cannot be listed)
  // says nothing about the files: they count as unchanged.
  Result<Reading> Look();
  // The same for these paths only, as a Watch names them; a directory among them is looked through.
  Result<Reading> LookAt(const std::vector<std::string>& paths);

  const std::string& root() const { return root_; }
  size_t size() const { return known_.size(); }
  // One name for the contents of all files: two trees with the same files in the same places have the same.
  std::string revision() const;

 private:
  struct KnownFile {
    uint64_t inode = 0, size = 0;
    int64_t changed_ns = 0;
    Sha256Bytes digest{};
  };
  Status Walk(const std::string& directory, size_t depth, Reading& reading, std::vector<std::string>& seen);
  void Take(const FileInfo& info, Reading& reading, std::vector<std::string>& seen);
  void Leave(const std::string& path, Reading& reading);
  void Mix(const std::string& path, const Sha256Bytes& digest);
  bool IsInside(std::string_view path) const;

  Files& files_;
  const std::string root_;
  std::map<std::string, KnownFile> known_;
  Sha256Bytes mixed_{};
};

}  // namespace holdfast
