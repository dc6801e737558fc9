// Given this spec and what is there, this plan.
#include "reconcilers/aws/inventory.h"
#include "reconcilers/launch_configuration/kind.h"
#include "tests/unit/aws/decided.h"

namespace holdfast::launch {
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

struct Case : aws::Decided<LaunchConfiguration> {
  explicit Case(const std::string& image = "ami-1")
      : Decided(R"(
region: us-east-1
name: web-7
instanceType: c3.large
securityGroups: [sg-2, sg-1]
instanceProfile: web
userData: {valueFrom: {file: /etc/canary}}
blockDevices: [{device: /dev/xvda, sizeGiB: 40}]
image: )" + image +
                "\n") {
    state.read = State::Read::kTargeted;
    state.image = Absent{"no image of ours is called web-7", now};
  }
  Case& There() {
    state.config = Known<Config>{{.image = "ami-1",
                                  .instance_type = "c3.large",
                                  .instance_profile = "arn:aws:iam::1:instance-profile/web",
                                  .security_groups = {"sg-1", "sg-2"},
                                  .detailed_monitoring = true,
                                  .block_devices = {{.device = "/dev/xvda", .type = "gp2", .size_gib = 40}}},
                                 now};
    return *this;
  }
  Config& seen() { return std::get<Known<Config>>(state.config).value; }
  Case& ImageIs(std::string state_of, std::string instance = "i-12345678") {
    state.image = Observed<Image>({.id = "ami-9", .state = std::move(state_of), .instance = instance}, now);
    return *this;
  }
};
constexpr const char* kOfInstance = "{fromInstance: {id: i-12345678}}";

TEST(Launch, IsMadeOfAnImage) {
  Case c;
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "create")) << HeldBy(plan, "create");
  const std::string line = LineOf(plan, "create");
  for (const char* part : {"aws autoscaling create-launch-configuration", R"("ImageId":"ami-1")",
                           R"("InstanceType":"c3.large")", R"("SecurityGroups":["sg-2","sg-1"])",
                           R"("BlockDeviceMappings":[{"DeviceName":"/dev/xvda","Ebs":{"VolumeSize":40}}])"})
    EXPECT_THAT(line, HasSubstr(part));
  EXPECT_THAT(plan.outputs, IsEmpty());
}

TEST(Launch, UserDataIsAHole) {
  const Plan plan = Case()();
  EXPECT_THAT(LineOf(plan, "create"), HasSubstr(R"("UserData":"<secret:file:/etc/canary>"})"));
}

TEST(Launch, AsDeclaredIsSettledAndTellsItsName) {
  const Plan plan = Case().There()();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(plan.diffs, IsEmpty());
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kYes);
  ASSERT_EQ(plan.outputs.size(), 1U);
  EXPECT_EQ(plan.outputs[0], (std::pair<std::string, std::string>("name", "web-7")));
}

TEST(Launch, A10_OneThatDiffersIsBlockedAndNobodyIsLedToIt) {
  Case c;
  c.There().seen().instance_type = "m3.large";
  const Plan plan = c();
  EXPECT_THAT(plan.stages, IsEmpty());
  EXPECT_THAT(plan.outputs, IsEmpty());
  const Wait* wait = WaitNamed(plan, "A10");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->on, Wait::On::kGuard);
  EXPECT_THAT(wait->detail, HasSubstr("instanceType is m3.large, not c3.large"));
  EXPECT_THAT(wait->remedy, HasSubstr("choose a new name"));
}

TEST(Launch, A10_OtherUserDataIsADifferenceThatShowsNeither) {
  Case c;
  c.There().state.same_user_data = Observed<bool>(false, c.now);
  Plan plan = c();
  ASSERT_EQ(plan.diffs.size(), 1U);
  EXPECT_EQ(plan.diffs[0].path, "userData");
  EXPECT_THAT(plan.outputs, IsEmpty());
  c.state.same_user_data = Unknown{"the file cannot be read"};
  EXPECT_THAT(c().diffs, IsEmpty());
}

