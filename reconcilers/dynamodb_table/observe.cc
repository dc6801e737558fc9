#include "reconcilers/dynamodb_table/observe.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "controller/base/single_flight.h"
#include "controller/base/text.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/aws/tags.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/system.h"

namespace holdfast::dynamodb {
namespace {

constexpr size_t kMostRemembered = 20'000;
// What was read besides took longer: the table is read once more, because steps rest on it.
constexpr absl::Duration kReadAgainAfter = absl::Seconds(2);

std::string TextOf(const aws::Target& target) {
  return Cat(target.account, " ", target.profile, " ", target.region, " ", target.endpoint);
}

// What changes seldom and is not listed. Lost at a restart, which costs a few calls.
struct Seldom {
  Seldom(World&, Waker&) {}
  struct Of {
    Observed<std::map<std::string, std::string>> tags;
    absl::Time asked_at = absl::InfinitePast();
  };
  struct LimitsOf {
    Observed<Limits> limits;
    absl::Time asked_at = absl::InfinitePast();
    SingleFlight asking;
    Together together;
    absl::Time summed_at = absl::InfinitePast();
  };
  std::map<std::string, Of> tags;  // by target and ARN
  std::map<std::string, std::shared_ptr<LimitsOf>> limits;
};

aws::Wanted Listed(const Spec& spec, const std::string& name) {
  const aws::Target target = aws::TargetOf(spec.location);
  return {.listing = {target, "dynamodb", "ListTables", json::object()},
          .name = name,
          .one = {target, "dynamodb", "DescribeTable", json::object{{"TableName", name}}},
          .items = "Table",
          .described_for = kDescribedFor};
}

std::string TableOfResource(const json::value& target) {
  const std::string resource = aws::TextAt(target, "ResourceId").value_or("");
  const size_t at = resource.find("/index/");
  return at == std::string::npos ? resource : resource.substr(0, at);
}

aws::Wanted Targets(const Spec& spec, const Table& table) {
  const aws::Target target = aws::TargetOf(spec.location);
  json::array resources{json::string(JsonView(ResourceId(table.name, "")))};
  for (const Unit& index : table.indexes)
    resources.emplace_back(JsonView(ResourceId(table.name, index.index)));
  const json::value all = json::object{{"ServiceNamespace", "dynamodb"}};
  const json::value one = json::object{{"ServiceNamespace", "dynamodb"}, {"ResourceIds", resources}};
  return {.listing = {target, "application-autoscaling", "DescribeScalableTargets", all},
          .name = ResourceId(table.name, ""),
          .one = {target, "application-autoscaling", "DescribeScalableTargets", one},
          .items = "ScalableTargets",
          .group_of = TableOfResource};
}

Task<Observed<Limits>> ReadLimits(aws::Client* client, aws::Target target, absl::Duration deadline) {
  const aws::Reply reply =
      co_await client->Read({std::move(target), "dynamodb", "DescribeLimits", json::object()}, deadline);
  if (!reply.ok()) co_return Unknown{reply.status().message()};
  const auto read = aws::WholeAt(reply.body, "TableMaxReadCapacityUnits");
  const auto write = aws::WholeAt(reply.body, "TableMaxWriteCapacityUnits");
  if (!read || !write) co_return Unknown{"DescribeLimits tells no limits of a table"};
  co_return Known<Limits>{
      {.table_read = *read,
       .table_write = *write,
       .account_read = aws::WholeAt(reply.body, "AccountMaxReadCapacityUnits").value_or(*read),
       .account_write = aws::WholeAt(reply.body, "AccountMaxWriteCapacityUnits").value_or(*write)},
      reply.asked_at};
}

// The account's limits may be asked for once a minute, so everybody shares them.
Task<Observed<Limits>> SharedLimits(Clock* clock, aws::Client* client, std::shared_ptr<Seldom::LimitsOf> kept,
                                    aws::Target target, absl::Duration deadline) {
  const absl::Duration until = clock->Steady() + deadline;
  while (kept->asking.under_way() && clock->Steady() < until)
    co_await kept->asking.End(*clock, until - clock->Steady());
  if (kept->asking.under_way() || clock->Now() - kept->asked_at < kLimitsFor) co_return kept->limits;
  const SingleFlight::Flight asking(kept->asking);
  kept->asked_at = clock->Now();
  kept->limits = co_await ReadLimits(client, std::move(target), until - clock->Steady());
  co_return kept->limits;
}

// A lower bound: of tables that nobody declares nothing is known.
Together SumOf(const std::vector<aws::Item>& items) {
  Together sum;
  const auto add = [&](const Unit& unit) {
    sum.read += unit.provisioned.read;
    sum.write += unit.provisioned.write;
  };
  for (const aws::Item& item : items) {
    const Result<Table> table = ReadTable(*item);
    if (!table.ok()) continue;
    ++sum.tables;
    add(table->unit);
    for (const Unit& index : table->indexes) add(index);
  }
  return sum;
}

// Cooldowns are counted by our clock, so what the service says of its own is told in ours.
void ToOurTime(Table& table, absl::Duration skew) {
  const auto shift = [&](Unit& unit) {
    unit.provisioned.last_increase -= skew;
    unit.provisioned.last_decrease -= skew;
  };
  table.created -= skew;
  shift(table.unit);
  for (Unit& index : table.indexes) shift(index);
}

// Nothing when the table is there and can be read.
std::optional<Observed<State>> TakeTable(const Observed<aws::Item>& seen, absl::Duration skew, State& state) {
  std::optional<Observed<State>> instead;
  seen.Match(
      [&](const Known<aws::Item>& known) {
        Result<Table> table = ReadTable(*known.value);
        if (!table.ok()) {
          instead = Unknown{table.status().message()};
          return;
        }
        state.table = *std::move(table);
        state.described_at = known.at;
        ToOurTime(state.table, skew);
      },
      [&](const Absent& absent) { instead = absent; }, [&](const Unknown& unknown) { instead = unknown; });
  return instead;
}

bool WantsFresh(const Look& look) {
  return look.demanded > absl::InfinitePast() || !look.touched.empty() || look.Asks(aws::Inventory::kFresh);
}

void Need(std::vector<WantedSeries>& out, SeriesKey key, absl::Duration window) {
  const auto found = std::ranges::find_if(out, [&](const WantedSeries& one) { return one.key == key; });
  if (found == out.end())
    out.push_back({std::move(key), window});
  else
    found->window = std::max(found->window, window);
}

void SeriesOf(std::vector<WantedSeries>& out, const std::string& index, Dimension dimension,
              const Range& range) {
  if (range.raise) {
    Need(out, {index, dimension, Metric::kThrottled}, range.raise->on_throttle.window);
    Need(out, {index, dimension, Metric::kConsumed}, range.raise->on_throttle.window);
  }
  if (range.lower) Need(out, {index, dimension, Metric::kConsumedLong}, range.lower->lasting);
  if (range.above_max == AboveMax::kLower) Need(out, {index, dimension, Metric::kConsumedLong}, kUnusedFor);
}

}  // namespace

bool NamesCapacity(const Spec& spec) {
  return spec.capacity || std::ranges::any_of(spec.indexes, [](const auto& entry) {
           return entry.second.read || entry.second.write;
         });
}

std::vector<WantedSeries> SeriesFor(const Spec& spec, const Table& table) {
  std::vector<WantedSeries> series;
  const auto add = [&](const Unit& unit, Dimension dimension) {
    const Units* units = DeclaredUnits(spec, unit.index, dimension);
    if (units == nullptr) return;
    if (unit.index.empty() && !spec.capacity->planned.empty())
      Need(series, {unit.index, dimension, Metric::kConsumed}, kInUse);
    if (units->range() != nullptr)
      SeriesOf(series, unit.index, dimension, *units->range());
    else if (unit.provisioned.Of(dimension) > units->most())
      Need(series, {unit.index, dimension, Metric::kConsumed}, kInUse);
  };
  if (table.billing == Billing::kOnDemand) return series;
  for (const Dimension dimension : kDimensions) {
    add(table.unit, dimension);
    for (const Unit& index : table.indexes) add(index, dimension);
  }
  return series;
}

Task<Observed<State>> LookAtTable(Systems& systems, std::shared_ptr<const Spec> want, Look look) {
  Clock& clock = systems.world().clock;
  const absl::Duration until = clock.Steady() + kLookFor;
  const auto left = [&] { return until - clock.Steady(); };
  aws::Client& client = systems.Use<aws::System>().client;
  aws::Inventory& inventory = systems.Use<aws::Inventory>();
  Seldom& seldom = systems.Use<Seldom>();
  const aws::Target target = aws::TargetOf(want->location);
  const std::string name = TableName(*want);
  const auto skew = [&] { return client.SkewOf(target, "dynamodb"); };

  State state;
  Look at_table = look;
  if (look.Asks(kTableAnew)) at_table.demanded = std::max(look.demanded, look.not_older_than);
  const Observed<aws::Item> first =
      co_await inventory.See(client, Listed(*want, name), std::move(at_table), left());
  if (std::optional<Observed<State>> early = TakeTable(first, skew(), state)) co_return *std::move(early);

  if (std::vector<WantedSeries> series = SeriesFor(*want, state.table); !series.empty())
    state.metrics = co_await systems.Use<Throttles>().Of(client, target, name, std::move(series), left());
  if (NamesCapacity(*want)) {
    const Observed<aws::Item> targets =
        co_await inventory.See(client, Targets(*want, state.table), look, left());
    targets.Match(
        [&](const Known<aws::Item>& known) {
          state.targets = Known<std::vector<ScalableTarget>>{ReadTargets(*known.value), known.at};
        },
        [&](const Absent& absent) { state.targets = absent; },
        [&](const Unknown& unknown) { state.targets = unknown; });
  }
  if (!want->tags.empty()) {
    const std::string key = Cat(TextOf(target), " ", state.table.arn);
    if (seldom.tags.size() > kMostRemembered) seldom.tags.clear();
    if (WantsFresh(look) || seldom.tags[key].asked_at < clock.Now() - kTagsFor) {
      const absl::Time asked_at = clock.Now();
      auto tags = co_await aws::ReadTags(
          client, {target, "dynamodb", "ListTagsOfResource", json::object{{"ResourceArn", state.table.arn}}},
          left());
      seldom.tags[key] = {std::move(tags), asked_at};
    }
    state.tags = seldom.tags[key].tags;
  }
  if (NamesCapacity(*want) && WantsFresh(look)) {
    std::shared_ptr<Seldom::LimitsOf>& kept = seldom.limits[TextOf(target)];
    if (!kept) kept = std::make_shared<Seldom::LimitsOf>();
    const std::shared_ptr<Seldom::LimitsOf> shared = kept;
    state.limits = co_await SharedLimits(&clock, &client, shared, target, left());
    if (clock.Now() - shared->summed_at > kSummedFor) {
      shared->together = SumOf(inventory.Kept(Listed(*want, name).listing));
      shared->summed_at = clock.Now();
    }
    state.together = shared->together;
  }
  if (WantsFresh(look) && clock.Now() - state.described_at > kReadAgainAfter) {
    look.demanded = clock.Now();
    const Observed<aws::Item> again = co_await inventory.See(client, Listed(*want, name), look, left());
    if (std::optional<Observed<State>> early = TakeTable(again, skew(), state)) co_return *std::move(early);
  }
  const absl::Time at = state.described_at;
  co_return Known<State>{std::move(state), at};
}

}  // namespace holdfast::dynamodb
