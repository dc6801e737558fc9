#include "reconcilers/dynamodb_table/throttles.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "controller/base/single_flight.h"
#include "controller/base/text.h"
#include "reconcilers/clients/aws/document.h"

namespace holdfast::dynamodb {

// One series of one table.
struct Throttles::Kept {
  std::string table;
  SeriesKey key;
  absl::Duration window;
  absl::Time wanted_at;
  absl::Time asked_at = absl::InfinitePast();
  absl::Time failed_at = absl::InfinitePast();
  Series series;
  std::string failure = "never asked";  // "" when `series` is good

  bool is_long() const { return key.metric == Metric::kConsumedLong; }
  absl::Duration interval() const { return is_long() ? kLongInterval : kInterval; }
  absl::Duration period() const { return is_long() ? absl::Minutes(5) : absl::Minutes(1); }
  size_t points() const { return static_cast<size_t>(window / period()) + 1; }
  bool IsOld(absl::Time now) const { return asked_at < now - interval() && failed_at < now - kAfterFailure; }
};

struct Throttles::Account {
  std::map<std::pair<std::string, SeriesKey>, std::shared_ptr<Kept>> kept;
  SingleFlight asking;
};

namespace {

std::string_view MetricName(const SeriesKey& key) {
  const bool reads = key.dimension == Dimension::kRead;
  if (key.metric == Metric::kThrottled) return reads ? "ReadThrottleEvents" : "WriteThrottleEvents";
  return reads ? "ConsumedReadCapacityUnits" : "ConsumedWriteCapacityUnits";
}

json::object Dimension1(std::string_view name, std::string_view value) {
  return {{"Name", JsonView(name)}, {"Value", JsonView(value)}};
}

json::object Query(size_t id, std::string_view table, const SeriesKey& key, absl::Duration period) {
  json::array dimensions{Dimension1("TableName", table)};
  if (!key.index.empty()) dimensions.push_back(Dimension1("GlobalSecondaryIndexName", key.index));
  json::object metric{{"Namespace", "AWS/DynamoDB"},
                      {"MetricName", JsonView(MetricName(key))},
                      {"Dimensions", std::move(dimensions)}};
  return {{"Id", Cat("q", id)},
          {"MetricStat",
           json::object{
               {"Metric", std::move(metric)}, {"Period", absl::ToInt64Seconds(period)}, {"Stat", "Sum"}}}};
}

absl::Time FloorTo(absl::Time at, absl::Duration period) {
  return absl::UnixEpoch() + absl::Floor(at - absl::UnixEpoch(), period);
}

// `skew` is how far the clock of those who told them is ahead of ours.
void AddPoints(const json::value& result, absl::Duration skew, Series& series) {
  const auto times = aws::ListAt(result, "Timestamps"), values = aws::ListAt(result, "Values");
  if (!times || !values) return;
  for (size_t i = 0; i < std::min(times->size(), values->size()); ++i) {
    const json::value pair = json::object{{"t", *times->at(i)}, {"v", *values->at(i)}};
    const auto at = aws::TimeAt(pair, "t");
    const auto sum = aws::NumberAt(pair, "v");
    if (at && sum) series.points.push_back({*at - skew, *sum});
  }
}

}  // namespace

Task<Observed<Metrics>> Throttles::Of(aws::Client& client, aws::Target target, std::string table,
                                      std::vector<WantedSeries> wanted, absl::Duration deadline) {
  const absl::Duration until = clock_.Steady() + deadline;
  std::shared_ptr<Account>& slot =
      accounts_[Cat(target.account, " ", target.profile, " ", target.region, " ", target.endpoint)];
  if (!slot) slot = std::make_shared<Account>();
  const std::shared_ptr<Account> account = slot;
  std::vector<std::shared_ptr<Kept>> mine;
  for (const WantedSeries& one : wanted) {
    std::shared_ptr<Kept>& kept = account->kept[{table, one.key}];
    if (!kept) kept = std::make_shared<Kept>(Kept{.table = table, .key = one.key});
    if (kept->window < one.window) kept->asked_at = absl::InfinitePast();
    kept->window = one.window;
    kept->wanted_at = clock_.Now();
    mine.push_back(kept);
  }
  const auto is_old = [&](const std::shared_ptr<Kept>& one) { return one->IsOld(clock_.Now()); };
  while (std::ranges::any_of(mine, is_old)) {
    if (account->asking.under_way())
      co_await account->asking.End(clock_, until - clock_.Steady());
    else
      co_await Refresh(client, target, account, until - clock_.Steady());
    if (clock_.Steady() >= until) co_return Unknown{"CloudWatch did not answer in time"};
  }
  Metrics metrics;
  absl::Time at = absl::InfiniteFuture();
  for (const std::shared_ptr<Kept>& one : mine) {
    if (!one->failure.empty()) co_return Unknown{one->failure};
    metrics[one->key] = one->series;
    at = std::min(at, one->asked_at);
  }
  co_return Known<Metrics>{std::move(metrics), at};
}

Task<void> Throttles::Refresh(aws::Client& client, aws::Target target, std::shared_ptr<Account> account,
                              absl::Duration deadline) {
  const SingleFlight::Flight asking(account->asking);
  const absl::Duration until = clock_.Steady() + deadline;
  const absl::Time now = clock_.Now();
  // Nobody has wanted it for a while: its table is not looked at any more.
  std::erase_if(account->kept, [&](const auto& entry) {
    return entry.second->wanted_at < now - 3 * std::max(kLongInterval, entry.second->interval());
  });
  for (const bool is_long : {false, true}) {
    std::vector<std::shared_ptr<Kept>> some;
    size_t points = 0;
    std::vector<std::shared_ptr<Kept>> due;
    for (const auto& [key, kept] : account->kept)
      // What is nearly old goes with the rest.
      if (kept->is_long() == is_long && kept->asked_at < now - kept->interval() / 2) due.push_back(kept);
    for (size_t i = 0; i < due.size(); ++i) {
      some.push_back(due[i]);
      points += due[i]->points();
      const size_t next = i + 1 < due.size() ? due[i + 1]->points() : 0;
      if (i + 1 < due.size() && some.size() < kMostQueries && points + next <= kMostDatapoints) continue;
      co_await Ask(client, target, std::exchange(some, {}), until - clock_.Steady());
      points = 0;
    }
  }
}

Task<void> Throttles::Ask(aws::Client& client, aws::Target target, std::vector<std::shared_ptr<Kept>> some,
                          absl::Duration deadline) {
  const absl::Time now = clock_.Now();
  const absl::Duration period = some[0]->period();
  const absl::Duration skew = client.SkewOf(target, "cloudwatch");
  const absl::Time end = FloorTo(now + skew, absl::Minutes(1));
  absl::Duration window;
  json::array queries;
  for (size_t i = 0; i < some.size(); ++i) {
    window = std::max(window, some[i]->window);
    queries.push_back(Query(i, some[i]->table, some[i]->key, period));
  }
  json::value parameters = json::object{{"MetricDataQueries", std::move(queries)},
                                        {"StartTime", absl::ToUnixSeconds(FloorTo(end - window, period))},
                                        {"EndTime", absl::ToUnixSeconds(end)},
                                        {"ScanBy", "TimestampAscending"}};
  aws::Listing all = co_await client.ReadAll(
      {std::move(target), "cloudwatch", "GetMetricData", std::move(parameters)}, deadline);
  if (!all.ok()) {
    for (const std::shared_ptr<Kept>& one : some) {
      one->failure = all.failure ? all.failure->status.message() : "no page came";
      one->failed_at = now;
    }
    co_return;
  }
  for (const std::shared_ptr<Kept>& one : some) {
    one->series = {.period = period, .until = end - skew};
    one->asked_at = all.asked_at;
    one->failure = Cat("GetMetricData told nothing of ", MetricName(one->key));
  }
  // A series may come in several pages, of which the last one tells whether it is whole.
  for (const json::value& result : all.items) {
    const std::string id = aws::TextAt(result, "Id").value_or("");
    const size_t at = id.size() > 1 ? std::strtoull(id.c_str() + 1, nullptr, 10) : some.size();
    if (at >= some.size()) continue;
    AddPoints(result, skew, some[at]->series);
    const std::string status = aws::TextAt(result, "StatusCode").value_or("");
    some[at]->failure = status == "Complete" ? "" : Cat(MetricName(some[at]->key), " is ", status);
  }
  for (const std::shared_ptr<Kept>& one : some) std::ranges::sort(one->series.points, {}, &Datapoint::at);
}

}  // namespace holdfast::dynamodb
