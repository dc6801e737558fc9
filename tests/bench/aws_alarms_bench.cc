// Many alarms in a simulated account under the virtual clock: aws_alarms_bench [ALARMS] [CHANGES]
//   calls of a sweep, throttles, how long changes take at the published rate, bytes of a resource
#include <cstdio>
#include <cstdlib>
#include <string>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "tests/bench/measure.h"
#include "tests/sim/account_seat.h"
#include "tests/sim/harness.h"

namespace holdfast {
namespace {

using sandbox::aws::Account;

constexpr int kDocumentsOfFile = 100;
constexpr double kPutsASecond = 3;  // PutMetricAlarm's published rate
constexpr absl::Duration kLongest = absl::Hours(3);

std::string AlarmText(int number, int threshold) {
  return Cat("---\napiVersion: holdfast/v1\nkind: CloudWatchAlarm\nmetadata: {name: alarm-", number,
             "}\npolicy: {mode: act, interval: 30s}\nspec:\n  region: us-east-1\n  name: alarm-", number,
             "\n  namespace: AWS/ELB\n  metric: Latency\n  dimensions: {LoadBalancerName: lb-", number,
             "}\n  statistic: Average\n  period: 5m\n  evaluationPeriods: 2\n  threshold: ", threshold,
             "\n  comparison: GreaterThanOrEqualToThreshold\n  actions: "
             "{alarm: [{arn: \"arn:aws:sns:us-east-1:123456789012:ops\"}]}\n");
}

json::object PutOf(int number) {
  return {
      {"AlarmName", Cat("alarm-", number)},
      {"Namespace", "AWS/ELB"},
      {"MetricName", "Latency"},
      {"Dimensions", json::array{json::object{{"Name", "LoadBalancerName"}, {"Value", Cat("lb-", number)}}}},
      {"Statistic", "Average"},
      {"Period", 300},
      {"EvaluationPeriods", 2},
      {"Threshold", 1},
      {"ComparisonOperator", "GreaterThanOrEqualToThreshold"},
      {"AlarmActions", json::array{"arn:aws:sns:us-east-1:123456789012:ops"}}};
}

// What the simulated disk holds in memory: each file as programs see it, and as it was synced.
double DiskBytes(const sim::Harness& h) {
  double bytes = 0;
  for (const std::string& name : h.disk.Names())
    bytes += 2.0 * static_cast<double>(h.disk.Content(name).size());
  return bytes;
}

int AskedOf(const Account& account, const std::string& action) {
  const auto found = account.asked().find(action);
  return found == account.asked().end() ? 0 : found->second;
}

int Main(int alarms, int changes) {
  SetLeastSeverity(Severity::kWarning);
  sim::Harness h;
  auto& seat = h.Add<sim::AccountSeat>(h);
  for (int i = 0; i < alarms; ++i) seat.account.Edit("cloudwatch", "PutMetricAlarm", PutOf(i));
  h.clock.AdvanceTo(h.clock.Steady() + absl::Minutes(10));
  seat.Now();
  double text = 0;
  for (int i = 0; i < alarms; i += kDocumentsOfFile) {
    std::string file;
    for (int j = i; j < std::min(alarms, i + kDocumentsOfFile); ++j) file += AlarmText(j, 1);
    text += static_cast<double>(file.size());
    h.SetSpec(Cat("file-", i / kDocumentsOfFile), file);
  }
  malloc_trim(0);
  const double before = AllocatedBytes();
  h.Start();
  const auto all_settled = [&] {
    for (int i = 0; i < alarms; ++i)
      if (!h.IsSettled({"CloudWatchAlarm", Cat("alarm-", i)})) return false;
    return true;
  };
  for (absl::Duration waited; !all_settled(); waited += absl::Seconds(30)) {
    if (waited > kLongest) return std::fprintf(stderr, "never settled\n"), 1;
    h.RunFor(absl::Seconds(30));
  }
  const double bytes = (AllocatedBytes() - before - text - DiskBytes(h)) / alarms;

  constexpr int kSweeps = 10;
  const int calls = AskedOf(seat.account, "cloudwatch:DescribeAlarms");
  h.RunFor(30 * absl::Seconds(kSweeps));
  const double sweep =
      static_cast<double>(AskedOf(seat.account, "cloudwatch:DescribeAlarms") - calls) / kSweeps;

  const absl::Duration began = h.clock.Steady();
  for (int i = 0; i < changes; i += kDocumentsOfFile) {
    std::string file;
    for (int j = i; j < i + kDocumentsOfFile; ++j) file += AlarmText(j, j < changes ? 2 : 1);
    h.SetSpec(Cat("file-", i / kDocumentsOfFile), file);
  }
  const int wanted = changes;
  const bool done =
      h.RunUntil([&] { return AskedOf(seat.account, "cloudwatch:PutMetricAlarm") >= wanted; }, kLongest);
  const double took = absl::ToDoubleSeconds(h.clock.Steady() - began), allowed = changes / kPutsASecond;
  h.RunFor(absl::Minutes(2));
  std::printf(
      "%d alarms: %.1f calls of DescribeAlarms a sweep, at most %.0f bytes a resource beyond its text\n",
      alarms, sweep, bytes);
  std::printf("%d changes: %.0f s, %.3f x the %.0f s that the rate allows; %d writes%s\n", changes, took,
              took / allowed, allowed, AskedOf(seat.account, "cloudwatch:PutMetricAlarm"),
              done && all_settled() ? "" : "; NOT ALL SETTLED");
  std::printf("throttled: %d\n", seat.account.throttled());
  return 0;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  return holdfast::Main(argc > 1 ? std::atoi(argv[1]) : 10'000, argc > 2 ? std::atoi(argv[2]) : 1000);
}
