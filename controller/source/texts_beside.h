// The texts of other files that are part of what a document declares.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/sha256.h"
#include "controller/world/files.h"

namespace holdfast {

// Remembers each text by its digest. What is missing, empty or unreadable changes nothing: the last good
// digest stays. Reads files, so for the engine thread only.
class TextsBeside {
 public:
  static constexpr size_t kMostTexts = 1000;  // of one path with words in braces
  static constexpr size_t kMostTextBytes = 1 << 20;

  explicit TextsBeside(Files& files) : files_(files) {}

  // One digest of all texts at these paths, in which a word in braces stands for anything. A text that was
  // not known is read. Nothing when one of them was never good, or there is none.
  std::optional<std::string> DigestOf(const std::vector<std::string>& paths);

  // A text that is found changed counts when the next look finds it so too: it may be half written.
  enum class Haste : uint8_t { kSettled, kNow };
  // Looks at all texts that were asked for; true when one of them counts as another now, or one came.
  bool Look(Haste haste);

 private:
  struct Text {
    uint64_t inode = 0, size = 0;
    int64_t changed_ns = -1;
    std::optional<Sha256Bytes> good, next;
  };
  struct Braces {
    std::vector<std::string> found;  // paths
  };
  bool LookAt(const std::string& path, Text& text, Haste haste);
  std::vector<std::string> Found(const std::string& path);

  Files& files_;
  std::map<std::string, Text> texts_;     // by path
  std::map<std::string, Braces> braces_;  // by the path as it is written
};

}  // namespace holdfast
