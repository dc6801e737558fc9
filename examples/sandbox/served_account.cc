#include "examples/sandbox/served_account.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/world/real/http_server.h"
#include "controller/world/real/listener.h"

namespace holdfast::sandbox {
namespace {

constexpr size_t kMostAnswerBytes = 16 << 20;
constexpr absl::Duration kAnswersWithin = absl::Seconds(10);
constexpr absl::Duration kGrace = absl::Seconds(1);
// What the server itself writes.
constexpr std::string_view kOwnHeaders[] = {"content-length", "connection", "date", "content-type"};

json::array ListOf(const std::map<std::string, std::string>& dimensions) {
  json::array list;
  for (const auto& [name, value] : dimensions) list.push_back(json::object{{"Name", name}, {"Value", value}});
  return list;
}

json::object PutOf(const AlarmSpec& alarm) {
  json::array actions;
  for (const std::string& action : alarm.actions) actions.emplace_back(JsonView(action));
  return {{"AlarmName", alarm.name},
          {"Namespace", alarm.name_space},
          {"MetricName", alarm.metric},
          {"Dimensions", ListOf(alarm.dimensions)},
          {"Statistic", alarm.statistic},
          {"Period", absl::ToInt64Seconds(alarm.period)},
          {"EvaluationPeriods", alarm.evaluation_periods},
          {"ComparisonOperator", alarm.comparison},
          {"Threshold", alarm.threshold},
          {"AlarmActions", std::move(actions)}};
}

}  // namespace

ServedAccount::ServedAccount(boost::asio::any_io_executor executor, Clock& clock, AccountSpec spec)
    : executor_(std::move(executor)),
      clock_(clock),
      spec_(std::move(spec)),
      account_(clock.Now(), {.id = spec_.id, .region = spec_.region, .rates = spec_.rates}),
      http_(account_, clock) {
  http_.key = spec_.key;
  http_.takes = absl::ZeroDuration();  // the socket takes its own time
}
ServedAccount::~ServedAccount() = default;

std::string ServedAccount::url() const { return Cat("http://", spec_.listen); }

Status ServedAccount::LayOut() {
  for (const TableSpec& table : spec_.tables) {
    account_.AddTable(table.name, {.read = table.read, .write = table.write});
    for (const IndexSpec& index : table.indexes)
      account_.AddIndex(table.name, index.name, {.read = index.read, .write = index.write});
    account_.SetLoad(table.name, {.read = table.load.read, .write = table.load.write});
  }
  for (const std::string& image : spec_.images)
    account_.scene().machines.images[image] = {.id = image, .name = image};
  for (const GroupSpec& group : spec_.groups)
    account_.AddGroup({.name = group.name,
                       .min = group.min,
                       .max = group.max,
                       .desired = group.desired,
                       .balancers = group.balancers});
  for (const MetricSpec& metric : spec_.metrics)
    account_.SetMetric({metric.name_space, metric.name, metric.dimensions}, metric.value);
  try {
    for (const std::string& topic : spec_.topics)
      account_.Edit("sns", "CreateTopic", json::object{{"Name", topic}});
    for (const AlarmSpec& alarm : spec_.alarms) account_.Edit("cloudwatch", "PutMetricAlarm", PutOf(alarm));
  } catch (const std::exception& refused) {
    return FailedPrecondition(Cat("the account refuses its scene: ", refused.what()));
  }
  return {};
}

Status ServedAccount::Open() {
  HF_TRY(LayOut());
  Listener listener = HF_TRY(Listener::Tcp(spec_.listen));
  HttpServerLimits limits;
  limits.over_tcp = HttpServerLimits::OverTcp::kEverything;
  limits.most_requests = SIZE_MAX;
  server_ = std::make_unique<HttpServer>(
      executor_, [this](HttpQuery query) { return Answer(std::move(query)); }, limits);
  server_->Serve(std::move(listener));
  return {};
}

Task<void> ServedAccount::Close() {
  if (server_ == nullptr) co_return;
  co_await server_->Stop(kGrace);
  server_.reset();
}

Task<HttpReply> ServedAccount::Answer(HttpQuery query) {
  HttpRequest request{.method = std::move(query.method), .url = url() + query.target};
  request.headers = std::move(query.headers);
  request.body = std::move(query.body);
  Result<HttpResponse> response =
      co_await http_.Send(std::move(request), {kAnswersWithin, kMostAnswerBytes}, nullptr);
  if (!response.ok()) co_return ErrorReply(500, "TooLong", response.status().message(), "");
  HttpReply reply{.status = response->status,
                  .content_type = std::string(response->Header("content-type")),
                  .body = std::move(response->body)};
  for (auto& header : response->headers)
    if (std::ranges::count(kOwnHeaders, header.first) == 0) reply.headers.push_back(std::move(header));
  co_return reply;
}

}  // namespace holdfast::sandbox
