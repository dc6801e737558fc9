// SHA-256 of bytes, for digests of plans and the chain of the journal.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

using Sha256Bytes = std::array<uint8_t, 32>;
Sha256Bytes Sha256(std::string_view bytes);
std::string Hex(const Sha256Bytes& bytes);
// The whole digest as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

// Joins fields so that no two different lists give the same bytes: each field is preceded by its length.
class Canonical {
 public:
  Canonical() = default;
  explicit Canonical(size_t expected_bytes) { bytes_.reserve(expected_bytes); }

  Canonical& Add(std::string_view field);
  Canonical& Add(int64_t number);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace holdfast
