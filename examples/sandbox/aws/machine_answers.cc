// EC2: instances, images and launch templates.
#include <algorithm>
#include <utility>

#include "controller/base/time_text.h"
#include "examples/sandbox/aws/answers.h"
#include "examples/sandbox/aws/ground.h"

namespace holdfast::sandbox::aws {
namespace {

constexpr int64_t kMostPage = 1000;

std::string_view StateName(Machine::Is is) {
  static constexpr std::string_view kNames[] = {"pending", "running", "shutting-down", "terminated"};
  return kNames[static_cast<size_t>(is)];
}
int StateCode(Machine::Is is) {
  static constexpr int kCodes[] = {0, 16, 32, 48};
  return kCodes[static_cast<size_t>(is)];
}
std::string_view StateName(Image::Is is) {
  static constexpr std::string_view kNames[] = {"pending", "available", "failed"};
  return kNames[static_cast<size_t>(is)];
}

json::array Ec2Tags(const Tags& tags) {
  json::array out;
  for (const auto& [key, value] : tags)
    out.push_back(json::object{{"key", Word(key)}, {"value", Word(value)}});
  return out;
}

std::string FilterValue(const std::string& name, const json::object& document, const Tags& tags) {
  constexpr std::string_view kTag = "tag:";
  if (name.starts_with(kTag)) {
    const auto tag = tags.find(name.substr(kTag.size()));
    return tag == tags.end() ? "" : tag->second;
  }
  static const std::map<std::string, std::string> kMembers = {{"name", "name"},
                                                              {"state", "imageState"},
                                                              {"image-id", "imageId"},
                                                              {"instance-id", "instanceId"},
                                                              {"instance-state-name", "instanceState.name"}};
  const auto member = kMembers.find(name);
  return member == kMembers.end() ? "" : TextAt(json::value(document), member->second).value_or("");
}

bool Fits(const Call& call, const json::object& document, const Tags& tags) {
  for (const json::value* filter :
       ListAt(call.asked.parameters, "Filter").value_or(std::vector<const json::value*>())) {
    const std::vector<std::string> values = TextsAt(*filter, "Value");
    const std::string value = FilterValue(TextAt(*filter, "Name").value_or(""), document, tags);
    if (std::ranges::find(values, value) == values.end()) return false;
  }
  return true;
}

bool IsNamed(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

json::object MachineDocument(const Machine& machine) {
  return {
      {"instanceId", Word(machine.id)},
      {"imageId", Word(machine.image)},
      {"instanceType", Word(machine.type)},
      {"instanceState", json::object{{"code", StateCode(machine.is)}, {"name", Word(StateName(machine.is))}}},
      {"placement", json::object{{"availabilityZone", Word(machine.zone)}}},
      {"launchTime", Word(Rfc3339(machine.launched))},
      {"tagSet", Ec2Tags(machine.tags)}};
}

json::object ImageDocument(const Ground& ground, const Image& image) {
  return {{"imageId", Word(image.id)},
          {"name", Word(image.name)},
          {"imageState", Word(StateName(image.is))},
          {"imageOwnerId", Word(ground.account)},
          {"creationDate", Word(Rfc3339(image.created))},
          {"tagSet", Ec2Tags(image.tags)}};
}

// TagSpecification.N.{ResourceType,Tag.M}, or Tag.M at the top.
Tags TagsOf(const json::value& of, std::string_view resource) {
  Tags out;
  const auto take = [&](const json::value& from) {
    for (const json::value* tag : ListAt(from, "Tag").value_or(std::vector<const json::value*>()))
      if (const auto key = TextAt(*tag, "Key")) out[*key] = TextAt(*tag, "Value").value_or("");
  };
  if (resource.empty()) take(of);
  for (const json::value* one : ListAt(of, "TagSpecification").value_or(std::vector<const json::value*>()))
    if (TextAt(*one, "ResourceType") == resource) take(*one);
  return out;
}

template <class Map, class Document>
json::object Listing(Call& call, const Map& map, std::string_view ids, const char* set,
                     const Document& document) {
  const std::vector<std::string> wanted = call.Texts(ids);
  const int64_t limit = std::clamp<int64_t>(call.Whole("MaxResults", kMostPage), 1, kMostPage);
  json::array items;
  const std::string token = PageOf(
      map, call.Text("NextToken"), limit,
      [&](const auto& one) { return IsNamed(wanted, one.id) && Fits(call, document(one), one.tags); },
      [&](const auto& one) { items.push_back(document(one)); });
  json::object out;
  out[set] = std::move(items);
  if (!token.empty()) out["nextToken"] = Word(token);
  return out;
}

}  // namespace

Said DescribeInstances(Call& call) {
  for (const std::string& id : call.Texts("InstanceId"))
    if (!call.seen.machines.all.contains(id))
      return Fault{"InvalidInstanceID.NotFound", Cat("The instance ID '", id, "' does not exist")};
  json::object out = Listing(call, call.seen.machines.all, "InstanceId", "reservationSet", MachineDocument);
  json::array reservations;
  for (const json::value& machine : out["reservationSet"].get_array())
    reservations.push_back(json::object{{"reservationId", "r-1"}, {"instancesSet", json::array{machine}}});
  out["reservationSet"] = std::move(reservations);
  return out;
}

Said DescribeInstanceStatus(Call& call) {
  return Listing(call, call.seen.machines.all, "InstanceId", "instanceStatusSet", [](const Machine& machine) {
    return json::object{{"instanceId", Word(machine.id)},
                        {"availabilityZone", Word(machine.zone)},
                        {"instanceState", json::object{{"code", StateCode(machine.is)},
                                                       {"name", Word(StateName(machine.is))}}}};
  });
}

Said DescribeImages(Call& call) {
  for (const std::string& id : call.Texts("ImageId"))
    if (!call.seen.machines.images.contains(id))
      return Fault{"InvalidAMIID.NotFound", Cat("The image id '[", id, "]' does not exist")};
  return Listing(call, call.seen.machines.images, "ImageId", "imagesSet",
                 [&](const Image& image) { return ImageDocument(call.seen, image); });
}

Said CreateImage(Call& call) {
  Ground& ground = call.truth;
  const std::string from = call.Text("InstanceId"), name = call.Text("Name");
  const auto machine = ground.machines.all.find(from);
  if (machine == ground.machines.all.end())
    return Fault{"InvalidInstanceID.NotFound", Cat("The instance ID '", from, "' does not exist")};
  for (const auto& [id, image] : ground.machines.images)
    if (image.name == name)
      return Fault{"InvalidAMIName.Duplicate", Cat("AMI name ", name, " is already in use by AMI ", id)};
  if (!call.IsSet("NoReboot")) ++machine->second.reboots;
  Image image;
  image.id = ground.NewId("ami-");
  image.name = name;
  image.from = from;
  image.is = Image::Is::kPending;
  image.created = ground.now;
  image.due = ground.now + ground.machines.image_takes;
  image.tags = TagsOf(call.asked.parameters, "image");
  ground.machines.images[image.id] = image;
  return json::object{{"imageId", Word(image.id)}};
}

Said DeregisterImage(Call& call) {
  const std::string id = call.Text("ImageId");
  if (call.truth.machines.images.erase(id) == 0)
    return Fault{"InvalidAMIID.NotFound", Cat("The image id '[", id, "]' does not exist")};
  return json::object{{"return", true}};
}

Said CreateEc2Tags(Call& call) {
  const Tags tags = TagsOf(call.asked.parameters, "");
  Machines& machines = call.truth.machines;
  for (const std::string& id : call.Texts("ResourceId")) {
    const auto image = machines.images.find(id);
    const auto machine = machines.all.find(id);
    if (image == machines.images.end() && machine == machines.all.end())
      return Fault{"InvalidID", Cat("The ID '", id, "' is not valid")};
    Tags& of = image == machines.images.end() ? machine->second.tags : image->second.tags;
    for (const auto& [key, value] : tags) of[key] = value;
  }
  return json::object{{"return", true}};
}

Said DescribeLaunchTemplates(Call& call) {
  const std::vector<std::string> ids = call.Texts("LaunchTemplateId"),
                                 names = call.Texts("LaunchTemplateName");
  json::array templates;
  for (const auto& [id, one] : call.seen.machines.templates)
    if (IsNamed(ids, id) && IsNamed(names, one.name))
      templates.push_back(json::object{{"launchTemplateId", Word(id)},
                                       {"launchTemplateName", Word(one.name)},
                                       {"defaultVersionNumber", one.usual},
                                       {"latestVersionNumber", one.versions.size()}});
  if (templates.empty() && !(ids.empty() && names.empty()))
    return Fault{"InvalidLaunchTemplateName.NotFoundException",
                 "At least one of the launch templates specified in the request does not exist."};
  return json::object{{"launchTemplates", std::move(templates)}};
}

Said DescribeLaunchTemplateVersions(Call& call) {
  const LaunchTemplate* found =
      call.seen.machines.Template(call.Text("LaunchTemplateId"), call.Text("LaunchTemplateName"));
  if (found == nullptr)
    return Fault{"InvalidLaunchTemplateId.NotFound", "The specified launch template does not exist."};
  const std::vector<std::string> wanted = call.Texts("LaunchTemplateVersion");
  json::array versions;
  for (size_t i = 0; i < found->versions.size(); ++i) {
    const std::string number = Cat(i + 1);
    const bool is_latest = i + 1 == found->versions.size() && IsNamed(wanted, "$Latest");
    const bool is_usual = static_cast<int64_t>(i) + 1 == found->usual && IsNamed(wanted, "$Default");
    if (!IsNamed(wanted, number) && !is_latest && !is_usual) continue;
    json::object data;
    if (const auto image = TextAt(json::value(found->versions[i]), "ImageId")) data["imageId"] = Word(*image);
    versions.push_back(json::object{{"launchTemplateId", Word(found->id)},
                                    {"launchTemplateName", Word(found->name)},
                                    {"versionNumber", i + 1},
                                    {"defaultVersion", static_cast<int64_t>(i) + 1 == found->usual},
                                    {"launchTemplateData", std::move(data)}});
  }
  return json::object{{"launchTemplateVersionSet", std::move(versions)}};
}

Said DescribeSecurityGroups(Call& call) {
  json::array groups;
  for (const std::string& id : call.Texts("GroupId"))
    groups.push_back(json::object{{"groupId", Word(id)}, {"groupName", Word(id)}});
  return json::object{{"securityGroupInfo", std::move(groups)}};
}

}  // namespace holdfast::sandbox::aws
