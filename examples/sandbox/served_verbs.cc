#include "examples/sandbox/served_verbs.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <vector>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::sandbox {
namespace {

using Words = std::span<const std::string>;

constexpr size_t kMostTold = 50;

Result<ServedAccount*> AccountOf(Stage& stage) {
  if (stage.account() == nullptr) return FailedPrecondition("the scenario has no account of AWS");
  return stage.account();
}

std::string_view ByText(By by) {
  switch (by) {
    case By::kController:
      return "by a client";
    case By::kPerson:
      return "by hand";
    case By::kSupervisor:
    case By::kNature:
      break;
  }
  return "came about";
}

Result<std::string> KnownAction(const std::string& action) {
  const size_t colon = action.find(':');
  const std::string service = action.substr(0, colon);
  if (colon != std::string::npos && aws::FindRow(service, action.substr(colon + 1)) != nullptr) return action;
  std::vector<std::string> known;
  for (const aws::Row& row : aws::Rows()) known.push_back(Cat(row.service, ":", row.operation));
  const std::string_view meant =
      DidYouMean(action, std::vector<std::string_view>(known.begin(), known.end()));
  return NotFound(Cat("there is no action ", Excerpt(action, 60),
                      meant.empty() ? "" : Cat("; did you mean ", meant, "?")));
}

}  // namespace

Result<std::string> TellAccount(Stage& stage, Words) {
  ServedAccount* served = HF_TRY(AccountOf(stage));
  const aws::Ground& ground = served->account().ground();
  std::string out = Cat("account ", ground.account, " in ", ground.region, " at ", served->url(), "\n");
  for (const auto& [name, table] : ground.tables.all)
    Append(out, "table ", name, ": ", StateName(table.is), ", ", table.throughput.read, " reads, ",
           table.throughput.write, " writes\n");
  for (const auto& [name, group] : ground.groups.all)
    Append(out, "group ", name, ": min ", group.min, ", max ", group.max, ", desired ", group.desired, ", ",
           Count(group.members.size(), "instance"), "\n");
  for (const auto& [name, alarm] : ground.alarms.all) Append(out, "alarm ", name, ": ", alarm.state, "\n");
  for (const auto& [arn, topic] : ground.topics.all) Append(out, "topic ", topic.name, "\n");
  const auto& effects = served->account().effects();
  for (size_t i = effects.size() - std::min(effects.size(), kMostTold); i < effects.size(); ++i)
    Append(out, Rfc3339(absl::FromUnixMillis(absl::ToUnixMillis(effects[i].at))), "  ", effects[i].whom, "  ",
           effects[i].what, " ", ByText(effects[i].by), "\n");
  return out;
}

Result<std::string> LoadTable(Stage& stage, Words words) {
  ServedAccount* served = HF_TRY(AccountOf(stage));
  if (!served->account().ground().tables.all.contains(words[0]))
    return NotFound(Cat("there is no table ", Excerpt(words[0], 60)));
  aws::Load load;
  if (!absl::SimpleAtod(words[1], &load.read) || !absl::SimpleAtod(words[2], &load.write) || load.read < 0 ||
      load.write < 0)
    return InvalidArgument("units a second are numbers from zero on");
  served->account().SetLoad(words[0], load);
  return Cat(words[0], ": ", load.read, " reads and ", load.write, " writes a second are wanted of it\n");
}

Result<std::string> DenyAction(Stage& stage, Words words) {
  ServedAccount* served = HF_TRY(AccountOf(stage));
  const std::string action = HF_TRY(KnownAction(words[0]));
  served->account().Deny(action);
  return Cat(action, ": denied\n");
}

Result<std::string> AllowAction(Stage& stage, Words words) {
  ServedAccount* served = HF_TRY(AccountOf(stage));
  const std::string action = HF_TRY(KnownAction(words[0]));
  served->account().Allow(action);
  return Cat(action, ": allowed\n");
}

}  // namespace holdfast::sandbox
