// Signature Version 4: proves with a secret key that a request is ours.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <string>
#include <string_view>

#include "controller/base/sha256.h"
#include "reconcilers/clients/aws/uri.h"

namespace holdfast::aws {

struct Credentials {
  std::string key_id, secret;
  std::string token;  // of a session; "" for a user's own key
  absl::Time expires = absl::InfiniteFuture();
  std::string source;  // for people: "the environment", "profile ops (…)"
  bool operator==(const Credentials&) const = default;
};

// How the path of the request line enters the signature. S3 takes it as it is sent; everybody else encodes
// it once more, after `.`, `..` and empty segments are resolved.
enum class PathRule { kNormalized, kEncoded, kVerbatim };

// A request as far as its signature is concerned.
struct Signable {
  std::string method;
  std::string path;  // as it is sent
  Pairs query;       // not encoded
  Pairs headers;     // those that are signed, in the order in which they are sent
  std::string body_hash;
  PathRule path_rule = PathRule::kNormalized;
};

struct Scope {
  absl::Time at;
  std::string region, service;
};

// The SHA-256 of nothing.
inline constexpr std::string_view kEmptyBodyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string AmzDate(absl::Time at);             // "20150830T123600Z"
std::string ScopeText(const Scope& scope);      // "20150830/us-east-1/dynamodb/aws4_request"
std::string SignedNames(const Pairs& headers);  // "host;x-amz-date"
std::string CanonicalRequest(const Signable& request);
std::string StringToSign(const Scope& scope, std::string_view canonical_request);

// Proxies and ourselves may change these on the way, so they are never signed.
bool IsNeverSigned(std::string_view lower_name);

// Keeps the keys derived from a secret for a day, a region and a service.
class Signer {
 public:
  // 64 hexadecimal digits.
  std::string Signature(const Credentials& credentials, const Scope& scope, std::string_view string_to_sign);
  // The value of the Authorization header. `request.headers` has Host and X-Amz-Date in it.
  std::string Authorization(const Credentials& credentials, const Scope& scope, const Signable& request);

  static constexpr size_t kMostKeys = 256;

 private:
  std::map<std::string, Sha256Bytes> keys_;
};

}  // namespace holdfast::aws
