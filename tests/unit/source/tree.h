// A directory of this test's own, and the files in it.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace holdfast {

class Tree {
 public:
  Tree() {
    std::string pattern = testing::TempDir() + "/source-XXXXXX";
    root_ = std::filesystem::canonical(::mkdtemp(pattern.data())).string();
  }
  ~Tree() { std::filesystem::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  const std::string& root() const { return root_; }
  std::string Path(const std::string& name) const { return root_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    // As an editor should: a new file under the old name, so that the inode tells.
    std::ofstream(Path(name) + "~") << text;
    std::filesystem::rename(Path(name) + "~", Path(name));
  }
  void Remove(const std::string& name) const { std::filesystem::remove_all(Path(name)); }
  void Link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, Path(name));
  }

 private:
  std::string root_;
};

}  // namespace holdfast
