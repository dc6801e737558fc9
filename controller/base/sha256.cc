#include "controller/base/sha256.h"

#include <openssl/sha.h>

#include <string>

#include "controller/base/text.h"

namespace holdfast {

Sha256Bytes Sha256(std::string_view bytes) {
  Sha256Bytes out;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data());
  return out;
}

std::string Hex(const Sha256Bytes& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) out.push_back(kDigits[byte >> 4]), out.push_back(kDigits[byte & 15]);
  return out;
}

std::string Sha256Hex(std::string_view bytes) { return Hex(Sha256(bytes)); }

Canonical& Canonical::Add(std::string_view field) {
  Append(bytes_, field.size(), ":", field);
  return *this;
}

Canonical& Canonical::Add(int64_t number) { return Add(std::string_view(Cat(number))); }

}  // namespace holdfast
