#include "reconcilers/clients/aws/rest_xml.h"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <array>
#include <pugixml.hpp>
#include <sstream>

#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/hmac.h"

namespace holdfast::aws {

namespace {

struct Route {
  std::string_view operation, method, sub_resource;
  std::string_view document;  // the member that is sent as the body, and its element's name
  std::string_view element;
};
constexpr std::array kRoutes = {
    Route{"GetBucketLifecycleConfiguration", "GET", "lifecycle", "", ""},
    Route{"GetBucketTagging", "GET", "tagging", "", ""},
    Route{"GetBucketVersioning", "GET", "versioning", "", ""},
    Route{"ListBuckets", "GET", "", "", ""},
    Route{"PutBucketTagging", "PUT", "tagging", "Tagging", "Tagging"},
    Route{"PutBucketVersioning", "PUT", "versioning", "VersioningConfiguration", "VersioningConfiguration"},
};
constexpr std::string_view kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";
constexpr std::string_view kTagSet = "TagSet", kTag = "Tag";

// An S3 name can lead nowhere but to a bucket.
bool IsBucketName(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

Status AddXml(pugi::xml_node to, const json::value& value, int depth) {
  if (depth > kMostParameterDepth) return InvalidArgument(Cat(to.name(), ": nested too deeply"));
  if (value.is_null()) return InvalidArgument(Cat(to.name(), ": null cannot be sent"));
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object)
      HF_TRY(AddXml(to.append_child(std::string(Chars(member.key())).c_str()), member.value(), depth + 1));
    return {};
  }
  if (const json::array* list = value.if_array()) {
    const std::string item(std::string_view(to.name()) == kTagSet ? kTag : "member");
    for (const json::value& one : *list) HF_TRY(AddXml(to.append_child(item.c_str()), one, depth + 1));
    return {};
  }
  to.text().set(ScalarText(value).c_str());
  return {};
}

Result<std::string> Body(const Route& route, const json::value& parameters) {
  const json::value* document = At(parameters, route.document);
  if (document == nullptr) return InvalidArgument(Cat(route.operation, ": ", route.document, " is missing"));
  pugi::xml_document xml;
  pugi::xml_node root = xml.append_child(std::string(route.element).c_str());
  root.append_attribute("xmlns").set_value(std::string(kNamespace).c_str());
  HF_TRY(AddXml(root, *document, 0));
  std::ostringstream out;
  xml.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  return out.str();
}

}  // namespace

std::string ScalarText(const json::value& value) {
  if (value.is_string()) return std::string(Chars(value.get_string()));
  if (const bool* flag = value.if_bool()) return *flag ? "true" : "false";
  if (value.is_double()) return Cat(value.get_double());
  return Compact(value);
}

Result<Encoded> EncodeRestXml(const Operation& operation, const json::value& parameters) {
  const auto route = std::ranges::find(kRoutes, operation.name, &Route::operation);
  if (route == kRoutes.end()) return Internal(Cat(operation.service, " ", operation.name, ": has no route"));
  Encoded out;
  out.method = route->method;
  if (!route->sub_resource.empty()) {
    const std::string bucket = TextAt(parameters, "Bucket").value_or("");
    if (!IsBucketName(bucket))
      return InvalidArgument(Cat(route->operation, ": not a bucket's name: '", Excerpt(bucket, 80), "'"));
    out.path = Cat("/", bucket);
    out.query = {{std::string(route->sub_resource), ""}};
  }
  if (route->document.empty()) return out;
  out.body = HF_TRY(Body(*route, parameters));
  out.headers = {{"Content-Type", "application/xml"},
                 {"x-amz-checksum-sha256", absl::Base64Escape(std::string(Bytes(Sha256(out.body))))}};
  return out;
}

}  // namespace holdfast::aws
