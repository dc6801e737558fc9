#include "reconcilers/clients/aws/sigv4.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/hmac.h"

namespace holdfast::aws {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Normalized(std::string_view path) {
  std::vector<std::string> kept;
  for (const std::string& segment : Split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      kept.push_back(segment);
    else if (!kept.empty())
      kept.pop_back();
  }
  std::string out;
  for (const std::string& segment : kept) Append(out, "/", segment);
  const bool is_directory = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  if (out.empty() || is_directory) out += '/';
  return out;
}

std::string CanonicalPath(const Signable& request) {
  const std::string path = request.path.empty() ? "/" : request.path;
  switch (request.path_rule) {
    case PathRule::kVerbatim:
      return path;
    case PathRule::kEncoded:
      return UriEncoded(path, Slash::kKept);
    case PathRule::kNormalized:
      break;
  }
  return UriEncoded(Normalized(path), Slash::kKept);
}

// Pairs are sorted, not joined texts: `Param` comes before `Param-3` though `=` comes after `-`.
std::string CanonicalQuery(const Pairs& query) {
  Pairs encoded;
  for (const auto& [name, value] : query) encoded.emplace_back(UriEncoded(name), UriEncoded(value));
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded) Append(out, out.empty() ? "" : "&", name, "=", value);
  return out;
}

// Runs of blanks become one, also inside quotes, also where a line was folded.
std::string CanonicalValue(std::string_view value) {
  std::string out;
  for (const char c : Trim(value)) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_blank)
      out += c;
    else if (!out.ends_with(' '))
      out += ' ';
  }
  return out;
}

// By name; several of one name are joined in the order in which they are sent.
std::map<std::string, std::string> CanonicalHeaders(const Pairs& headers) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : headers) {
    const std::string lower = Lower(name);
    if (IsNeverSigned(lower)) continue;
    const auto [at, is_new] = out.try_emplace(lower);
    Append(at->second, is_new ? "" : ",", CanonicalValue(value));
  }
  return out;
}

std::string NamesOf(const std::map<std::string, std::string>& headers) {
  std::string out;
  for (const auto& [name, ignored] : headers) Append(out, out.empty() ? "" : ";", name);
  return out;
}

std::string RequestText(const Signable& request, const std::map<std::string, std::string>& headers) {
  std::string out =
      Cat(request.method, "\n", CanonicalPath(request), "\n", CanonicalQuery(request.query), "\n");
  for (const auto& [name, value] : headers) Append(out, name, ":", value, "\n");
  Append(out, "\n", NamesOf(headers), "\n", request.body_hash);
  return out;
}

std::string Day(absl::Time at) { return AmzDate(at).substr(0, 8); }

}  // namespace

bool IsNeverSigned(std::string_view lower_name) {
  static constexpr std::array<std::string_view, 14> kNames = {"authorization",
                                                              "connection",
                                                              "expect",
                                                              "keep-alive",
                                                              "proxy-authenticate",
                                                              "proxy-authorization",
                                                              "te",
                                                              "trailer",
                                                              "transfer-encoding",
                                                              "upgrade",
                                                              "user-agent",
                                                              "x-amzn-trace-id",
                                                              "sec-websocket-key",
                                                              "sec-websocket-version"};
  return std::ranges::count(kNames, lower_name) > 0;
}

std::string AmzDate(absl::Time at) { return absl::FormatTime("%Y%m%dT%H%M%SZ", at, absl::UTCTimeZone()); }

std::string ScopeText(const Scope& scope) {
  return Cat(Day(scope.at), "/", scope.region, "/", scope.service, "/aws4_request");
}

std::string SignedNames(const Pairs& headers) { return NamesOf(CanonicalHeaders(headers)); }

std::string CanonicalRequest(const Signable& request) {
  return RequestText(request, CanonicalHeaders(request.headers));
}

std::string StringToSign(const Scope& scope, std::string_view canonical_request) {
  return Cat(kAlgorithm, "\n", AmzDate(scope.at), "\n", ScopeText(scope), "\n", Sha256Hex(canonical_request));
}

std::string Signer::Signature(const Credentials& credentials, const Scope& scope,
                              std::string_view string_to_sign) {
  const std::string place = Cat(ScopeText(scope), "/", credentials.secret);
  auto found = keys_.find(place);
  if (found == keys_.end()) {
    if (keys_.size() >= kMostKeys) keys_.clear();
    Sha256Bytes key = HmacSha256(Cat("AWS4", credentials.secret), Day(scope.at));
    key = HmacSha256(Bytes(key), scope.region);
    key = HmacSha256(Bytes(key), scope.service);
    key = HmacSha256(Bytes(key), "aws4_request");
    found = keys_.emplace(place, key).first;
  }
  return Hex(HmacSha256(Bytes(found->second), string_to_sign));
}

std::string Signer::Authorization(const Credentials& credentials, const Scope& scope,
                                  const Signable& request) {
  const auto headers = CanonicalHeaders(request.headers);
  const std::string signature =
      Signature(credentials, scope, StringToSign(scope, RequestText(request, headers)));
  return Cat(kAlgorithm, " Credential=", credentials.key_id, "/", ScopeText(scope),
             ", SignedHeaders=", NamesOf(headers), ", Signature=", signature);
}

}  // namespace holdfast::aws
