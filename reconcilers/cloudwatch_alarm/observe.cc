#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/aws/tags.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/system.h"
#include "reconcilers/cloudwatch_alarm/kind.h"
#include "reconcilers/cloudwatch_alarm/turns.h"

namespace holdfast {
namespace {

using namespace alarm;

constexpr absl::Duration kDeadline = absl::Seconds(50);

aws::Wanted WantedOf(const Spec& spec) {
  const aws::Target target = aws::TargetOf(spec.location);
  const json::array types = {"MetricAlarm"};
  return {.listing = {target, "cloudwatch", "DescribeAlarms",
                      json::object{{"AlarmTypes", types}, {"MaxRecords", 100}}},
          .name_member = "AlarmName",
          .name = spec.name,
          .one = {target, "cloudwatch", "DescribeAlarms",
                  json::object{{"AlarmNames", json::array{JsonView(spec.name)}}, {"AlarmTypes", types}}},
          .items = "MetricAlarms",
          .many = "AlarmNames"};
}

}  // namespace

Task<Observed<alarm::State>> CloudWatchAlarm::Observe(Systems& systems, std::shared_ptr<const Spec> want,
                                                      Look look) {
  aws::Client& client = systems.Use<aws::System>().client;
  const ResourceKey self = look.self;
  const absl::Time fresh_since = look.not_older_than;
  State state;
  WriteTurns& turns = systems.Use<WriteTurns>();
  if (look.Asks(kAskTurn)) {
    const std::string account =
        Cat(want->location.account.value_or(want->location.profile.value_or("")), "/", want->location.region);
    state.more_severe = turns.Want(account, want->severity, self);
  } else {
    turns.Done(self);
  }
  const bool asks_tags = look.Asks(kAskTags);
  // What describes the call is let go before the waiting begins.
  Task<Observed<aws::Item>> seeing =
      systems.Use<aws::Inventory>().See(client, WantedOf(*want), std::move(look), kDeadline);
  const Observed<aws::Item> item = co_await std::move(seeing);
  std::string trouble;
  absl::Time at;
  item.Match(
      [&](const Known<aws::Item>& known) {
        at = known.at;
        std::optional<Alarm> read = ReadAlarm(*known.value);
        if (!read) trouble = "what DescribeAlarms told is not an alarm";
        if (read) state.alarm = Known<Boxed<Alarm>>{*std::move(read), known.at};
        if (known.at >= fresh_since) state.read = State::Read::kTargeted;
      },
      [&](const Absent& absent) {
        at = absent.at;
        state.alarm = absent;
        state.read = State::Read::kTargeted;
      },
      [&](const Unknown& unknown) { trouble = unknown.reason; });
  if (!trouble.empty()) co_return Unknown{trouble};
  if (const auto* known = std::get_if<Known<Boxed<Alarm>>>(&state.alarm); known != nullptr && asks_tags)
    state.tags = co_await aws::ReadTags(client,
                                        {aws::TargetOf(want->location), "cloudwatch", "ListTagsForResource",
                                         json::object{{"ResourceARN", JsonView(known->value->arn)}}},
                                        kDeadline);
  co_return Observed<State>(std::move(state), at);
}

}  // namespace holdfast
