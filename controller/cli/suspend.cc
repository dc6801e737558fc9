// holdfast suspend, holdfast resume
#include <boost/asio/io_context.hpp>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/select.h"
#include "controller/world/real/real_clock.h"

namespace holdfast::cli {
namespace {

// "" = until it is resumed.
Result<std::string> UntilIn(Call& call) {
  const std::string length = call.Flag("for"), until = call.Flag("until");
  if (!length.empty() && !until.empty())
    return InvalidArgument("--for and --until say the same thing: give one");
  if (!until.empty()) {
    if (const auto moment = ParseRfc3339(until)) return Rfc3339(*moment);
    return InvalidArgument(Cat("--until ", until, " is not a time such as 2026-11-20T10:00:00Z"));
  }
  if (length.empty()) return std::string();
  const auto duration = ParseDuration(length);
  if (!duration) return InvalidArgument(Cat("--for ", length, " is not a duration such as 2h or 30m"));
  boost::asio::io_context loop(1);
  return Rfc3339(RealClock(loop.get_executor()).Now() + *duration);
}

// Does the same to each; the first failure is told and ends it.
int ToEach(Call& call, const std::string& path, json::object body) {
  if (call.words().empty() != call.Has("all"))
    return call.Fail(kUsage, "name resources as KIND/NAME, or say --all");
  const auto keys = SelectToChange(call);
  if (!keys.ok())
    return call.IsDown() ? call.FailForDaemon(keys.status())
                         : call.Fail(keys.status(), "holdfast status lists every resource");
  json::array told;
  std::string text;
  for (const ResourceKey& key : *keys) {
    body["kind"] = key.kind;
    body["name"] = key.name;
    const Result<json::object> done = call.Post(path, body);
    if (!done.ok()) return call.FailForDaemon(done.status());
    told.push_back((*done).at("done"));
    Append(text, Text(*done, "done"), "\n");
  }
  call.Tell({{"formatVersion", 1}, {"done", std::move(told)}}, text);
  return kDone;
}

}  // namespace

int RunSuspend(Call& call) {
  const std::string reason = call.Flag("reason");
  if (reason.empty()) return call.Fail(kUsage, "--reason is missing: others will read why");
  const Result<std::string> until = UntilIn(call);
  if (!until.ok()) return call.Fail(kUsage, until.status().message());
  json::object body{{"reason", reason}};
  if (!until->empty()) body["until"] = *until;
  return ToEach(call, "/api/v1/suspend", std::move(body));
}

int RunResume(Call& call) { return ToEach(call, "/api/v1/resume", {}); }

}  // namespace holdfast::cli
