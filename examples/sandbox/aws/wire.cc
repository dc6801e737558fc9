#include "examples/sandbox/aws/wire.h"

#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <map>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/wire_text.h"

namespace holdfast::sandbox::aws {
namespace {

enum class Speaks { kJson10, kJson11, kQuery, kEc2 };

struct Service {
  std::string_view name, host;
  Speaks speaks;
  std::string_view version;  // of Query; of JSON, what stands before the operation in X-Amz-Target
  std::string_view types;    // before an error's code, or the XML's namespace
};
constexpr Service kServices[] = {
    {"application-autoscaling", "application-autoscaling", Speaks::kJson11, "AnyScaleFrontendService", ""},
    {"autoscaling", "autoscaling", Speaks::kQuery, "2011-01-01",
     "http://autoscaling.amazonaws.com/doc/2011-01-01/"},
    {"cloudwatch", "monitoring", Speaks::kJson10, "GraniteServiceVersion20100801",
     "com.amazonaws.cloudwatch.v2010_08_01#"},
    {"dynamodb", "dynamodb", Speaks::kJson10, "DynamoDB_20120810", "com.amazonaws.dynamodb.v20120810#"},
    {"ec2", "ec2", Speaks::kEc2, "2016-11-15", "http://ec2.amazonaws.com/doc/2016-11-15/"},
    {"elb", "elasticloadbalancing", Speaks::kQuery, "2012-06-01",
     "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/"},
    {"elbv2", "elasticloadbalancing", Speaks::kQuery, "2015-12-01",
     "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"},
    {"sns", "sns", Speaks::kQuery, "2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/"},
    {"sts", "sts", Speaks::kQuery, "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"},
};

const Service* Find(std::string_view name) {
  const auto found = std::ranges::find(kServices, name, &Service::name);
  return found == std::end(kServices) ? nullptr : found;
}

// ── forms ──

struct Node {
  std::map<std::string, Node> children;
  std::string text;
};

bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

json::value ValueOf(const Node& node);

json::array ListOf(const Node& node) {
  std::vector<std::pair<int, const Node*>> numbered;
  for (const auto& [number, child] : node.children) {
    int at = 0;
    (void)absl::SimpleAtoi(number, &at);
    numbered.emplace_back(at, &child);
  }
  std::ranges::sort(numbered);
  json::array out;
  for (const auto& [at, child] : numbered) out.push_back(ValueOf(*child));
  return out;
}

json::value ValueOf(const Node& node) {
  if (node.children.empty()) return Word(node.text);
  const auto& [first, child] = *node.children.begin();
  if (IsNumber(first)) return ListOf(node);
  if (node.children.size() == 1 && first == "member") return ListOf(child);
  json::object out;
  if (node.children.size() == 1 && first == "entry") {
    for (const auto& [number, entry] : child.children) {
      const auto key = entry.children.find("key"), value = entry.children.find("value");
      if (key != entry.children.end() && value != entry.children.end())
        out[key->second.text] = ValueOf(value->second);
    }
    return out;
  }
  for (const auto& [name, one] : node.children) out[name] = ValueOf(one);
  return out;
}

// ── XML ──

// Members that are maps and not structures.
bool IsMap(std::string_view service, std::string_view member) {
  return service == "sns" && member == "Attributes";
}

void AddXml(std::string& to, const Asked& asked, std::string_view name, const json::value& value) {
  Append(to, "<", name, ">");
  if (const json::array* list = value.if_array()) {
    const std::string_view item = asked.service == "ec2" ? "item" : "member";
    for (const json::value& one : *list) AddXml(to, asked, item, one);
  } else if (const json::object* object = value.if_object()) {
    for (const auto& one : *object) {
      const std::string_view key = Chars(one.key());
      if (!IsMap(asked.service, name)) {
        AddXml(to, asked, key, one.value());
        continue;
      }
      to += "<entry><key>";
      to += XmlEscaped(key);
      to += "</key>";
      AddXml(to, asked, "value", one.value());
      to += "</entry>";
    }
  } else if (value.is_string()) {
    to += XmlEscaped(Chars(value.get_string()));
  } else if (!value.is_null()) {
    to += Compact(value);
  }
  Append(to, "</", name, ">");
}

std::string XmlAnswer(const Asked& asked, const Service& service, const json::object& document, Output output,
                      std::string_view request_id) {
  std::string out = Cat("<", asked.operation, "Response xmlns=\"", service.types, "\">");
  if (service.speaks == Speaks::kEc2) {
    Append(out, "<requestId>", request_id, "</requestId>");
    for (const auto& one : document) AddXml(out, asked, Chars(one.key()), one.value());
  } else {
    if (output == Output::kDocument) AddXml(out, asked, Cat(asked.operation, "Result"), document);
    Append(out, "<ResponseMetadata><RequestId>", request_id, "</RequestId></ResponseMetadata>");
  }
  return Cat(out, "</", asked.operation, "Response>");
}

HttpResponse Whole(const Asked& asked, const Service& service, int status, std::string body,
                   std::string_view request_id, absl::Time now) {
  static constexpr std::string_view kTypes[] = {"application/x-amz-json-1.0", "application/x-amz-json-1.1",
                                                "text/xml", "text/xml;charset=UTF-8"};
  HttpResponse response{status, {}, std::move(body)};
  response.headers = {
      {"content-type", std::string(kTypes[static_cast<size_t>(service.speaks)])},
      {"date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone())},
      {"x-amzn-requestid", std::string(request_id)},
  };
  if (asked.service == "dynamodb") {
    boost::crc_32_type crc;
    crc.process_bytes(response.body.data(), response.body.size());
    response.headers.emplace_back("x-amz-crc32", Cat(crc.checksum()));
  }
  return response;
}

const Service& Known(const Asked& asked) {
  const Service* service = Find(asked.service);
  return service == nullptr ? kServices[0] : *service;
}

bool IsJson(const Service& service) {
  return service.speaks == Speaks::kJson10 || service.speaks == Speaks::kJson11;
}

Result<Asked> DecodeJson(const HttpRequest& request, const std::string& target) {
  const size_t dot = target.find('.');
  const auto service = std::ranges::find_if(
      kServices, [&](const Service& one) { return IsJson(one) && one.version == target.substr(0, dot); });
  if (service == std::end(kServices) || dot == target.npos)
    return InvalidArgument(Cat("no service has the target ", target));
  const std::string type = HeaderOf(request, "content-type");
  const std::string_view wanted =
      service->speaks == Speaks::kJson10 ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
  if (type != wanted) return InvalidArgument(Cat(service->name, " does not take ", type));
  Result<json::value> body = ParseJson(request.body);
  if (!body.ok() || !body->is_object()) return InvalidArgument("the body is no JSON object");
  return Asked{std::string(service->name), target.substr(dot + 1), *std::move(body)};
}

}  // namespace

json::value FormParameters(std::string_view body) {
  Node root;
  for (const std::string& pair : Split(body, '&')) {
    const size_t equals = pair.find('=');
    const std::string key = FormDecoded(std::string_view(pair).substr(0, equals));
    if (equals == pair.npos || key == "Action" || key == "Version") continue;
    Node* at = &root;
    for (const std::string& step : Split(key, '.')) at = &at->children[step];
    at->text = FormDecoded(std::string_view(pair).substr(equals + 1));
  }
  json::value out = ValueOf(root);
  return out.is_object() ? out : json::value(json::object());
}

Result<Asked> DecodeRequest(const HttpRequest& request) {
  if (request.method != "POST") return InvalidArgument(Cat("nobody takes a ", request.method));
  if (const std::string target = HeaderOf(request, "x-amz-target"); !target.empty())
    return DecodeJson(request, target);
  if (!HeaderOf(request, "content-type").starts_with("application/x-www-form-urlencoded"))
    return InvalidArgument("neither a target nor a form");
  std::string action, version;
  for (const std::string& pair : Split(request.body, '&')) {
    if (pair.starts_with("Action=")) action = pair.substr(7);
    if (pair.starts_with("Version=")) version = pair.substr(8);
  }
  const auto service = std::ranges::find_if(
      kServices, [&](const Service& one) { return !IsJson(one) && one.version == version; });
  if (service == std::end(kServices) || action.empty())
    return InvalidArgument(Cat("no service has version ", version));
  return Asked{std::string(service->name), action, FormParameters(request.body)};
}

Result<Signed> SignatureOf(const HttpRequest& request) {
  const std::string text = HeaderOf(request, "authorization");
  constexpr std::string_view kScheme = "AWS4-HMAC-SHA256 Credential=";
  if (!text.starts_with(kScheme)) return Unauthenticated("not signed");
  const std::vector<std::string> scope =
      Split(std::string_view(text).substr(kScheme.size(), text.find(',') - kScheme.size()), '/');
  Signed out;
  std::string ignored;
  const bool is_dated = absl::ParseTime("%E4Y%m%dT%H%M%SZ", HeaderOf(request, "x-amz-date"),
                                        absl::UTCTimeZone(), &out.at, &ignored);
  if (scope.size() != 5 || scope[4] != "aws4_request" || !is_dated) return Unauthenticated("badly signed");
  out.key = scope[0];
  out.region = scope[2];
  out.scope = scope[3];
  return out;
}

HttpResponse Answered(const Asked& asked, const json::object& document, Output output,
                      std::string_view request_id, absl::Time now) {
  const Service& service = Known(asked);
  std::string body = IsJson(service) ? (output == Output::kNothing ? "" : Compact(document))
                                     : XmlAnswer(asked, service, document, output, request_id);
  return Whole(asked, service, 200, std::move(body), request_id, now);
}

HttpResponse Refused(const Asked& asked, const Fault& fault, std::string_view request_id, absl::Time now) {
  const Service& service = Known(asked);
  std::string body;
  if (IsJson(service)) {
    const bool is_coral = fault.code == "ValidationException" || fault.code == "ThrottlingException";
    const std::string_view space =
        is_coral && asked.service == "dynamodb" ? "com.amazon.coral.availability#" : service.types;
    body = Compact(json::object{{"__type", Word(Cat(space, fault.code))}, {"message", Word(fault.message)}});
  } else {
    const std::string error =
        Cat("<Code>", XmlEscaped(fault.code), "</Code><Message>", XmlEscaped(fault.message), "</Message>");
    if (service.speaks == Speaks::kEc2)
      body = Cat("<Response><Errors><Error>", error, "</Error></Errors><RequestID>", request_id,
                 "</RequestID></Response>");
    else
      body = Cat("<ErrorResponse xmlns=\"", service.types, "\"><Error><Type>Sender</Type>", error,
                 "</Error><RequestId>", request_id, "</RequestId></ErrorResponse>");
  }
  return Whole(asked, service, fault.status, std::move(body), request_id, now);
}

std::string_view HostOf(std::string_view service) {
  const Service* found = Find(service);
  return found == nullptr ? "" : found->host;
}

Fault Throttled(std::string_view service) {
  if (service == "ec2") return {"RequestLimitExceeded", "Request limit exceeded.", 503};
  if (service == "sns") return {"Throttled", "Rate exceeded", 429};
  if (service == "dynamodb")
    return {"ThrottlingException", "Rate of requests exceeds the allowed throughput.", 400};
  if (service == "application-autoscaling") return {"ThrottlingException", "Rate exceeded", 400};
  return {"Throttling", "Rate exceeded", 400};
}

}  // namespace holdfast::sandbox::aws
