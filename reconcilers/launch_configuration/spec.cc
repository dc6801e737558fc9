#include "reconcilers/launch_configuration/spec.h"

#include <algorithm>

#include "controller/base/text.h"
#include "specs/problem.h"

namespace holdfast::launch {
namespace {

using specs::FieldTable;
using specs::Node;
using specs::ProblemCode;
using specs::Problems;

constexpr size_t kLeastImageName = 3, kMostImageName = 128;

bool IsImageName(std::string_view name) {
  return name.size() >= kLeastImageName && name.size() <= kMostImageName &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("()[] ./-'@_").find(c) != std::string_view::npos;
         });
}

void CheckSpec(const Spec& spec, const Node& node, Problems& problems) {
  if (InstanceOf(spec) != nullptr && !IsImageName(ImageName(spec)))
    problems
        .Error(ProblemCode::kRule, node.Find("image").span(),
               Cat("`", Excerpt(ImageName(spec), 60), "` cannot be an image's name"))
        .Help("3 to 128 letters, digits and ()[] ./-'@_; give it one of its own with `name`");
  const auto* id = std::get_if<std::string>(&spec.image);
  if (id != nullptr && !id->starts_with("ami-"))
    problems
        .Error(ProblemCode::kRule, node.Find("image").span(),
               Cat("`", Excerpt(*id, 60), "` is no image's id"))
        .Help("such as ami-0123456789abcdef0, or {fromInstance: {id: i-0123456789abcdef0}}");
}

const FieldTable<FromInstance>& FromInstanceFields() {
  static const FieldTable<FromInstance> table =
      FieldTable<FromInstance>(
          "An image is made of a running instance, waited for, and then used. It is found again by its name "
          "and tags, so that a second one is never made.")
          .Field("id", &FromInstance::id, "The instance.",
                 {.required = true,
                  .pattern = "i-[0-9a-f]{8,17}",
                  .pattern_says = "an instance's id",
                  .example = "i-0123456789abcdef0"})
          .Field("noReboot", &FromInstance::no_reboot,
                 "The instance goes on running meanwhile; the image may then hold half-written files. With "
                 "false it is restarted, which is disruptive.")
          .Field("name", &FromInstance::name, "The image's name; the launch configuration's own without it.",
                 {.max_length = kMostImageName});
  return table;
}

const FieldTable<BlockDevice>& BlockDeviceFields() {
  static const FieldTable<BlockDevice> table =
      FieldTable<BlockDevice>("A disk of its instances.")
          .Field("device", &BlockDevice::device, "Its name to the instance.",
                 {.required = true, .max_length = 255, .example = "/dev/xvda"})
          .Field("snapshot", &BlockDevice::snapshot, "The snapshot that it begins as.",
                 {.max_length = 64, .example = "snap-0123456789abcdef0"})
          .Field("sizeGiB", &BlockDevice::size_gib, "How large it is.",
                 {.min = 1, .max = 65536, .example = "40"})
          .Field("type", &BlockDevice::type, "The volume's type.", {.max_length = 16, .example = "gp3"})
          .Field("iops", &BlockDevice::iops, "Operations a second.", {.min = 100, .max = 256000})
          .Field("encrypted", &BlockDevice::encrypted, "Whether it is encrypted.")
          .Field("deleteOnTermination", &BlockDevice::delete_on_termination,
                 "Whether it goes with its instance.");
  return table;
}

void AddInstance(FieldTable<Spec>& table) {
  table
      .Field("instanceType", &Spec::instance_type, "The type of its instances.",
             {.required = true, .max_length = 64, .example = "c3.large"})
      .Field("securityGroups", &Spec::security_groups, "Their security groups, by id.",
             {.max_items = 16, .example = "[sg-0123456789abcdef0]"})
      .Field("keyName", &Spec::key_name, "The key pair that may log in.", {.max_length = 255})
      .Field("instanceProfile", &Spec::instance_profile, "The IAM instance profile, by name or whole name.",
             {.max_length = 1600, .example = "web"})
      .Field("userData", &Spec::user_data,
             "What they are given at their first start. A secret: it is in no plan, journal or log.")
      .Field("publicIp", &Spec::public_ip, "Whether they get a public address.")
      .Field("ebsOptimized", &Spec::ebs_optimized, "Whether their disks have a network of their own.")
      .Field("detailedMonitoring", &Spec::detailed_monitoring, "One value a minute instead of five.")
      .Field("spotPrice", &Spec::spot_price, "The most that is paid for an hour of a spot instance.",
             {.pattern = "[0-9]+(\\.[0-9]+)?", .pattern_says = "dollars, quoted", .example = "\"0.05\""})
      .Enum("tenancy", &Spec::tenancy, {{"default", Tenancy::kDefault}, {"dedicated", Tenancy::kDedicated}},
            "Whether they share a machine with others.")
      .Enum("metadataTokens", &Spec::metadata_tokens,
            {{"optional", Tokens::kOptional}, {"required", Tokens::kRequired}},
            "Whether the metadata service wants a token (IMDSv2).")
      .List("blockDevices", &Spec::block_devices, BlockDeviceFields, "Their disks.", {.max_items = 32});
}

}  // namespace

const specs::FieldTable<Spec>& SpecFields() {
  static const FieldTable<Spec> table = [] {
    FieldTable<Spec> t(
        "What new instances of a group are like. It cannot be changed once it is there: another one gets "
        "another name.");
    t.Named("LaunchConfiguration")
        .Inline(&Spec::location, aws::LocationFields)
        .Field("name", &Spec::name, "Its name: one that tells the version.",
               {.required = true, .max_length = 255, .example = "web-2026-11-20"})
        .Union("image", &Spec::image,
               {specs::Plain<std::string>("An image's id.",
                                          {.max_length = 64, .example = "ami-0123456789abcdef0"}),
                specs::Key<FromInstance>("fromInstance", FromInstanceFields)},
               "What the instances' disks hold.", {.required = true});
    AddInstance(t);
    t.Check(CheckSpec);
    return t;
  }();
  return table;
}

const FromInstance* InstanceOf(const Spec& spec) { return std::get_if<FromInstance>(&spec.image); }

std::string ImageName(const Spec& spec) {
  const FromInstance* instance = InstanceOf(spec);
  return instance != nullptr && instance->name ? *instance->name : spec.name;
}

std::string_view TenancyText(Tenancy tenancy) {
  return tenancy == Tenancy::kDefault ? "default" : "dedicated";
}
std::string_view TokensText(Tokens tokens) { return tokens == Tokens::kOptional ? "optional" : "required"; }

}  // namespace holdfast::launch
