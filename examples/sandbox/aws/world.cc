#include "examples/sandbox/aws/world.h"

#include <algorithm>
#include <set>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "examples/sandbox/aws/wire.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr std::string_view kOwnHosts = ".amazonaws.com";

std::string_view AuthorityOf(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?"));
}

}  // namespace

Task<Result<HttpResponse>> AccountHttp::Send(HttpRequest request, Limits limits, HttpSink* sink) {
  co_await clock_.Sleep(std::min(takes, limits.deadline));
  account_.Advance(clock_.Now());
  HttpResponse response = Answer(request);
  Mangle(response);
  if (response.body.size() > limits.max_bytes)
    co_return ResourceExhausted(
        Cat(AuthorityOf(request.url), ": the answer is longer than ", limits.max_bytes, " bytes"));
  if (sink == nullptr || response.status / 100 != 2) co_return response;
  const std::string body = std::exchange(response.body, {});
  HF_CO_TRY(sink->Take(response, body));
  co_return response;
}

HttpResponse AccountHttp::Answer(const HttpRequest& request) {
  const absl::Time now = account_.ground().now;
  const std::string id = Cat("r-", ++requests_);
  Result<Asked> asked = DecodeRequest(request);
  if (!asked.ok())
    return Refused({.service = "sts"}, {"InvalidAction", asked.status().message(), 400}, id, now);
  if (const auto fault = RefuseSignature(request, *asked)) return Refused(*asked, *fault, id, now);
  const Said said = account_.Ask(*asked, By::kController);
  const Fault* fault = std::get_if<Fault>(&said);
  const Row* row = FindRow(asked->service, asked->operation);
  HttpResponse response = fault != nullptr
                              ? Refused(*asked, *fault, id, now)
                              : Answered(*asked, std::get<json::object>(said), row->output, id, now);
  if (on_exchange) on_exchange(*asked, said, response);
  return response;
}

std::optional<Fault> AccountHttp::RefuseSignature(const HttpRequest& request, const Asked& asked) const {
  const Result<Signed> by = SignatureOf(request);
  if (!by.ok()) return Fault{"MissingAuthenticationToken", "Request is missing Authentication Token", 403};
  const std::string_view host = AuthorityOf(request.url);
  if (host.ends_with(kOwnHosts) && host.substr(0, host.find('.')) != HostOf(asked.service))
    return Fault{"InvalidAction", Cat(asked.operation, " is not asked at ", host), 400};
  if (by->key != key)
    return Fault{asked.service == "dynamodb" ? "UnrecognizedClientException" : "InvalidClientTokenId",
                 "The security token included in the request is invalid.", 403};
  if (by->region != account_.ground().region || by->scope != HostOf(asked.service))
    return Fault{asked.service == "dynamodb" ? "InvalidSignatureException" : "SignatureDoesNotMatch",
                 Cat("Credential should be scoped to a valid region, not '", by->region, "/", by->scope, "'"),
                 403};
  const absl::Time now = account_.ground().now;
  if (absl::AbsDuration(by->at - now) <= kMostSkew) return std::nullopt;
  const std::string text =
      Cat("Signature expired: ", absl::FormatTime("%Y%m%dT%H%M%SZ", by->at, absl::UTCTimeZone()),
          " is not within ", absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()), " (",
          absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()), " - 15 min.)");
  return Fault{asked.service == "dynamodb" ? "InvalidSignatureException" : "SignatureDoesNotMatch", text,
               403};
}

void AccountHttp::Mangle(HttpResponse& response) {
  if (mangles == 0) return;
  --mangles;
  switch (mangled) {
    case Mangled::kNot:
      return;
    case Mangled::kHtml:
      response.body = "<html><body>It works!</body></html>";
      break;
    case Mangled::kTruncated:
      response.body.resize(response.body.size() / 2);
      break;
    case Mangled::kEmpty:
      response.body.clear();
      break;
    case Mangled::kServerError:
      response = {503, {}, "<html><body>503 Service Unavailable</body></html>"};
      return;
  }
  std::erase_if(response.headers, [](const auto& header) { return header.first == "x-amz-crc32"; });
}

std::vector<std::string> AuthoritiesOf(const Account& account) {
  std::set<std::string> out;
  for (const Row& row : Rows()) out.insert(Cat(HostOf(row.service), ".", account.ground().region, kOwnHosts));
  return {out.begin(), out.end()};
}

}  // namespace holdfast::sandbox::aws
