#include "examples/sandbox/aws/ground.h"

#include <algorithm>

#include "controller/base/sha256.h"

namespace holdfast::sandbox::aws {

std::string Ground::NewId(std::string_view prefix) {
  return Cat(prefix, Sha256Hex(Cat(account, " ", next_id++)).substr(0, 17));
}

std::string Ground::NewUuid() {
  const std::string hex = Sha256Hex(Cat(account, " ", next_id++));
  return Cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-4", hex.substr(13, 3), "-a", hex.substr(17, 3), "-",
             hex.substr(20, 12));
}

// ── topics ──

absl::Time Topics::NextEvent() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [arn, subscription] : subscriptions)
    if (subscription.is == Subscription::Is::kPending)
      next = std::min(next, subscription.asked_at + kPendingFor);
  return next;
}

void Topics::Due(absl::Time now) {
  std::erase_if(subscriptions, [&](const auto& entry) {
    return entry.second.is == Subscription::Is::kPending && entry.second.asked_at + kPendingFor <= now;
  });
}

// ── machines ──

const LaunchTemplate* Machines::Template(const std::string& id, const std::string& name) const {
  for (const auto& [key, one] : templates)
    if ((!id.empty() && key == id) || (id.empty() && one.name == name)) return &one;
  return nullptr;
}

absl::Time Machines::NextEvent() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [id, image] : images) next = std::min(next, image.due);
  return next;
}

void Machines::Due(absl::Time now) {
  for (auto& [id, image] : images) {
    if (image.due > now) continue;
    image.due = absl::InfiniteFuture();
    image.is = Image::Is::kAvailable;
  }
}

// ── balancers ──

Health HealthIn(const Balancers& balancers, const Balancer& balancer, const Machines& machines,
                const std::string& instance, absl::Time now) {
  const auto found = balancer.registered.find(instance);
  if (found == balancer.registered.end()) return Health::kNotRegistered;
  if (found->second + balancers.lag > now) return Health::kComing;
  const auto machine = machines.all.find(instance);
  const bool serves = machine != machines.all.end() && machine->second.ServesAt(now - balancers.lag);
  return serves ? Health::kHealthy : Health::kUnhealthy;
}

// ── metrics ──

void Metrics::Set(const MetricName& metric, std::optional<double> value, absl::Time now) {
  std::vector<Gauge::Piece>& pieces = gauges[metric].pieces;
  if (!pieces.empty() && pieces.back().since == now) pieces.pop_back();
  pieces.push_back({now, value});
}

namespace {

absl::Time MinuteOf(absl::Time time) { return absl::FromUnixSeconds(absl::ToUnixSeconds(time) / 60 * 60); }

std::optional<double> GaugeAt(const Gauge& gauge, absl::Time time) {
  std::optional<double> value;
  for (const Gauge::Piece& piece : gauge.pieces)
    if (piece.since <= time) value = piece.value;
  return value;
}

const Provisioned* CapacityOf(const Ground& ground, const MetricName& metric) {
  const auto name = metric.dimensions.find("TableName");
  if (metric.space != "AWS/DynamoDB" || name == metric.dimensions.end()) return nullptr;
  const auto table = ground.tables.all.find(name->second);
  if (table == ground.tables.all.end()) return nullptr;
  const auto index_name = metric.dimensions.find("GlobalSecondaryIndexName");
  if (index_name == metric.dimensions.end()) return &table->second;
  const auto index = table->second.indexes.find(index_name->second);
  return index == table->second.indexes.end() ? nullptr : &index->second;
}

std::optional<double> OfSamples(const std::vector<double>& samples, std::string_view statistic) {
  if (samples.empty()) return std::nullopt;
  double sum = 0;
  for (const double sample : samples) sum += sample;
  if (statistic == "Sum") return sum;
  if (statistic == "Minimum") return std::ranges::min(samples);
  if (statistic == "Maximum") return std::ranges::max(samples);
  if (statistic == "SampleCount") return static_cast<double>(samples.size());
  return sum / static_cast<double>(samples.size());
}

}  // namespace

std::optional<double> Statistic(const Ground& ground, const MetricName& metric, std::string_view statistic,
                                absl::Time from, absl::Time to, absl::Time now) {
  const absl::Time seen = MinuteOf(now - ground.metrics.delay);
  if (const Provisioned* part = CapacityOf(ground, metric)) {
    const std::optional<double> sum = TableMetric(*part, metric.name, from, std::min(to, seen));
    if (!sum || metric.name.starts_with("Provisioned")) return sum;
    if (statistic == "SampleCount") return sum;
    return statistic == "Sum" ? *sum : 1.0;  // of consumed units, a mean is one of requests
  }
  const auto gauge = ground.metrics.gauges.find(metric);
  if (gauge == ground.metrics.gauges.end()) return std::nullopt;
  std::vector<double> samples;
  for (absl::Time at = MinuteOf(from); at < std::min(to, seen); at += kSample)
    if (const auto value = GaugeAt(gauge->second, at); value && at >= from) samples.push_back(*value);
  return OfSamples(samples, statistic);
}

}  // namespace holdfast::sandbox::aws
