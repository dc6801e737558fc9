#include "reconcilers/launch_configuration/make.h"

#include <algorithm>

#include "controller/base/text.h"
#include "reconcilers/aws/tags.h"

namespace holdfast::launch {
namespace {

json::array Tags(const FromInstance& instance) {
  return aws::TagList(
      {{std::string(aws::kOwnerTag), "LaunchConfiguration"}, {std::string(kInstanceTag), instance.id}});
}

json::object DeviceJson(const BlockDevice& device) {
  json::object ebs;
  if (device.snapshot) ebs["SnapshotId"] = JsonView(*device.snapshot);
  if (device.size_gib) ebs["VolumeSize"] = *device.size_gib;
  if (device.type) ebs["VolumeType"] = JsonView(*device.type);
  if (device.iops) ebs["Iops"] = *device.iops;
  if (device.encrypted) ebs["Encrypted"] = *device.encrypted;
  if (device.delete_on_termination) ebs["DeleteOnTermination"] = *device.delete_on_termination;
  json::object out = {{"DeviceName", JsonView(device.device)}};
  if (!ebs.empty()) out["Ebs"] = std::move(ebs);
  return out;
}

std::string FlagText(const std::optional<bool>& flag) {
  if (!flag) return "none";
  return *flag ? "true" : "false";
}

std::string OrNone(const std::string& text) { return text.empty() ? "none" : text; }

// What the spec leaves out of a disk, the service fills in.
bool Fits(const BlockDevice& want, const BlockDevice& seen) {
  const auto fits = [](const auto& w, const auto& s) { return !w || w == s; };
  return fits(want.snapshot, seen.snapshot) && fits(want.type, seen.type) &&
         fits(want.size_gib, seen.size_gib) && fits(want.iops, seen.iops) &&
         fits(want.encrypted, seen.encrypted) && fits(want.delete_on_termination, seen.delete_on_termination);
}

void CompareDevices(const Spec& spec, const Config& seen, std::vector<Diff>& diffs) {
  for (const BlockDevice& want : spec.block_devices) {
    const auto found = std::ranges::find(seen.block_devices, want.device, &BlockDevice::device);
    const bool is_there = found != seen.block_devices.end();
    if (is_there && Fits(want, *found)) continue;
    diffs.push_back({Cat("blockDevices ", want.device), Compact(DeviceJson(want)),
                     is_there ? Compact(DeviceJson(*found)) : std::string("none")});
  }
}

// "web" and "arn:aws:iam::1:instance-profile/web" are one profile.
std::string_view ProfileName(std::string_view profile) {
  return profile.starts_with("arn:") ? profile.substr(profile.rfind('/') + 1) : profile;
}

}  // namespace

AwsCall CreateCall(const Spec& spec, const std::string& image) {
  json::object call = {{"LaunchConfigurationName", JsonView(spec.name)},
                       {"ImageId", JsonView(image)},
                       {"InstanceType", JsonView(spec.instance_type)}};
  if (!spec.security_groups.empty()) {
    json::array& groups = call["SecurityGroups"].emplace_array();
    for (const std::string& group : spec.security_groups) groups.emplace_back(JsonView(group));
  }
  if (spec.key_name) call["KeyName"] = JsonView(*spec.key_name);
  if (spec.instance_profile) call["IamInstanceProfile"] = JsonView(*spec.instance_profile);
  if (spec.spot_price) call["SpotPrice"] = JsonView(*spec.spot_price);
  if (spec.public_ip) call["AssociatePublicIpAddress"] = *spec.public_ip;
  if (spec.ebs_optimized) call["EbsOptimized"] = *spec.ebs_optimized;
  if (spec.detailed_monitoring)
    call["InstanceMonitoring"] = json::object{{"Enabled", *spec.detailed_monitoring}};
  if (spec.tenancy) call["PlacementTenancy"] = JsonView(TenancyText(*spec.tenancy));
  if (spec.metadata_tokens)
    call["MetadataOptions"] = json::object{{"HttpTokens", JsonView(TokensText(*spec.metadata_tokens))}};
  if (!spec.block_devices.empty()) {
    json::array& devices = call["BlockDeviceMappings"].emplace_array();
    for (const BlockDevice& device : spec.block_devices) devices.emplace_back(DeviceJson(device));
  }
  Text parameters(Compact(call));
  if (spec.user_data) {
    // The secret stands in a string of its own, at the end of the object.
    std::string& text = std::get<std::string>(parameters.pieces.front());
    text.pop_back();
    text += R"(,"UserData":")";
    parameters.pieces.emplace_back(SecretRef{specs::SecretName(*spec.user_data)});
    parameters.pieces.emplace_back(std::string("\"}"));
  }
  return aws::CallOf(spec.location, "autoscaling", "CreateLaunchConfiguration", std::move(parameters));
}

AwsCall ImageCall(const Spec& spec, const FromInstance& instance) {
  const json::object call = {
      {"InstanceId", JsonView(instance.id)},
      {"Name", JsonView(ImageName(spec))},
      {"NoReboot", instance.no_reboot},
      {"TagSpecifications", json::array{json::object{{"ResourceType", "image"}, {"Tags", Tags(instance)}}}}};
  return aws::CallOf(spec.location, "ec2", "CreateImage", Compact(call));
}

AwsCall DeleteCall(const Spec& spec) {
  return aws::CallOf(spec.location, "autoscaling", "DeleteLaunchConfiguration",
                     Compact(json::object{{"LaunchConfigurationName", JsonView(spec.name)}}));
}

std::vector<Diff> Differences(const Spec& spec, const Config& seen) {
  std::vector<Diff> diffs;
  const auto compare = [&](std::string_view path, const std::string& want, const std::string& have) {
    if (want != have) diffs.push_back({std::string(path), want, OrNone(have)});
  };
  const auto flag = [&](std::string_view path, const std::optional<bool>& want,
                        const std::optional<bool>& have) {
    // What the service does not tell is off.
    if (want && *want != have.value_or(false))
      diffs.push_back({std::string(path), FlagText(want), FlagText(have)});
  };
  if (const auto* image = std::get_if<std::string>(&spec.image)) compare("image", *image, seen.image);
  compare("instanceType", spec.instance_type, seen.instance_type);
  if (!spec.security_groups.empty()) {
    std::vector<std::string> groups = spec.security_groups;
    std::ranges::sort(groups);
    compare("securityGroups", Join(groups, ", "), Join(seen.security_groups, ", "));
  }
  if (spec.key_name) compare("keyName", *spec.key_name, seen.key_name);
  if (spec.instance_profile && ProfileName(*spec.instance_profile) != ProfileName(seen.instance_profile))
    diffs.push_back({"instanceProfile", *spec.instance_profile, OrNone(seen.instance_profile)});
  if (spec.spot_price) compare("spotPrice", *spec.spot_price, seen.spot_price);
  flag("publicIp", spec.public_ip, seen.public_ip);
  flag("ebsOptimized", spec.ebs_optimized, seen.ebs_optimized);
  flag("detailedMonitoring", spec.detailed_monitoring, seen.detailed_monitoring);
  if (spec.tenancy)
    compare("tenancy", std::string(TenancyText(*spec.tenancy)),
            seen.tenancy.empty() ? "default" : seen.tenancy);
  if (spec.metadata_tokens)
    compare("metadataTokens", std::string(TokensText(*spec.metadata_tokens)),
            seen.metadata_tokens.empty() ? "optional" : seen.metadata_tokens);
  CompareDevices(spec, seen, diffs);
  return diffs;
}

}  // namespace holdfast::launch
