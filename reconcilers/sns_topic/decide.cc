// From the spec and the topic as it is to a plan.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/plan/draft.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/sns_topic/kind.h"

namespace holdfast {
namespace {

using namespace topic;

constexpr size_t kMostForecast = 128;
constexpr std::string_view kPendingWait = "S1: confirmed by who is told";
constexpr absl::Duration kConfirmationCadence = absl::Seconds(30);
// Everybody who is asked to confirm gets a message each time.
constexpr int kMostInvitations = 2;
constexpr absl::Duration kInvitationsPer = absl::Hours(24), kBetweenInvitations = absl::Hours(1);

struct Draft : PlanDraft {
  Draft() : PlanDraft(kMostForecast) {}
};

bool IsMail(Protocol protocol) { return protocol == Protocol::kEmail || protocol == Protocol::kEmailJson; }
bool IsInvited(Protocol protocol) {
  return IsMail(protocol) || protocol == Protocol::kHttp || protocol == Protocol::kHttps;
}

bool IsSame(const Subscription& want, const Subscribed& seen) {
  if (seen.protocol != ProtocolText(want.protocol)) return false;
  return IsMail(want.protocol) ? Lower(seen.endpoint) == Lower(want.endpoint)
                               : seen.endpoint == want.endpoint;
}

Step CreateStep(const Spec& want) {
  json::object call = {{"Name", JsonView(want.name)}};
  if (want.name.ends_with(".fifo")) call["Attributes"] = json::object{{"FifoTopic", "true"}};
  call["Tags"] = aws::TagList({{std::string(aws::kOwnerTag), std::string(SnsTopic::kName)}});
  return {.key = Cat("create ", want.name),
          .verb = "create",
          .target = want.name,
          .action = aws::CallOf(want.location, "sns", "CreateTopic", Compact(call)),
          .danger = Danger::kReversible,
          .why = "there is no such topic"};
}

Step SubscribeStep(const Spec& want, const Subscription& subscription, const std::string& arn) {
  const std::string text = SubscriptionText(subscription);
  json::object call = {{"TopicArn", JsonView(arn)},
                       {"Protocol", JsonView(ProtocolText(subscription.protocol))},
                       {"Endpoint", JsonView(subscription.endpoint)},
                       {"ReturnSubscriptionArn", true}};
  Step step{.key = Cat("subscribe ", text),
            .verb = "subscribe",
            .target = text,
            .action = aws::CallOf(want.location, "sns", "Subscribe", Compact(call)),
            .danger = Danger::kReversible,
            .why = "it is not subscribed"};
  if (IsInvited(subscription.protocol))
    step.meter =
        Meter{Cat("S1: invitations of ", text), kMostInvitations, kInvitationsPer, kBetweenInvitations};
  return step;
}

void WaitForConfirmation(const Subscription& subscription, absl::Time now, Draft& draft) {
  const std::string text = SubscriptionText(subscription);
  const bool is_mail = IsMail(subscription.protocol);
  draft.Wait({.on = is_mail ? Wait::On::kHuman : Wait::On::kProgress,
              .name = Cat(kPendingWait, ": ", text),
              .detail = Cat(text, " has not confirmed: nothing is sent there"),
              .remedy = is_mail ? Cat("open the link in the mail that AWS sent to ", subscription.endpoint,
                                      "; it is valid for two days")
                                : "the endpoint must confirm what it is sent"});
  draft.Due(now + kConfirmationCadence);
}

enum class Found { kThere, kPending, kMissing };

Found Find(const Subscription& want, const std::vector<Subscribed>& all) {
  Found is = Found::kMissing;
  for (const Subscribed& seen : all) {
    if (!IsSame(want, seen) || seen.arn == kDeleted) continue;
    if (seen.arn != kPending) return Found::kThere;
    is = Found::kPending;
  }
  return is;
}

void Subscribe(const Spec& want, const State& state, const Topic& topic,
               const Known<std::vector<Subscribed>>& known, const Frame& frame, Draft& draft) {
  size_t pending = 0, missing = 0;
  for (const Subscription& subscription : want.subscriptions) {
    const Found is = Find(subscription, known.value);
    if (is == Found::kPending) {
      ++pending;
      WaitForConfirmation(subscription, frame.now, draft);
    }
    if (is != Found::kMissing) continue;
    ++missing;
    draft.plan().diffs.push_back({"subscriptions", SubscriptionText(subscription), "none"});
    Step step = SubscribeStep(want, subscription, topic.arn);
    const bool is_targeted = state.read == State::Read::kTargeted;
    step.guards = {{"C2: it was read by itself and just now",
                    is_targeted ? Pass("just read", known.at) : Hold("it is out of a listing", known.at)}};
    draft.Add(std::move(step), "subscriptions");
  }
  if (missing > 0) draft.Ask(aws::Inventory::kFresh);
  Readiness& readiness = draft.plan().readiness;
  if (missing > 0)
    readiness = {Readiness::Is::kNo, "NotSubscribed",
                 Cat(Count(missing, "subscription"), " of ", want.subscriptions.size(), " missing")};
  else if (pending > 0)
    readiness = {Readiness::Is::kNo, "PendingConfirmation",
                 Cat(Count(pending, "subscription"), " of ", want.subscriptions.size(), " not confirmed")};
  else
    readiness = {Readiness::Is::kYes, "Subscribed", Cat(Count(known.value.size(), "subscription"))};
}

void Converge(const Spec& want, const State& state, const Frame& frame, Draft& draft) {
  const auto* topic = std::get_if<Known<Topic>>(&state.topic);
  if (topic == nullptr) {
    draft.plan().readiness = {Readiness::Is::kNo, "Missing", "there is no such topic"};
    draft.plan().diffs.push_back({"topic", want.name, "none"});
    draft.Add(CreateStep(want), "topic");
    return;
  }
  draft.plan().outputs.emplace_back("arn", topic->value.arn);
  state.subscriptions.Match(
      [&](const Known<std::vector<Subscribed>>& known) {
        Subscribe(want, state, topic->value, known, frame, draft);
      },
      [](const Absent&) {},
      [&](const Unknown& unknown) {
        draft.plan().readiness = {Readiness::Is::kUnknown, "NotObserved", unknown.reason};
        draft.Wait({.on = Wait::On::kObservation, .name = "subscriptions", .detail = unknown.reason});
      });
}

Guard Ours(const State& state, absl::Time at) {
  constexpr std::string_view kRow = "S2: we made it";
  return state.tags.Match(
      [&](const Known<aws::Tags>& known) -> Guard {
        return {kRow, aws::AreOurs(known.value, SnsTopic::kName)
                          ? Pass("it carries our tag", known.at)
                          : Hold(Cat("it does not carry the tag ", aws::kOwnerTag), known.at)};
      },
      [&](const Absent&) -> Guard { return {kRow, Hold("it has no tags", at)}; },
      [&](const Unknown& unknown) -> Guard { return {kRow, CannotTell(unknown.reason, at)}; });
}

Guard NobodyElseListens(const Spec& want, const State& state, absl::Time at) {
  constexpr std::string_view kRow = "S2: nobody else is subscribed";
  return state.subscriptions.Match(
      [&](const Known<std::vector<Subscribed>>& known) -> Guard {
        if (state.read != State::Read::kTargeted) return {kRow, CannotTell("out of a listing", known.at)};
        for (const Subscribed& seen : known.value) {
          const bool is_wanted = std::ranges::any_of(
              want.subscriptions, [&](const Subscription& one) { return IsSame(one, seen); });
          if (!is_wanted && seen.arn != kDeleted)
            return {kRow, Hold(Cat(seen.protocol, " ", Excerpt(seen.endpoint, 80), " is"), known.at)};
        }
        return {kRow, Pass(Cat(Count(known.value.size(), "subscription"), ", all the spec's"), known.at)};
      },
      [&](const Absent&) -> Guard { return {kRow, CannotTell("not listed", at)}; },
      [&](const Unknown& unknown) -> Guard { return {kRow, CannotTell(unknown.reason, at)}; });
}

void Prune(const Spec& want, const State& state, absl::Time at, Draft& draft) {
  const auto* topic = std::get_if<Known<Topic>>(&state.topic);
  if (topic == nullptr) return;
  draft.Ask(aws::Inventory::kFresh);
  draft.Ask(kAskTags);
  Step step{.key = Cat("delete ", want.name),
            .verb = "delete",
            .target = want.name,
            .action = aws::CallOf(want.location, "sns", "DeleteTopic",
                                  Compact(json::object{{"TopicArn", JsonView(topic->value.arn)}})),
            .danger = Danger::kDestructive,
            .why = "its spec is gone and said `prune`"};
  step.guards = {Ours(state, at), NobodyElseListens(want, state, at)};
  draft.Add(std::move(step), "delete");
}

}  // namespace

Plan SnsTopic::Decide(const View<SnsTopic>& view) {
  Draft draft;
  const auto* known = std::get_if<Known<State>>(&view.seen);
  if (known == nullptr) return draft.Finish();
  if (view.frame.purpose == Purpose::kConverge) Converge(view.want, known->value, view.frame, draft);
  if (view.frame.purpose == Purpose::kPrune) Prune(view.want, known->value, known->at, draft);
  return draft.Finish();
}

}  // namespace holdfast
