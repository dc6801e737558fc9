// Secrets, fetched at the last moment and never written down.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/plan/action.h"
#include "controller/world/files.h"
#include "reconcilers/clients/settings.h"

namespace holdfast::clients {

class Secrets {
 public:
  // Both outlive this.
  Secrets(Files& files, const ClientSettings& settings) : files_(files), settings_(settings) {}

  // "file:/path" (trimmed, refused when others may read it), "env:NAME", "credential:NAME". Read anew every
  // time, so that a rotated secret is used at once. No message contains the secret.
  Result<std::string> Resolve(const SecretRef& secret);
  Result<std::string> Resolve(const Text& text);
  // `text` with every secret that was ever resolved here as <secret>: for answers of others, which may quote
  // us.
  std::string Scrubbed(std::string_view text) const;

  static constexpr size_t kMostSecretBytes = 64 << 10;
  static constexpr size_t kMostRemembered = 4096;
  // Shorter ones are not looked for: replacing "a" everywhere would hide nothing and garble everything.
  static constexpr size_t kLeastScrubbed = 4;

 private:
  Result<std::string> Read(const SecretRef& secret);
  Result<std::string> ReadPrivateFile(const std::string& path);

  Files& files_;
  const ClientSettings& settings_;
  std::set<std::string, std::less<>> seen_;
};

// "Basic dXNlcjpwYXNz".
Result<std::string> BasicAuthorization(Secrets& secrets, const BasicAuth& auth);

}  // namespace holdfast::clients
