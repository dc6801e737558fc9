#include "reconcilers/clients/aws/sigv4.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/clients/aws/hmac.h"

namespace holdfast::aws {
namespace {

constexpr char kVectors[] = "tests/unit/aws/vectors";

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::string Decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// One folder of the official vectors.
struct Vector {
  Signable request;
  Scope scope;
  Credentials credentials;
  std::string body;
  enum class Token { kSigned, kLeftOut } token = Token::kSigned;
  enum class Body { kUnsigned, kSigned } signs_body = Body::kUnsigned;
};

void ReadRequest(const std::string& text, Vector& vector) {
  const size_t end = text.find("\n\n");
  const std::string head = text.substr(0, end);
  if (end != std::string::npos) vector.body = text.substr(end + 2);
  const std::vector<std::string> lines = Split(head, '\n');
  const size_t first = lines[0].find(' '), last = lines[0].rfind(' ');
  vector.request.method = lines[0].substr(0, first);
  const std::string target = lines[0].substr(first + 1, last - first - 1);
  const size_t question = target.find('?');
  vector.request.path = target.substr(0, question);
  if (question != std::string::npos)
    for (const std::string& pair : Split(target.substr(question + 1), '&')) {
      const size_t equals = pair.find('=');
      vector.request.query.emplace_back(Decoded(pair.substr(0, equals)),
                                        equals == std::string::npos ? "" : Decoded(pair.substr(equals + 1)));
    }
  for (size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    if (lines[i][0] == ' ') {
      Append(vector.request.headers.back().second, "\n", lines[i]);
      continue;
    }
    const size_t colon = lines[i].find(':');
    vector.request.headers.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 1));
  }
}

Vector ReadVector(const std::filesystem::path& folder) {
  Vector vector;
  const json::value context = *ParseJson(ReadFile(folder / "context.json"));
  const json::object& credentials = context.at("credentials").as_object();
  vector.credentials.key_id = Chars(credentials.at("access_key_id").as_string());
  vector.credentials.secret = Chars(credentials.at("secret_access_key").as_string());
  if (const json::value* token = credentials.if_contains("token"))
    vector.credentials.token = Chars(token->as_string());
  vector.scope.at = *ParseRfc3339(Chars(context.at("timestamp").as_string()));
  vector.scope.region = Chars(context.at("region").as_string());
  vector.scope.service = Chars(context.at("service").as_string());
  vector.request.path_rule = context.at("normalize").as_bool() ? PathRule::kNormalized : PathRule::kEncoded;
  if (context.at("sign_body").as_bool()) vector.signs_body = Vector::Body::kSigned;
  if (const json::value* omit = context.as_object().if_contains("omit_session_token");
      omit && omit->as_bool())
    vector.token = Vector::Token::kLeftOut;
  ReadRequest(ReadFile(folder / "request.txt"), vector);
  vector.request.body_hash = std::string(kEmptyBodyHash);
  if (vector.signs_body == Vector::Body::kSigned) vector.request.body_hash = Sha256Hex(vector.body);
  return vector;
}

void ExpectSigned(const Vector& vector, const std::filesystem::path& folder, const std::string& prefix) {
  const std::string canonical = CanonicalRequest(vector.request);
  EXPECT_EQ(canonical, ReadFile(folder / (prefix + "canonical-request.txt")));
  const std::string to_sign = StringToSign(vector.scope, canonical);
  EXPECT_EQ(to_sign, ReadFile(folder / (prefix + "string-to-sign.txt")));
  Signer signer;
  EXPECT_EQ(signer.Signature(vector.credentials, vector.scope, to_sign),
            ReadFile(folder / (prefix + "signature.txt")));
}

std::vector<std::filesystem::path> Folders() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(kVectors))
    if (entry.is_directory()) out.push_back(entry.path());
  return out;
}

