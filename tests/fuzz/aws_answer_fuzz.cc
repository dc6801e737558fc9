// Whatever AWS (or who sits in its place) answers, and whatever stands in a shared configuration file,
// reading it neither crashes nor takes half an answer for a whole one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/credential_sources.h"
#include "reconcilers/clients/aws/decode.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/endpoint.h"
#include "reconcilers/clients/aws/failure.h"
#include "reconcilers/clients/aws/pages.h"
#include "reconcilers/clients/aws/profile.h"

namespace {

using namespace holdfast;       // NOLINT(google-build-using-namespace): one file, one purpose
using namespace holdfast::aws;  // NOLINT(google-build-using-namespace)

void CheckAnswer(const Operation& operation, const HttpResponse& response) {
  Result<json::value> answer = DecodeAnswer(*FindService(operation.service), operation, response);
  if (!answer.ok()) return;
  const Paging* paging = FindPaging(operation.service, operation.name);
  if (paging == nullptr) return;
  if (Trim(response.body).empty()) std::abort();  // nothing is no page
  std::vector<json::value> items;
  const bool has_items = At(*answer, paging->items) != nullptr;
  const TakeItem take = [&](json::value item) { items.push_back(std::move(item)); };
  if (TakePage(*paging, *answer, take).ok() != has_items) std::abort();
  for (const json::value& item : items) (void)TextAt(item, "A.B"), (void)TimeAt(item, "CreatedTime");
}

void CheckConfig(std::string_view text) {
  clients::ClientSettings settings;
  for (const ConfigKind kind : {ConfigKind::kConfig, ConfigKind::kCredentials}) {
    SharedConfig config;
    (void)ReadConfig(text, kind, config);
    for (const auto& [name, profile] : config.profiles) (void)FromStaticKeys(profile, name);
    (void)EndpointOf(*FindService("sns"), {"us-east-1"}, settings, config);
  }
  const auto endpoint = EndpointOf(*FindService("sns"), {"us-east-1", std::string(text)}, settings, {});
  if (endpoint.ok() && endpoint->host.find_first_of("/@\r\n ") != std::string::npos) std::abort();
  (void)SplitWords(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (const auto& [service, name] :
       {std::pair("dynamodb", "ListTables"), std::pair("autoscaling", "DescribeAutoScalingGroups"),
        std::pair("ec2", "DescribeInstances"), std::pair("s3", "ListBuckets"),
        std::pair("sns", "DeleteTopic")})
    CheckAnswer(*FindOperation(service, name), {200, {}, body});
  const ServiceError error = DecodeError({400, {}, body});
  if (error.message.find('\n') != std::string::npos || error.code.find('\n') != std::string::npos)
    std::abort();
  (void)Classify("dynamodb", error);
  CheckConfig(body);
  return 0;
}
