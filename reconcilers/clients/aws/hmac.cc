#include "reconcilers/clients/aws/hmac.h"

#include <cstddef>
#include <string>

namespace holdfast::aws {

Sha256Bytes HmacSha256(std::string_view key, std::string_view message) {
  constexpr size_t kBlock = 64;
  constexpr char kInner = 0x36, kOuter = 0x5c;
  std::string block(kBlock, '\0');
  if (key.size() > kBlock) {
    const Sha256Bytes hashed = Sha256(key);
    block.replace(0, hashed.size(), Bytes(hashed));
  } else {
    block.replace(0, key.size(), key);
  }
  std::string inner = block, outer = block;
  for (char& c : inner) c = static_cast<char>(c ^ kInner);
  for (char& c : outer) c = static_cast<char>(c ^ kOuter);
  inner += message;
  outer += Bytes(Sha256(inner));
  return Sha256(outer);
}

}  // namespace holdfast::aws
