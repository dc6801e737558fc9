#include "reconcilers/clients/aws/decode.h"

#include <boost/crc.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/xml.h"

namespace holdfast::aws {

namespace {

bool IsJson(Protocol protocol) { return protocol == Protocol::kJson10 || protocol == Protocol::kJson11; }

Status CheckCrc(const HttpResponse& response) {
  const std::string_view header = response.Header("x-amz-crc32");
  if (header.empty()) return {};
  uint32_t said = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), said);
  if (error != std::errc() || end != header.data() + header.size())
    return Unavailable(Cat("x-amz-crc32 is no number: ", Excerpt(header, 20)));
  boost::crc_32_type crc;
  crc.process_bytes(response.body.data(), response.body.size());
  if (crc.checksum() == said) return {};
  return Unavailable("the answer was damaged on its way: its x-amz-crc32 is another");
}

Result<json::value> JsonAnswer(const Operation& operation, const HttpResponse& response) {
  HF_TRY(CheckCrc(response));
  if (Trim(response.body).empty()) {
    if (operation.output == Output::kNothing) return json::value(json::object());
    return Unavailable("the answer is empty");
  }
  Result<json::value> body = ParseJson(response.body);
  if (!body.ok()) return Unavailable(Cat("the answer is ", body.status().message()));
  if (!body->is_object()) return Unavailable("the answer is no JSON object");
  return body;
}

Result<json::value> XmlAnswer(const Service& service, const Operation& operation,
                              const HttpResponse& response) {
  if (Trim(response.body).empty()) {
    if (service.protocol == Protocol::kRestXml && operation.output == Output::kNothing)
      return json::value(json::object());
    return Unavailable("the answer is empty");
  }
  Result<XmlDocument> document = ParseXml(response.body);
  if (!document.ok()) return Unavailable(Cat("the answer is ", document.status().message()));
  if (service.protocol == Protocol::kRestXml) return std::move(document->content);
  if (document->root != Cat(operation.name, "Response"))
    return Unavailable(Cat("the answer is a <", Excerpt(document->root, 60), ">"));
  if (service.protocol == Protocol::kEc2) return std::move(document->content);
  if (operation.output == Output::kNothing) return json::value(json::object());
  json::value* result =
      document->content.is_object()
          ? document->content.get_object().if_contains(JsonView(Cat(operation.name, "Result")))
          : nullptr;
  if (result == nullptr) return Unavailable("the answer has no result in it");
  if (!result->is_object()) return json::value(json::object());
  return std::move(*result);
}

// "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" and "Throttling:http://…" are both seen.
std::string BareCode(std::string_view code) {
  if (const size_t hash = code.rfind('#'); hash != std::string_view::npos) code.remove_prefix(hash + 1);
  return std::string(Trim(code.substr(0, code.find(':'))));
}

void ReadJsonError(const HttpResponse& response, ServiceError& error) {
  const Result<json::value> body = ParseJson(response.body);
  std::string code(response.Header("x-amzn-errortype"));
  if (body.ok()) {
    if (const auto type = TextAt(*body, "__type")) code = *type;
    if (code.empty()) code = TextAt(*body, "code").value_or("");
    error.message = TextAt(*body, "message").value_or(TextAt(*body, "Message").value_or(""));
  }
  // Services that once spoke Query keep their old codes beside the new ones.
  if (const std::string_view query = response.Header("x-amzn-query-error"); !query.empty())
    code = query.substr(0, query.find(';'));
  error.code = BareCode(code);
}

void ReadXmlError(const HttpResponse& response, ServiceError& error) {
  const Result<XmlDocument> document = ParseXml(response.body);
  if (!document.ok()) return;
  const json::value* inner = nullptr;
  const bool is_response = document->root == "ErrorResponse" || document->root == "Response";
  if (is_response) inner = At(document->content, "Error");
  if (is_response && inner == nullptr) inner = At(document->content, "Errors.Error");
  if (document->root == "Error") inner = &document->content;
  if (inner == nullptr) return;
  error.code = TextAt(*inner, "Code").value_or("");
  error.message = TextAt(*inner, "Message").value_or("");
  for (const std::string_view name : {"RequestId", "RequestID", "requestId"})
    if (const auto id = TextAt(document->content, name); id && error.request_id.empty())
      error.request_id = Excerpt(*id, 80);
}

}  // namespace

std::string RequestId(const HttpResponse& response) {
  for (const std::string_view name : {"x-amzn-requestid", "x-amz-request-id", "x-amz-requestid"})
    if (const std::string_view id = response.Header(name); !id.empty()) return Excerpt(id, 80);
  return {};
}

Result<json::value> DecodeAnswer(const Service& service, const Operation& operation,
                                 const HttpResponse& response) {
  Result<json::value> out =
      IsJson(service.protocol) ? JsonAnswer(operation, response) : XmlAnswer(service, operation, response);
  if (out.ok()) return out;
  return Annotate(std::move(out).status(), Cat(service.name, " ", operation.name));
}

ServiceError DecodeError(const HttpResponse& response) {
  ServiceError error;
  error.http_status = response.status;
  error.request_id = RequestId(response);
  // A gate in front of a JSON service may answer in XML.
  if (Trim(response.body).starts_with('<'))
    ReadXmlError(response, error);
  else
    ReadJsonError(response, error);
  error.code = Excerpt(error.code, 120);
  error.message = Excerpt(error.message, kMostErrorMessage);
  return error;
}

}  // namespace holdfast::aws
