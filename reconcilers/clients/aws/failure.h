// Why a call came to nothing, and whether it may have done something all the same.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "reconcilers/clients/aws/decode.h"

namespace holdfast::aws {

enum class Trouble {
  kThrottled,    // too many calls: nothing was done, slower from now on
  kTransient,    // the service is not well
  kBusy,         // something else is under way on that object: nothing was done
  kQuota,        // a limit that waiting a second does not lift: nothing was done
  kMissing,      // what was named is not there
  kDenied,       // the credentials may not do this
  kExpired,      // the credentials are not valid any more
  kSkewed,       // our clock is not the service's
  kMaybeSkewed,  // the signature was refused, which a wrong clock may explain
  kRefused,      // the service read the call and said no
  kForeign,      // something that is not AWS answered, or what came is not a whole answer
  kUnreached,    // no answer
  kOurs,         // it could not be sent: parameters, credentials, account, rate
};
std::string_view TroubleName(Trouble trouble);

enum class Applied { kNo, kMaybe };

struct Failure {
  Trouble trouble = Trouble::kOurs;
  ServiceError error;  // code "" unless the service itself spoke
  Status status;       // names service, operation and region
  Applied applied = Applied::kNo;
};

// By code and message where the table knows them, else by HTTP status.
Trouble Classify(std::string_view service, const ServiceError& error);
// Whether a call that failed so may have been performed.
Applied AppliedDespite(Trouble trouble);
Code CodeOf(Trouble trouble);
// Whether asking the same again soon may help.
bool IsPassing(Trouble trouble);

}  // namespace holdfast::aws