TEST(Launch, A10_EachFieldIsCompared) {
  const auto differs = [](auto change) {
    Case c;
    change(c.There());
    return c().diffs.size();
  };
  EXPECT_EQ(differs([](Case& c) { c.seen().image = "ami-2"; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.seen().security_groups = {"sg-1"}; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.seen().instance_profile = "db"; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.seen().block_devices[0].size_gib = 20; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.seen().block_devices.clear(); }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.key_name = "ops"; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.spot_price = "0.1"; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.public_ip = true; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.ebs_optimized = true; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.detailed_monitoring = false; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.tenancy = Tenancy::kDedicated; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.metadata_tokens = Tokens::kRequired; }), 1U);
  EXPECT_EQ(differs([](Case& c) { c.want.tenancy = Tenancy::kDefault; }), 0U);
  EXPECT_EQ(differs([](Case& c) { c.want.instance_profile.reset(); }), 0U);  // left out: not ours
}

TEST(Launch, A10_AnImageIsMadeOfTheInstanceFirst) {
  Case c(kOfInstance);
  const Plan plan = c();
  ASSERT_TRUE(Goes(plan, "image")) << HeldBy(plan, "image");
  const std::string line = LineOf(plan, "image");
  for (const char* part : {"aws ec2 create-image", R"("InstanceId":"i-12345678")", R"("Name":"web-7")",
                           R"("NoReboot":true)", R"({"Key":"holdfast:instance","Value":"i-12345678"})"})
    EXPECT_THAT(line, HasSubstr(part));
  EXPECT_EQ(StepCalled(plan, "image")->danger, Danger::kReversible);
  EXPECT_EQ(StepCalled(plan, "create"), nullptr);
}

TEST(Launch, A10_AnImageWithARestartIsDisruptive) {
  Case c("{fromInstance: {id: i-12345678, noReboot: false}}");
  const Plan plan = c();
  EXPECT_EQ(StepCalled(plan, "image")->danger, Danger::kDisruptive);
  EXPECT_THAT(StepCalled(plan, "image")->why, HasSubstr("restarted"));
}

TEST(Launch, A10_AnImageInTheMakingIsWaitedForAndNotMadeTwice) {
  Case c(kOfInstance);
  const Plan plan = c.ImageIs("pending")();
  EXPECT_THAT(plan.stages, IsEmpty());
  const Wait* wait = WaitNamed(plan, "image ami-9");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->on, Wait::On::kProgress);
  EXPECT_LT(plan.look_again, c.now + absl::Minutes(1));
  EXPECT_THAT(LineOf(c.ImageIs("available")(), "create"), HasSubstr(R"("ImageId":"ami-9")"));
}

TEST(Launch, A10_AnImageThatFailedNeedsAPerson) {
  Case c(kOfInstance);
  const Plan plan = c.ImageIs("failed")();
  EXPECT_THAT(plan.stages, IsEmpty());
  ASSERT_NE(WaitNamed(plan, "image ami-9"), nullptr);
  EXPECT_EQ(WaitNamed(plan, "image ami-9")->on, Wait::On::kHuman);
  EXPECT_THAT(WaitNamed(plan, "image ami-9")->remedy, HasSubstr("deregister-image --image-id ami-9"));
}

TEST(Launch, C1_AnImageOfSomethingElseIsNotUsed) {
  Case c(kOfInstance);
  for (const char* instance : {"", "i-99999999"}) {
    const Plan plan = c.ImageIs("available", instance)();
    EXPECT_THAT(plan.stages, IsEmpty());
    EXPECT_NE(WaitNamed(plan, "the image was made for this"), nullptr);
  }
}

TEST(Launch, C4_WhileImagesAreUnknownNoneIsMade) {
  Case c(kOfInstance);
  c.state.image = Unknown{"DescribeImages: throttled"};
  const Plan plan = c();
  EXPECT_THAT(plan.stages, IsEmpty());
  ASSERT_EQ(plan.waits.size(), 1U);
  EXPECT_EQ(plan.waits[0].on, Wait::On::kObservation);
}

