#include "reconcilers/clients/aws/endpoint.h"

#include <algorithm>
#include <array>
#include <optional>

#include "controller/base/text.h"

namespace holdfast::aws {

namespace {

// By how the region's name begins; the first that fits.
struct Partition {
  std::string_view prefix, suffix;
};
constexpr std::array kPartitions = {
    Partition{"cn-", "amazonaws.com.cn"},    Partition{"us-isob-", "sc2s.sgov.gov"},
    Partition{"us-isof-", "csp.hci.ic.gov"}, Partition{"us-iso-", "c2s.ic.gov"},
    Partition{"eu-isoe-", "cloud.adc-e.uk"}, Partition{"eusc-", "amazonaws.eu"},
    Partition{"", "amazonaws.com"},
};
constexpr size_t kMostRegion = 40;

// A region becomes a part of a host's name, so nothing else may get in with it.
bool IsRegion(std::string_view region) {
  return !region.empty() && region.size() <= kMostRegion && region.front() != '-' && region.back() != '-' &&
         region.find('-') != std::string_view::npos && std::ranges::all_of(region, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// IAM-like global services would need a row here; all of ours are regional.
std::string OwnUrl(const Service& service, std::string_view region) {
  const auto partition =
      std::ranges::find_if(kPartitions, [&](const Partition& one) { return region.starts_with(one.prefix); });
  return Cat("https://", service.host, ".", region, ".", partition->suffix);
}

std::optional<std::string> Configured(const Service& service, const EndpointQuestion& question,
                                      const clients::ClientSettings& settings, const SharedConfig& config) {
  if (Lower(EnvironmentOf(settings, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) == "true") return std::nullopt;
  if (std::string url = EnvironmentOf(settings, Cat("AWS_ENDPOINT_URL_", service.id)); !url.empty())
    return url;
  if (std::string url = EnvironmentOf(settings, "AWS_ENDPOINT_URL"); !url.empty()) return url;
  const auto profile = config.profiles.find(ProfileName(question.profile, settings));
  if (profile == config.profiles.end()) return std::nullopt;
  if (const auto name = PropertyOf(profile->second, "services"))
    if (const auto services = config.services.find(*name); services != config.services.end())
      if (auto url = PropertyOf(services->second, Cat(Lower(service.id), ".endpoint_url"))) return url;
  return PropertyOf(profile->second, "endpoint_url");
}

// "https://host:port" of a URL; the signature needs the Host header as it will be sent.
Result<Endpoint> FromUrl(std::string_view url, const std::string& region) {
  const bool is_https = url.starts_with("https://"), is_http = url.starts_with("http://");
  while (url.ends_with('/')) url.remove_suffix(1);
  std::string_view host = url.substr(std::min(url.size(), is_https ? size_t{8} : size_t{7}));
  const bool is_odd = host.empty() || host.find_first_of("/?#@ \t\r\n\\") != std::string_view::npos;
  if ((!is_https && !is_http) || is_odd)
    return InvalidArgument(
        Cat("not an endpoint (http://HOST:PORT or https://HOST:PORT): ", Excerpt(url, 100)));
  const std::string_view own_port = is_https ? ":443" : ":80";
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  return Endpoint{std::string(url), Lower(host), region};
}

}  // namespace

std::string ProfileName(std::string_view named, const clients::ClientSettings& settings) {
  if (!named.empty()) return std::string(named);
  for (const std::string_view variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (std::string name = EnvironmentOf(settings, variable); !name.empty()) return name;
  return "default";
}

Result<Endpoint> EndpointOf(const Service& service, const EndpointQuestion& question,
                            const clients::ClientSettings& settings, const SharedConfig& config) {
  if (!IsRegion(question.region))
    return InvalidArgument(Cat("not a region: '", Excerpt(question.region, 60), "'"));
  if (!question.given.empty()) return FromUrl(question.given, question.region);
  if (const auto url = Configured(service, question, settings, config)) return FromUrl(*url, question.region);
  return FromUrl(OwnUrl(service, question.region), question.region);
}

}  // namespace holdfast::aws
