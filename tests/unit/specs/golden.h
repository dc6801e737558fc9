// Texts that are kept in files beside the tests, rewritten with HOLDFAST_ACCEPT=1.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace holdfast::specs {

// The path seen from the project's root, where tests run.
inline void ExpectGolden(const std::string& path, const std::string& text) {
  if (const char* accept = std::getenv("HOLDFAST_ACCEPT"); accept != nullptr && std::string(accept) == "1") {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream kept;
  kept << in.rdbuf();
  EXPECT_EQ(kept.str(), text) << path << " differs; HOLDFAST_ACCEPT=1 rewrites it";
}

}  // namespace holdfast::specs