TEST(SigV4, SignsEveryOfficialVectorInItsHeaders) {
  const std::vector<std::filesystem::path> folders = Folders();
  EXPECT_EQ(folders.size(), 38U);
  for (const std::filesystem::path& folder : folders) {
    SCOPED_TRACE(folder.filename().string());
    Vector vector = ReadVector(folder);
    vector.request.headers.emplace_back("X-Amz-Date", AmzDate(vector.scope.at));
    if (!vector.credentials.token.empty() && vector.token == Vector::Token::kSigned)
      vector.request.headers.emplace_back("X-Amz-Security-Token", vector.credentials.token);
    if (vector.signs_body == Vector::Body::kSigned)
      vector.request.headers.emplace_back("x-amz-content-sha256", vector.request.body_hash);
    ExpectSigned(vector, folder, "header-");
    Signer signer;
    EXPECT_THAT(ReadFile(folder / "header-signed-request.txt"),
                testing::HasSubstr(signer.Authorization(vector.credentials, vector.scope, vector.request)));
  }
}

TEST(SigV4, CanonicalisesEveryOfficialVectorSignedInItsQuery) {
  for (const std::filesystem::path& folder : Folders()) {
    SCOPED_TRACE(folder.filename().string());
    Vector vector = ReadVector(folder);
    Pairs& query = vector.request.query;
    query.emplace_back("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    query.emplace_back("X-Amz-Credential", Cat(vector.credentials.key_id, "/", ScopeText(vector.scope)));
    query.emplace_back("X-Amz-Date", AmzDate(vector.scope.at));
    query.emplace_back("X-Amz-Expires", "3600");
    if (!vector.credentials.token.empty() && vector.token == Vector::Token::kSigned)
      query.emplace_back("X-Amz-Security-Token", vector.credentials.token);
    query.emplace_back("X-Amz-SignedHeaders", SignedNames(vector.request.headers));
    ExpectSigned(vector, folder, "query-");
  }
}

TEST(SigV4, S3SignsThePathAsItIsSent) {
  Signable request{.method = "GET", .path = "/bucket/a//b/../%20c", .path_rule = PathRule::kVerbatim};
  EXPECT_THAT(CanonicalRequest(request), testing::StartsWith("GET\n/bucket/a//b/../%20c\n"));
  request.path_rule = PathRule::kNormalized;
  EXPECT_THAT(CanonicalRequest(request), testing::StartsWith("GET\n/bucket/a/%2520c\n"));
}

TEST(SigV4, HeadersThatProxiesMayChangeAreNotSigned) {
  EXPECT_EQ(SignedNames({{"Host", "h"}, {"User-Agent", "x"}, {"Connection", "close"}, {"X-Amz-Date", "d"}}),
            "host;x-amz-date");
}

TEST(SigV4, AKeyIsNotTakenForAnotherDayRegionServiceOrSecret) {
  const absl::Time day = absl::FromUnixSeconds(1'800'000'000);
  const Credentials one{.key_id = "AKID", .secret = "secret-one"};
  const std::vector<std::pair<Credentials, Scope>> all = {
      {one, {day, "us-east-1", "sns"}},
      {one, {day + absl::Hours(24), "us-east-1", "sns"}},
      {one, {day, "us-east-2", "sns"}},
      {one, {day, "us-east-1", "sts"}},
      {{.key_id = "AKID", .secret = "secret-two"}, {day, "us-east-1", "sns"}}};
  Signer signer;
  std::set<std::string> signatures;
  for (int round = 0; round < 2; ++round)
    for (const auto& [credentials, scope] : all)
      signatures.insert(signer.Signature(credentials, scope, "the same text"));
  EXPECT_EQ(signatures.size(), all.size());
}

// RFC 4231, cases 1, 2 and 6.
TEST(Hmac, MatchesThePublishedCases) {
  EXPECT_EQ(Hex(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      Hex(HmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Uri, EncodesAsAwsExpects) {
  EXPECT_EQ(UriEncoded("a b/c*~ü"), "a%20b%2Fc%2A~%C3%BC");
  EXPECT_EQ(UriEncoded("a b/c", Slash::kKept), "a%20b/c");
  EXPECT_EQ(FormEncoded({{"Action", "X"}, {"a.member.1", "b c/d*"}}), "Action=X&a.member.1=b+c%2Fd%2A");
  EXPECT_EQ(QueryText({{"a b", "c d"}, {"e", ""}}), "a%20b=c%20d&e=");
}

}  // namespace
}  // namespace holdfast::aws
