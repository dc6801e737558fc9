// Given this spec and this topic, this plan.
#include "reconcilers/aws/inventory.h"
#include "reconcilers/sns_topic/kind.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::topic {
namespace {

using aws::Asks;
using aws::Goes;
using aws::HeldBy;
using aws::LineOf;
using aws::StepCalled;
using aws::WaitNamed;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kArn = "arn:aws:sns:us-east-1:123456789012:ops";

struct Case : aws::Decided<SnsTopic> {
  Case()
      : Decided(R"(
region: us-east-1
name: ops
subscriptions:
  - {protocol: email, endpoint: ops@example.com}
  - {protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:1:q"}
)") {
    state.read = State::Read::kTargeted;
  }
  Case& There(std::vector<Subscribed> subscriptions) {
    state.topic = Known<Topic>{{kArn}, now};
    state.subscriptions = Observed<std::vector<Subscribed>>(std::move(subscriptions), now);
    return *this;
  }
  Case& Tagged(std::string value) {
    state.tags = Observed<std::map<std::string, std::string>>({{"holdfast", std::move(value)}}, now);
    return *this;
  }
};
const Subscribed kMail{"email", "Ops@example.com", "arn:aws:sns:us-east-1:123456789012:ops:1"},
    kQueue{"sqs", "arn:aws:sqs:us-east-1:1:q", "arn:aws:sns:us-east-1:123456789012:ops:2"};
Subscribed With(Subscribed subscribed, std::string_view arn) {
  subscribed.arn = arn;
  return subscribed;
}

TEST(Topic, IsMadeWithOurTag) {
  Case c;
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "create"));
  EXPECT_THAT(LineOf(plan, "create"), HasSubstr("aws sns create-topic"));
  EXPECT_THAT(LineOf(plan, "create"), HasSubstr(R"("Tags":[{"Key":"holdfast","Value":"SnsTopic"}])"));
  EXPECT_THAT(plan.outputs, IsEmpty());
  c.want.name = "ops.fifo";
  EXPECT_THAT(LineOf(c(), "create"), HasSubstr(R"("Attributes":{"FifoTopic":"true"})"));
}

TEST(Topic, TellsItsNameToOthersAsSoonAsItIsThere) {
  const Plan plan = Case().There({})();
  ASSERT_EQ(plan.outputs.size(), 1U);
  EXPECT_EQ(plan.outputs[0], (std::pair<std::string, std::string>("arn", kArn)));
}

TEST(Topic, WhoIsNotSubscribedIs) {
  Case c;
  const Plan plan = c.There({kQueue})();
  ASSERT_TRUE(Goes(plan, "subscribe"));
  EXPECT_THAT(LineOf(plan, "subscribe"), HasSubstr("aws sns subscribe"));
  EXPECT_THAT(LineOf(plan, "subscribe"), HasSubstr(R"("ReturnSubscriptionArn":true)"));
  EXPECT_EQ(plan.stages[0].steps.size(), 1U);
  EXPECT_EQ(plan.readiness.reason, "NotSubscribed");
}

TEST(Topic, AsDeclaredIsSettledWhoeverElseListens) {
  const Plan plan = Case().There({kMail, kQueue, {"email", "someone@example.com", "arn:x"}})();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(plan.diffs, IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
}

TEST(Topic, S1_PendingIsWaitedForAndNeverUnsubscribed) {
  Case c;
  const Plan plan = c.There({With(kMail, kPending), kQueue})();
  EXPECT_THAT(plan.stages, IsEmpty());
  const Wait* wait = WaitNamed(plan, "email ops@example.com");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->on, Wait::On::kHuman);
  EXPECT_THAT(wait->remedy, HasSubstr("the mail that AWS sent"));
  EXPECT_EQ(plan.readiness.reason, "PendingConfirmation");
  for (const Purpose purpose : {Purpose::kRelease, Purpose::kPrune}) {
    c.purpose = purpose;
    const Plan later = c();
    for (const Stage& stage : later.stages)
      for (const Step& step : stage.steps) EXPECT_THAT(Line(step.action), Not(HasSubstr("unsubscribe")));
  }
}

