#include "controller/base/sha256.h"

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "controller/base/text.h"

namespace holdfast {

namespace {
struct Free {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
}  // namespace

// Looked up once and with a context for each thread: OpenSSL's one-shot call searches its providers every
// time, which takes longer than hashing a record does.
Sha256Bytes Sha256(std::string_view bytes) {
  static const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  Sha256Bytes out;
  EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr);
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
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