TEST(Launch, A10_AFullQuotaIsToldBeforeAnythingIsMade) {
  for (const char* image : {"ami-1", kOfInstance}) {
    Case c(image);
    c.state.quota = Observed<Quota>({200, 200}, c.now);
    const Plan plan = c();
    EXPECT_FALSE(Goes(plan, "create") || Goes(plan, "image"));
    const Wait* wait = WaitNamed(plan, "room for one more");
    ASSERT_NE(wait, nullptr);
    EXPECT_THAT(wait->detail, HasSubstr("200 of 200 launch configurations"));
    c.state.quota = Observed<Quota>({199, 200}, c.now);
    EXPECT_TRUE(Goes(c(), "create") || Goes(c(), "image"));
  }
}

TEST(Launch, A10_OnlyWhatNobodyUsesIsDeletedAndOnlyWhenPruned) {
  Case c;
  c.There().purpose = Purpose::kRelease;
  EXPECT_THAT(c().stages, IsEmpty());
  c.purpose = Purpose::kPrune;
  Plan plan = c();
  EXPECT_FALSE(Goes(plan, "delete"));
  EXPECT_TRUE(Asks(plan, kAskUsers));
  c.state.users = Observed<std::vector<std::string>>({"group web", "instance i-1"}, c.now);
  EXPECT_THAT(HeldBy(c(), "delete"), HasSubstr("A10: nobody uses it: group web and instance i-1"));
  c.state.users = Observed<std::vector<std::string>>(std::vector<std::string>(), c.now);
  ASSERT_TRUE(Goes(c(), "delete"));
  EXPECT_EQ(StepCalled(c(), "delete")->danger, Danger::kDestructive);
}

TEST(Launch, PermissionsFollowTheSpec) {
  const auto has = [](const Case& c, std::string_view action) {
    return std::ranges::any_of(LaunchConfiguration::Permissions(c.want),
                               [&](const Permission& one) { return one.action == action; });
  };
  EXPECT_FALSE(has(Case(), "ec2:CreateImage"));
  EXPECT_TRUE(has(Case(kOfInstance), "ec2:CreateImage"));
  EXPECT_TRUE(has(Case(kOfInstance), "ec2:CreateTags"));
  EXPECT_TRUE(has(Case(), "iam:PassRole"));
}

TEST(Launch, IsReadFromWhatTheServiceTells) {
  const auto config = ReadConfig(*ParseJson(
      R"({"LaunchConfigurationName":"a","ImageId":"ami-1","InstanceType":"t","SecurityGroups":["b","a"],)"
      R"("InstanceMonitoring":{"Enabled":"true"},"EbsOptimized":"false",)"
      R"("BlockDeviceMappings":[{"DeviceName":"/dev/b","Ebs":{"VolumeSize":"8"}}],)"
      R"("MetadataOptions":{"HttpTokens":"required"}})"));
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->security_groups, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config->detailed_monitoring, true);
  EXPECT_EQ(config->ebs_optimized, false);
  EXPECT_EQ(config->block_devices[0].size_gib, 8);
  EXPECT_EQ(config->metadata_tokens, "required");
  const auto image = ReadImage(*ParseJson(
      R"({"imageId":"ami-1","imageState":"available","tagSet":[{"key":"holdfast:instance","value":"i-1"}]})"));
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->instance, "i-1");
}

TEST(LaunchSpec, MistakesHaveTheirPlace) {
  const auto text = [](const std::string& yaml) {
    Spec spec;
    return aws::Read<LaunchConfiguration>("region: us-east-1\ninstanceType: t\n" + yaml, spec).text();
  };
  EXPECT_THAT(text("name: a\nimage: web\n"), HasSubstr("`web` is no image's id"));
  EXPECT_THAT(text("name: a\nimage: {fromInstance: {id: web}}\n"), HasSubstr("an instance's id"));
  EXPECT_THAT(text("name: \"a#b c\"\nimage: {fromInstance: {id: i-12345678}}\n"),
              HasSubstr("cannot be an image's name"));
  EXPECT_EQ(text("name: \"a#b c\"\nimage: {fromInstance: {id: i-12345678, name: abc}}\n"), "");
}

}  // namespace
}  // namespace holdfast::launch
