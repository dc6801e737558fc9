// HMAC-SHA256, the only keyed hash that signatures are made of.
#pragma once

#include <string_view>

#include "controller/base/sha256.h"

namespace holdfast::aws {

Sha256Bytes HmacSha256(std::string_view key, std::string_view message);

inline std::string_view Bytes(const Sha256Bytes& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace holdfast::aws