TEST(Topic, S1_DeletedIsNotThere) {
  EXPECT_TRUE(Goes(Case().There({With(kMail, kDeleted), kQueue})(), "subscribe"));
}

TEST(Topic, S1_InvitationsAreFew) {
  const Plan plan = Case().There({})();
  ASSERT_EQ(plan.stages[0].steps.size(), 2U);
  const Step& mail = plan.stages[0].steps[0];
  ASSERT_TRUE(mail.meter.has_value());
  EXPECT_LE(mail.meter->limit, 2);
  EXPECT_GE(mail.meter->gap, absl::Hours(1));
  EXPECT_GE(mail.meter->per, absl::Hours(24));
  EXPECT_FALSE(plan.stages[0].steps[1].meter.has_value());  // a queue gets no message
}

TEST(Topic, C2_NobodyIsSubscribedOnAListing) {
  Case c;
  c.There({kQueue}).state.read = State::Read::kSwept;
  const Plan plan = c();
  EXPECT_FALSE(Goes(plan, "subscribe"));
  EXPECT_TRUE(Asks(plan, aws::Inventory::kFresh));
}

TEST(Topic, C4_UnknownSubscriptionsAreNotNone) {
  Case c;
  c.There({}).state.subscriptions = Unknown{"page 2 did not come"};
  const Plan plan = c();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kUnknown);
  ASSERT_EQ(plan.waits.size(), 1U);
  EXPECT_EQ(plan.outputs.size(), 1U);
}

TEST(Topic, S2_OneThatOthersListenToIsNotDeleted) {
  Case c;
  c.purpose = Purpose::kPrune;
  c.There({kMail, {"email", "someone@example.com", "arn:x"}}).Tagged("SnsTopic");
  EXPECT_THAT(HeldBy(c(), "delete"), HasSubstr("nobody else is subscribed: email someone@example.com"));
  c.There({kMail, kQueue});
  ASSERT_TRUE(Goes(c(), "delete")) << HeldBy(c(), "delete");
  EXPECT_EQ(StepCalled(c(), "delete")->danger, Danger::kDestructive);
}

TEST(Topic, S2_OneThatWeDidNotMakeIsNotDeleted) {
  Case c;
  c.purpose = Purpose::kPrune;
  c.There({});
  EXPECT_TRUE(Asks(c(), kAskTags));
  EXPECT_FALSE(Goes(c(), "delete"));
  EXPECT_THAT(HeldBy(c.Tagged("terraform")(), "delete"), HasSubstr("S2: we made it"));
}

TEST(Topic, OneThatIsGoneFromTheSpecStays) {
  Case c;
  c.There({kMail}).purpose = Purpose::kRelease;
  EXPECT_THAT(c().stages, IsEmpty());
}

TEST(TopicSpec, MistakesHaveTheirPlace) {
  const auto text = [](const std::string& yaml) {
    Spec spec;
    return aws::Read<SnsTopic>("region: us-east-1\n" + yaml, spec).text();
  };
  EXPECT_THAT(text("name: a b\n"), HasSubstr("letters, digits"));
  const std::string mail = text("name: ops\nsubscriptions: [{protocol: email, endpoint: nobody}]\n");
  EXPECT_THAT(mail, HasSubstr("`nobody` is no e-mail address"));
  EXPECT_THAT(mail, HasSubstr("a.yaml:3:45"));
  EXPECT_THAT(text("name: ops\nsubscriptions: [{protocol: https, endpoint: \"http://a\"}]\n"),
              HasSubstr("https URL"));
  EXPECT_THAT(text("name: ops\nsubscriptions: [{protocol: sqs, endpoint: q}]\n"), HasSubstr("whole name"));
  EXPECT_THAT(text("name: o\nsubscriptions: [{protocol: email, endpoint: a@b}, {protocol: email, endpoint: "
                   "a@b}]\n"),
              HasSubstr("stands twice"));
  EXPECT_THAT(text("name: o.fifo\nsubscriptions: [{protocol: email, endpoint: a@b}]\n"),
              HasSubstr("tells queues only"));
}

}  // namespace
}  // namespace holdfast::topic
