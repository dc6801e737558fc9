#include "reconcilers/clients/secrets.h"

#include <absl/strings/escaping.h>

#include <utility>
#include <variant>

#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

constexpr int kReadableByOthers = 0004;

// "file:/etc/x" is ("file", "/etc/x").
std::pair<std::string_view, std::string_view> SchemeOf(std::string_view name) {
  const size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {{}, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

}  // namespace

Result<std::string> Secrets::Resolve(const SecretRef& secret) {
  std::string value = HF_TRY(Read(secret));
  if (value.size() >= kLeastScrubbed && seen_.size() < kMostRemembered) seen_.insert(value);
  return value;
}

Result<std::string> Secrets::Resolve(const Text& text) {
  std::string out;
  for (const auto& piece : text.pieces) {
    if (const auto* plain = std::get_if<std::string>(&piece))
      out.append(*plain);
    else
      out.append(HF_TRY(Resolve(std::get<SecretRef>(piece))));
  }
  return out;
}

Result<std::string> Secrets::Read(const SecretRef& secret) {
  const auto [scheme, rest] = SchemeOf(secret.name);
  if (scheme == "file") return ReadPrivateFile(std::string(rest));
  if (scheme == "env") {
    const auto found = settings_.environment.find(std::string(rest));
    if (found != settings_.environment.end()) return found->second;
    return PermissionDenied(Cat("secret ", secret.name, ": the controller's environment has no ", rest,
                                "; set it where holdfast is started"));
  }
  if (scheme == "credential") {
    if (settings_.credentials_directory.empty())
      return PermissionDenied(Cat("secret ", secret.name,
                                  ": there is no $CREDENTIALS_DIRECTORY; start holdfast by a unit "
                                  "with LoadCredential=",
                                  rest));
    if (rest.empty() || rest.find('/') != std::string_view::npos)
      return InvalidArgument(Cat("secret ", secret.name, ": a credential's name has no slash"));
    return ReadPrivateFile(Cat(settings_.credentials_directory, "/", rest));
  }
  return InvalidArgument(
      Cat("secret ", Excerpt(secret.name, 80), ": write file:/PATH, env:NAME or credential:NAME"));
}

Result<std::string> Secrets::ReadPrivateFile(const std::string& path) {
  if (!settings_.file_mode) return Internal(Cat("secret file ", path, ": its permissions cannot be read"));
  Result<int> mode = settings_.file_mode(path);
  if (!mode.ok()) return Annotate(mode.status(), "secret file");
  if ((*mode & kReadableByOthers) != 0)
    return PermissionDenied(
        Cat("secret file ", path, ": everybody may read it; chmod o-rwx ", ShellQuoted(path)));
  Result<std::string> content = files_.Read(path, kMostSecretBytes);
  if (!content.ok()) return Annotate(content.status(), "secret file");
  return std::string(Trim(*content));
}

std::string Secrets::Scrubbed(std::string_view text) const {
  std::string out(text);
  for (const std::string& secret : seen_)
    for (size_t at = out.find(secret); at != std::string::npos; at = out.find(secret, at)) {
      out.replace(at, secret.size(), "<secret>");
      at += sizeof("<secret>") - 1;
    }
  return out;
}

Result<std::string> BasicAuthorization(Secrets& secrets, const BasicAuth& auth) {
  const std::string password = auth.password.name.empty() ? "" : HF_TRY(secrets.Resolve(auth.password));
  return Cat("Basic ", absl::Base64Escape(Cat(auth.user, ":", password)));
}

}  // namespace holdfast::clients
