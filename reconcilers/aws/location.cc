#include "reconcilers/aws/location.h"

#include <utility>

#include "controller/base/text.h"

namespace holdfast::aws {
const specs::FieldTable<Location>& LocationFields() {
  static const specs::FieldTable<Location> table =
      specs::FieldTable<Location>("Where in AWS it is.")
          .Field("region", &Location::region, "The region's code.",
                 {.required = true, .max_length = 32, .example = "us-east-1"})
          .Field("account", &Location::account,
                 "Its account's twelve digits, quoted. Credentials of any other are refused.",
                 {.pattern = "[0-9]{12}", .pattern_says = "twelve digits", .example = "\"123456789012\""})
          .Field("profile", &Location::profile,
                 "The profile of the shared configuration that signs the calls.", {.max_length = 128})
          .Field(
              "endpoint", &Location::endpoint,
              "A server that answers in the service's place. Without it, AWS_ENDPOINT_URL[_SERVICE] or the "
              "shared configuration's endpoint_url.",
              {.max_length = 512, .example = "http://127.0.0.1:5000"});
  return table;
}

Target TargetOf(const Location& location) {
  return {.account = location.account.value_or(""),
          .region = location.region,
          .profile = location.profile.value_or(""),
          .endpoint = location.endpoint.value_or("")};
}

std::string ClaimOf(const Location& location, std::string_view service, std::string_view sort,
                    std::string_view name) {
  const std::string owner =
      location.account ? *location.account : Cat("profile ", location.profile.value_or("default"));
  return Cat("aws:", owner, "/", location.region, "/", service, "/", sort, "/", name);
}

AwsCall CallOf(const Location& location, std::string_view service, std::string_view operation,
               Text parameters) {
  return {.account = location.account.value_or(""),
          .region = location.region,
          .profile = location.profile.value_or(""),
          .endpoint = location.endpoint.value_or(""),
          .service = std::string(service),
          .operation = std::string(operation),
          .parameters = std::move(parameters)};
}

}  // namespace holdfast::aws
