// A launch configuration, the image that is made for it, and who uses it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/json.h"
#include "controller/plan/observed.h"
#include "reconcilers/launch_configuration/spec.h"

namespace holdfast::launch {

struct Config {
  std::string image, instance_type, key_name, instance_profile, spot_price, tenancy, metadata_tokens;
  std::vector<std::string> security_groups;  // ordered
  std::optional<bool> public_ip, ebs_optimized, detailed_monitoring;
  std::vector<BlockDevice> block_devices;  // by device
  bool operator==(const Config&) const = default;
};

struct Image {
  std::string id, state, reason;
  std::string instance;  // which one it was made of, by its tag
  bool operator==(const Image&) const = default;
};

struct Quota {
  int64_t used = 0, most = 0;
  bool operator==(const Quota&) const = default;
};

struct State {
  Fact<Config> config = Absent{};
  enum class Read { kSwept, kTargeted } read = Read::kSwept;
  // Whether its user data is what the spec's secret says now. Neither text is kept.
  Observed<bool> same_user_data = Unknown{"the spec has no user data"};
  // Looked for while there is no launch configuration.
  Observed<Image> image = Unknown{"it was not looked for"};
  Observed<Quota> quota = Unknown{"it was not asked for"};
  // Groups and instances that use it; looked for when a decision asks.
  Observed<std::vector<std::string>> users = Unknown{"they were not asked for"};
};

// What a decision asks for beside Inventory::kFresh.
inline constexpr std::string_view kAskUsers = "users";

// Of an image that we made, beside the tag of ours: the instance that it is of.
inline constexpr std::string_view kInstanceTag = "holdfast:instance";

// Nothing when the item is not one.
std::optional<Config> ReadConfig(const json::value& item);
std::optional<Image> ReadImage(const json::value& item);

}  // namespace holdfast::launch
