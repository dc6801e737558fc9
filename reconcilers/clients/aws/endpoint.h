// Where a service of a region is reached.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "reconcilers/clients/aws/profile.h"
#include "reconcilers/clients/aws/service.h"

namespace holdfast::aws {

struct Endpoint {
  std::string url;     // "https://dynamodb.us-east-1.amazonaws.com", without a path
  std::string host;    // as the Host header says it
  std::string region;  // of the signature
  bool operator==(const Endpoint&) const = default;
};

struct EndpointQuestion {
  std::string region;
  std::string given;    // by the spec; wins when it is not empty
  std::string profile;  // "" is $AWS_PROFILE or "default"
};

// In this order: what the spec gives, $AWS_ENDPOINT_URL_<SERVICE>, $AWS_ENDPOINT_URL, the profile's services
// section, the profile's endpoint_url, the partition's own name. $AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true
// leaves out all but the first and the last. InvalidArgument: a region or URL that cannot be one.
Result<Endpoint> EndpointOf(const Service& service, const EndpointQuestion& question,
                            const clients::ClientSettings& settings, const SharedConfig& config);

// The profile that counts when none is named.
std::string ProfileName(std::string_view named, const clients::ClientSettings& settings);

}  // namespace holdfast::aws
