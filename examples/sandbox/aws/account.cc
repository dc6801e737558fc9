#include "examples/sandbox/aws/account.h"

#include <algorithm>
#include <stdexcept>

#include "examples/sandbox/aws/answers.h"

namespace holdfast::sandbox::aws {
namespace {

// Published numbers of calls a second, and how many may come at once.
struct Rate {
  std::string_view service, operation;
  double per_second, burst;
};
constexpr Rate kRates[] = {
    {"cloudwatch", "DeleteAlarms", 3, 3},
    {"cloudwatch", "DescribeAlarms", 9, 9},
    {"cloudwatch", "DisableAlarmActions", 3, 3},
    {"cloudwatch", "EnableAlarmActions", 3, 3},
    {"cloudwatch", "GetMetricData", 50, 50},
    {"cloudwatch", "ListMetrics", 25, 25},
    {"cloudwatch", "PutMetricAlarm", 3, 3},
    {"dynamodb", "DescribeLimits", 1.0 / 60, 1},
    {"ec2", "CreateTags", 10, 100},
    {"ec2", "DescribeImages", 20, 100},
    {"ec2", "DescribeInstances", 20, 100},
    {"sns", "ListSubscriptions", 30, 30},
    {"sns", "ListTopics", 30, 30},
    {"sns", "Subscribe", 100, 100},
};

// What is under way passes.
bool IsBusyCode(std::string_view code) {
  return code == "ResourceInUseException" || code == "ScalingActivityInProgress" ||
         code == "InstanceRefreshInProgress";
}

// The name of what a call is about.
std::string WhomOf(const Asked& asked) {
  for (const char* member :
       {"TableName", "AlarmName", "AutoScalingGroupName", "InstanceId", "LaunchConfigurationName", "TopicArn",
        "ResourceId", "ResourceARN", "ResourceArn", "LoadBalancerName", "TargetGroupArn", "ImageId", "Name"})
    if (const auto name = TextAt(asked.parameters, member)) return *name;
  const std::vector<std::string> names = TextsAt(asked.parameters, "AlarmNames");
  return Join(names, ",");
}

}  // namespace

std::vector<std::string> TextsAt(const json::value& of, std::string_view path) {
  std::vector<std::string> out;
  const auto items = ListAt(of, path);
  if (!items) return out;
  for (const json::value* item : *items)
    if (item->is_string()) out.emplace_back(Chars(item->get_string()));
  return out;
}
std::vector<std::string> Call::Texts(std::string_view path) const { return TextsAt(asked.parameters, path); }

json::array Words(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.push_back(Word(text));
  return out;
}

Account::Account(absl::Time now, Setup setup) : setup_(std::move(setup)) {
  ground_.account = setup_.id;
  ground_.region = setup_.region;
  ground_.now = now;
}

// ── time ──

absl::Time Account::NextMinute() const {
  if (ground_.alarms.all.empty() && ground_.groups.all.empty() && ground_.scalable.empty())
    return absl::InfiniteFuture();
  return absl::FromUnixSeconds(absl::ToUnixSeconds(ground_.now) / 60 * 60 + 60);
}

absl::Time Account::NextEvent() const {
  const absl::Time next = std::min({ground_.tables.NextEvent(), ground_.topics.NextEvent(),
                                    ground_.machines.NextEvent(), ground_.groups.NextEvent(), NextMinute()});
  return std::max(next, ground_.now);
}

void Account::Advance(absl::Time now) {
  while (ground_.now < now) {
    const absl::Time minute = NextMinute();
    const absl::Time next = NextEvent();
    if (next > now) {
      ground_.now = now;
      return;
    }
    Remember();
    const Ground before = on_effect ? ground_ : Ground();
    ground_.now = next;
    for (const std::string& table : ground_.tables.Due(next)) ground_.Happened("TableState", table);
    ground_.topics.Due(next);
    ground_.machines.Due(next);
    if (next >= minute) {
      KeepScalableTargets(ground_);
      EvaluateAlarms(ground_);
      CheckHealth(ground_);
      RunSchedules(ground_);
    }
    SettleGroups(ground_);
    TellNews(before);
  }
}

void Account::Remember() {
  if (setup_.reads == Reads::kCurrent) return;
  if (past_.empty() || past_.back().first < ground_.now)
    past_.emplace_back(ground_.now, std::make_shared<const Ground>(ground_));
}

const Ground& Account::View() {
  if (setup_.reads == Reads::kCurrent) return ground_;
  const absl::Time seen = ground_.now - setup_.lag;
  while (!past_.empty() && past_.front().first <= seen) past_.pop_front();
  const bool is_current = setup_.reads == Reads::kAlternating && reads_++ % 2 == 0;
  return is_current || past_.empty() ? ground_ : *past_.front().second;
}

void Account::Tell(const AccountEffect& effect, const Ground& before) {
  if (effects_.size() < kMostEffects) effects_.push_back(effect);
  if (on_effect) on_effect(effect, before);
}

void Account::TellNews(const Ground& before) {
  for (const AccountEffect& news : std::exchange(ground_.news, {})) Tell(news, before);
}

// ── asking ──

bool Account::TakeToken(const Asked& asked) {
  if (setup_.rates == Rates::kNone) return true;
  const auto rate = std::ranges::find_if(kRates, [&](const Rate& one) {
    return one.service == asked.service && one.operation == asked.operation;
  });
  if (rate == std::end(kRates)) return true;
  const auto [at, is_new] = tokens_.try_emplace(Cat(asked.service, ":", asked.operation));
  Tokens& tokens = at->second;
  if (is_new) tokens = {rate->burst, ground_.now};
  tokens.left =
      std::min(rate->burst, tokens.left + absl::ToDoubleSeconds(ground_.now - tokens.at) * rate->per_second);
  tokens.at = ground_.now;
  if (tokens.left < 1) return false;
  tokens.left -= 1;
  return true;
}

std::optional<Fault> Account::Refuse(const Asked& asked) {
  const std::string action = Cat(asked.service, ":", asked.operation);
  ++asked_[action];
  for (auto refusal = refusals_.begin(); refusal != refusals_.end(); ++refusal) {
    if (refusal->service != asked.service || refusal->operation != asked.operation) continue;
    Fault fault = refusal->fault;
    if (--refusal->times == 0) refusals_.erase(refusal);
    return fault;
  }
  if (denied_.contains(action)) {
    const bool is_json = asked.service == "dynamodb" || asked.service == "application-autoscaling";
    return Fault{is_json                  ? "AccessDeniedException"
                 : asked.service == "ec2" ? "UnauthorizedOperation"
                 : asked.service == "sns" ? "AuthorizationError"
                                          : "AccessDenied",
                 Cat("User: arn:aws:iam::", setup_.id, ":user/ops is not authorized to perform: ", action),
                 is_json ? 400 : 403};
  }
  if (TakeToken(asked)) return std::nullopt;
  ++throttled_;
  return Throttled(asked.service);
}

Said Account::Ask(const Asked& asked, By by) {
  if (by == By::kController)
    if (std::optional<Fault> fault = Refuse(asked)) return *std::move(fault);
  const Row* row = FindRow(asked.service, asked.operation);
  if (row == nullptr)
    return Fault{"UnknownOperationException", Cat(asked.service, " has no ", asked.operation), 400};
  if (row->effect == Row::Effect::kReads) {
    const Ground& seen = by == By::kController ? View() : ground_;
    Call call{*this, seen, ground_, asked, by};
    return row->answer(call);
  }
  Remember();
  const Ground before = on_effect ? ground_ : Ground();
  Call call{*this, ground_, ground_, asked, by};
  Said said = row->answer(call);
  if (const Fault* fault = std::get_if<Fault>(&said)) {
    if (by == By::kController && !IsBusyCode(fault->code)) ++refused_;
    ground_.news.clear();
    return said;
  }
  Tell({ground_.now, by, asked.operation, WhomOf(asked), asked.parameters}, before);
  SettleGroups(ground_);
  TellNews(before);
  return said;
}

void Account::Edit(std::string service, std::string operation, json::value parameters) {
  const Said said = Ask({std::move(service), operation, std::move(parameters)}, By::kPerson);
  if (const Fault* fault = std::get_if<Fault>(&said))
    throw std::runtime_error(Cat(operation, ": ", fault->code, ": ", fault->message));
}

// ── the scene ──

Table& Account::AddTable(const std::string& name, Throughput throughput) {
  Table& table = ground_.tables.all[name];
  table.name = name;
  table.id = ground_.NewUuid();
  table.created = ground_.now - absl::Hours(24);
  table.throughput = throughput;
  table.keys = json::array{json::object{{"AttributeName", "id"}, {"KeyType", "HASH"}}};
  table.attributes = json::array{json::object{{"AttributeName", "id"}, {"AttributeType", "S"}}};
  NotePiece(table, table, ground_.now);
  return table;
}

void Account::AddIndex(const std::string& table, const std::string& index, Throughput throughput) {
  Table& of = ground_.tables.all.at(table);
  TableIndex& made = of.indexes[index];
  made.throughput = throughput;
  made.keys = of.keys;
  made.projection = json::object{{"ProjectionType", "ALL"}};
  NotePiece(of, made, ground_.now);
}

Group& Account::AddGroup(const NewGroup& wanted) {
  const absl::Time long_ago = ground_.now - absl::Hours(24);
  ground_.machines.images.try_emplace(
      wanted.image, Image{.id = wanted.image, .name = wanted.image, .from = "", .created = long_ago});
  const std::string configuration = Cat(wanted.name, "-1");
  ground_.groups.configurations[configuration] = {
      configuration,
      ground_.Arn("autoscaling", Cat("launchConfiguration:1:launchConfigurationName/", configuration)),
      wanted.image, long_ago,
      json::object{{"LaunchConfigurationName", Word(configuration)},
                   {"ImageId", Word(wanted.image)},
                   {"InstanceType", "t3.micro"}}};
  Group& group = ground_.groups.all[wanted.name];
  group.name = wanted.name;
  group.arn = ground_.Arn("autoscaling", Cat("autoScalingGroup:1:autoScalingGroupName/", wanted.name));
  group.origin.configuration = configuration;
  group.min = wanted.min;
  group.max = wanted.max;
  group.desired = wanted.desired;
  group.health_check = wanted.health_check;
  group.zones = {ground_.region + "a", ground_.region + "b"};
  group.created = long_ago;
  group.balancers = wanted.balancers;
  group.target_groups = wanted.target_groups;
  for (const std::string& name : wanted.balancers) ground_.balancers.classic[name].name = name;
  for (const std::string& arn : wanted.target_groups) {
    ground_.balancers.targets[arn].arn = arn;
    ground_.balancers.targets[arn].name = arn.substr(arn.rfind('/') + 1);
  }
  for (int64_t i = 0; i < wanted.desired; ++i) {
    Member member{.id = ground_.NewId("i-"), .zone = group.zones[static_cast<size_t>(i) % 2]};
    member.is = Member::Is::kInService;
    member.origin = group.origin;
    member.since = long_ago;
    ground_.machines.all[member.id] = {.id = member.id,
                                       .image = wanted.image,
                                       .zone = member.zone,
                                       .is = Machine::Is::kRunning,
                                       .launched = long_ago + absl::Seconds(i),
                                       .serves_from = long_ago + absl::Minutes(1)};
    for (const std::string& name : wanted.balancers)
      ground_.balancers.classic[name].registered[member.id] = long_ago;
    for (const std::string& arn : wanted.target_groups)
      ground_.balancers.targets[arn].registered[member.id] = long_ago;
    group.members.push_back(std::move(member));
  }
  return group;
}

// ── what befalls it ──

void Account::SetLoad(const std::string& table, Load load, const std::string& index) {
  Table& of = ground_.tables.all.at(table);
  Provisioned& part = index.empty() ? static_cast<Provisioned&>(of) : of.indexes.at(index);
  part.load = load;
  NotePiece(of, part, ground_.now);
}

void Account::SetMetric(const MetricName& metric, std::optional<double> value) {
  ground_.metrics.Set(metric, value, ground_.now);
}

void Account::Confirm(const std::string& endpoint) {
  Remember();
  for (auto& [arn, subscription] : ground_.topics.subscriptions)
    if (subscription.endpoint == endpoint) subscription.is = Subscription::Is::kConfirmed;
}

void Account::Break(const std::string& instance) {
  Machine& machine = ground_.machines.all.at(instance);
  machine.serves_until = std::min(machine.serves_until, ground_.now);
}

void Account::SeesUnhealthy(const std::string& instance) {
  for (auto& [name, group] : ground_.groups.all)
    if (Member* member = group.Find(instance)) member->healthy = false;
}

void Account::RefuseNext(std::string service, std::string operation, Fault fault, int times) {
  refusals_.push_back({std::move(service), std::move(operation), std::move(fault), times});
}

void Account::ThrottleNext(const std::string& service, const std::string& operation, int times) {
  RefuseNext(service, operation, Throttled(service), times);
}

}  // namespace holdfast::sandbox::aws
