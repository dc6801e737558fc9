// A short stand-in for a text that is kept a hundred thousand times.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::specs {

// FNV-1a. Two texts can have the same one: whoever finds a match compares the texts.
inline uint64_t Fingerprint(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace holdfast::specs
