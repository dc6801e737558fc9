#include "reconcilers/clients/aws/encode.h"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <array>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/rest_xml.h"

namespace holdfast::aws {

namespace {

// EC2 names lists in the singular on the wire; every other member is sent under its own name.
struct Renamed {
  std::string_view member, wire;
};
constexpr std::array kEc2Names = {
    Renamed{"BlockDeviceMappings", "BlockDeviceMapping"},
    Renamed{"ExecutableUsers", "ExecutableBy"},
    Renamed{"Filters", "Filter"},
    Renamed{"GroupIds", "GroupId"},
    Renamed{"GroupNames", "GroupName"},
    Renamed{"ImageIds", "ImageId"},
    Renamed{"InstanceIds", "InstanceId"},
    Renamed{"LaunchTemplateIds", "LaunchTemplateId"},
    Renamed{"LaunchTemplateNames", "LaunchTemplateName"},
    Renamed{"Owners", "Owner"},
    Renamed{"Resources", "ResourceId"},
    Renamed{"TagSpecifications", "TagSpecification"},
    Renamed{"Tags", "Tag"},
    Renamed{"Values", "Value"},
    Renamed{"Versions", "LaunchTemplateVersion"},
};

// Members that are maps and not structures; JSON does not tell them apart.
struct MapMember {
  std::string_view service, member;
};
constexpr std::array kMaps = {MapMember{"sns", "Attributes"}};

// The `aws` program takes these as plain text and sends them in base64.
struct Base64Member {
  std::string_view operation, member;
};
constexpr std::array kBase64 = {Base64Member{"CreateLaunchConfiguration", "UserData"}};

json::value Prepared(const Operation& operation, const json::value& parameters) {
  json::value out = parameters;
  for (const auto& [name, member] : kBase64) {
    if (name != operation.name) continue;
    json::value* plain = out.get_object().if_contains(JsonView(member));
    if (plain != nullptr && plain->is_string())
      *plain = json::string(absl::Base64Escape(std::string(Chars(plain->get_string()))));
  }
  return out;
}

bool IsMap(std::string_view service, std::string_view member) {
  return std::ranges::any_of(
      kMaps, [&](const MapMember& row) { return row.service == service && row.member == member; });
}

std::string_view WireName(const Service& service, std::string_view member) {
  if (service.protocol != Protocol::kEc2) return member;
  const auto found = std::ranges::find(kEc2Names, member, &Renamed::member);
  return found == kEc2Names.end() ? member : found->wire;
}

std::string Under(std::string_view prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : Cat(prefix, ".", name);
}

// Flattens parameters to `A.member.1.B=c`, or `A.1.B=c` for EC2.
class Form {
 public:
  explicit Form(const Service& service) : service_(service) {}

  Status Add(const std::string& prefix, std::string_view member, const json::value& value, int depth) {
    if (depth > kMostParameterDepth) return InvalidArgument(Cat(prefix, ": nested too deeply"));
    if (value.is_null()) return InvalidArgument(Cat(prefix, ": null cannot be sent"));
    if (const json::array* list = value.if_array()) return AddList(prefix, *list, depth);
    const json::object* object = value.if_object();
    if (object == nullptr) {
      pairs.emplace_back(prefix, ScalarText(value));
      return {};
    }
    if (IsMap(service_.name, member)) return AddMap(prefix, *object, depth);
    for (const auto& one : *object)
      HF_TRY(
          Add(Under(prefix, WireName(service_, Chars(one.key()))), Chars(one.key()), one.value(), depth + 1));
    return {};
  }

  Pairs pairs;

 private:
  Status AddList(const std::string& prefix, const json::array& list, int depth) {
    const bool is_ec2 = service_.protocol == Protocol::kEc2;
    // An empty list is sent by Query, because leaving it out means "as it is".
    if (list.empty() && !is_ec2) pairs.emplace_back(prefix, "");
    for (size_t i = 0; i < list.size(); ++i)
      HF_TRY(Add(Cat(prefix, is_ec2 ? "." : ".member.", i + 1), "", list[i], depth + 1));
    return {};
  }
  Status AddMap(const std::string& prefix, const json::object& map, int depth) {
    size_t number = 0;
    for (const auto& one : map) {
      const std::string entry = Cat(prefix, ".entry.", ++number);
      pairs.emplace_back(entry + ".key", std::string(Chars(one.key())));
      HF_TRY(Add(entry + ".value", "", one.value(), depth + 1));
    }
    return {};
  }

  const Service& service_;
};

Encoded JsonCall(const Service& service, const Operation& operation, const json::value& parameters) {
  Encoded out;
  out.headers = {{"Content-Type", service.protocol == Protocol::kJson10 ? "application/x-amz-json-1.0"
                                                                        : "application/x-amz-json-1.1"},
                 {"X-Amz-Target", Cat(service.target, ".", operation.name)}};
  out.body = Compact(parameters);
  return out;
}

Result<Encoded> FormCall(const Service& service, const Operation& operation, const json::value& parameters) {
  Form form(service);
  form.pairs = {{"Action", std::string(operation.name)}, {"Version", std::string(service.version)}};
  HF_TRY(form.Add("", "", Prepared(operation, parameters), 0));
  Encoded out;
  out.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  out.body = FormEncoded(form.pairs);
  return out;
}

}  // namespace

Result<Encoded> Encode(const Service& service, const Operation& operation, const json::value& parameters) {
  if (!parameters.is_object())
    return InvalidArgument(Cat(service.name, " ", operation.name, ": the parameters are not an object"));
  switch (service.protocol) {
    case Protocol::kJson10:
    case Protocol::kJson11:
      return JsonCall(service, operation, parameters);
    case Protocol::kQuery:
    case Protocol::kEc2:
      return FormCall(service, operation, parameters);
    case Protocol::kRestXml:
      break;
  }
  return EncodeRestXml(operation, parameters);
}

}  // namespace holdfast::aws
