// What people write about a launch configuration of Auto Scaling.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reconcilers/aws/location.h"
#include "specs/field_table.h"
#include "specs/values.h"

namespace holdfast::launch {

// `{fromInstance: {id: i-0123456789abcdef0}}`: an image is made of it, waited for, then used.
struct FromInstance {
  std::string id;
  // Without a restart the image may hold files in the middle of being written.
  bool no_reboot = true;
  std::optional<std::string> name;  // of the image; the launch configuration's own without it
  bool operator==(const FromInstance&) const = default;
};
using ImageSource = std::variant<std::string, FromInstance>;

struct BlockDevice {
  std::string device;
  std::optional<std::string> snapshot, type;
  std::optional<int> size_gib, iops;
  std::optional<bool> encrypted, delete_on_termination;
  bool operator==(const BlockDevice&) const = default;
};

enum class Tenancy { kDefault, kDedicated };
enum class Tokens { kOptional, kRequired };

struct Spec {
  aws::Location location;
  std::string name;
  ImageSource image;
  std::string instance_type;
  std::vector<std::string> security_groups;
  std::optional<std::string> key_name, instance_profile, spot_price;
  std::optional<specs::Secret> user_data;
  std::optional<bool> public_ip, ebs_optimized, detailed_monitoring;
  std::optional<Tenancy> tenancy;
  std::optional<Tokens> metadata_tokens;
  std::vector<BlockDevice> block_devices;
};

const specs::FieldTable<Spec>& SpecFields();

// Null when the image is given by its id.
const FromInstance* InstanceOf(const Spec& spec);
// What the image that is made for it is called.
std::string ImageName(const Spec& spec);
std::string_view TenancyText(Tenancy tenancy);
std::string_view TokensText(Tokens tokens);

}  // namespace holdfast::launch
