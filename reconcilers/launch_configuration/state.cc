#include "reconcilers/launch_configuration/state.h"

#include <algorithm>

#include "reconcilers/clients/aws/document.h"

namespace holdfast::launch {
namespace {

using aws::FlagAt;
using aws::ListAt;
using aws::TextAt;
using aws::WholeAt;

std::vector<const json::value*> List(const json::value& item, std::string_view member) {
  return ListAt(item, member).value_or(std::vector<const json::value*>());
}

std::optional<int> IntAt(const json::value& item, std::string_view path) {
  const std::optional<int64_t> whole = WholeAt(item, path);
  return whole ? std::optional<int>(static_cast<int>(*whole)) : std::nullopt;
}

}  // namespace

std::optional<Config> ReadConfig(const json::value& item) {
  if (!TextAt(item, "LaunchConfigurationName")) return std::nullopt;
  Config config{.image = TextAt(item, "ImageId").value_or(""),
                .instance_type = TextAt(item, "InstanceType").value_or(""),
                .key_name = TextAt(item, "KeyName").value_or(""),
                .instance_profile = TextAt(item, "IamInstanceProfile").value_or(""),
                .spot_price = TextAt(item, "SpotPrice").value_or(""),
                .tenancy = TextAt(item, "PlacementTenancy").value_or(""),
                .metadata_tokens = TextAt(item, "MetadataOptions.HttpTokens").value_or(""),
                .public_ip = FlagAt(item, "AssociatePublicIpAddress"),
                .ebs_optimized = FlagAt(item, "EbsOptimized"),
                .detailed_monitoring = FlagAt(item, "InstanceMonitoring.Enabled")};
  for (const json::value* group : List(item, "SecurityGroups"))
    if (group->is_string()) config.security_groups.emplace_back(Chars(group->get_string()));
  std::ranges::sort(config.security_groups);
  for (const json::value* device : List(item, "BlockDeviceMappings"))
    config.block_devices.push_back({.device = TextAt(*device, "DeviceName").value_or(""),
                                    .snapshot = TextAt(*device, "Ebs.SnapshotId"),
                                    .type = TextAt(*device, "Ebs.VolumeType"),
                                    .size_gib = IntAt(*device, "Ebs.VolumeSize"),
                                    .iops = IntAt(*device, "Ebs.Iops"),
                                    .encrypted = FlagAt(*device, "Ebs.Encrypted"),
                                    .delete_on_termination = FlagAt(*device, "Ebs.DeleteOnTermination")});
  std::ranges::sort(config.block_devices, {}, &BlockDevice::device);
  return config;
}

std::optional<Image> ReadImage(const json::value& item) {
  const std::optional<std::string> id = TextAt(item, "imageId");
  if (!id) return std::nullopt;
  Image image{.id = *id,
              .state = TextAt(item, "imageState").value_or(""),
              .reason = TextAt(item, "stateReason.message").value_or("")};
  for (const json::value* tag : List(item, "tagSet"))
    if (TextAt(*tag, "key") == kInstanceTag) image.instance = TextAt(*tag, "value").value_or("");
  return image;
}

}  // namespace holdfast::launch
