#include "tests/unit/dynamodb_table/scene.h"

namespace holdfast::dynamodb {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Dimension kRead = Dimension::kRead, kWrite = Dimension::kWrite;

TEST(D1, WhileAnythingIsUnderWayNothingIsSent) {
  for (const char* status : {"UPDATING", "CREATING", "DELETING", "ARCHIVING"}) {
    Scene scene;
    scene.Has(10, 50).Read(int64_t{100});
    scene.state.table.unit.status = status;
    const Plan plan = scene.Decide();
    EXPECT_TRUE(plan.stages.empty()) << status;
    EXPECT_THAT(WaitCalled(plan, "a change is under way"),
                AllOf(StartsWith("progress: "), HasSubstr(status)));
    EXPECT_THAT(plan.ask, Contains("table")) << "its end is not to be seen with the next routine description";
  }
  for (const char* status : {"UPDATING", "CREATING", "DELETING"}) {
    Scene scene;
    scene.Has(10, 50).Read(int64_t{100});
    scene.HasIndex("by-user", 1, 1).status = status;
    EXPECT_TRUE(scene.Decide().stages.empty()) << status;
  }
  Scene scene;
  scene.Has(10, 50).Read(int64_t{100});
  scene.state.table.busy = "its encryption is UPDATING";
  EXPECT_TRUE(scene.Decide().stages.empty());
}

TEST(D1, WhatTakesNoChangesNeedsAPerson) {
  Scene scene;
  scene.Has(10, 50).Read(int64_t{100});
  scene.state.table.unit.status = "INACCESSIBLE_ENCRYPTION_CREDENTIALS";
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(WaitCalled(plan, "the table takes no changes"), StartsWith("human: "));
  EXPECT_EQ(plan.readiness.is, Readiness::Is::kNo);
}

TEST(D1, AnIndexThatIsBeingFilledDoesNotStopItsTable) {
  Scene scene;
  scene.Has(10, 50).Read(int64_t{100});
  Unit& index = scene.HasIndex("by-user", 1, 1);
  index.status = "CREATING";
  index.is_backfilling = true;
  scene.want.indexes["by-user"].read = Units{int64_t{20}};
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)), AllOf(HasSubstr(ToCapacity(100, 50)), Not(HasSubstr("by-user"))));
  EXPECT_THAT(WaitCalled(plan, "by-user read: busy"), HasSubstr("being filled"));
}

TEST(DD1, AWriteIsFollowedByALookNotByAnotherWrite) {
  Scene scene;
  scene.Has(10, 50).Read(int64_t{100});
  const std::string key = FirstStep(scene.Decide())->key;
  // The answer that is on its way still tells the old numbers.
  scene.state.table.unit.status = "UPDATING";
  EXPECT_EQ(StepCalled(scene.Decide(), "raise"), nullptr);
  scene.state.table.unit.status = "ACTIVE";
  EXPECT_EQ(FirstStep(scene.Decide())->key, key);
  EXPECT_TRUE(scene.Has(100, 50).Decide().stages.empty());
}

TEST(DD5, WhatApplicationAutoScalingOwnsIsNotFought) {
  Scene scene;
  scene.Has(10, 50).Read(int64_t{100}).Owned(kRead, 5, 500);
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(WaitCalled(plan, "read: Application Auto Scaling"),
              StartsWith("hold: it keeps table/users between 5 and 500"));
  // The other dimension is ours.
  scene.Write(int64_t{70});
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(10, 70)));
}

TEST(DD5, ADeclaredCoOwnerGetsOurBoundsAndKeepsTheRest) {
  Scene scene;
  scene.want.auto_scaling = Scaling::kAdjust;
  scene.Has(10, 50).Read(Scene::Raising(100, 400)).Owned(kRead, 5, 500);
  scene.Refused(kRead, {9}).Used(kRead, {10});
  const Plan plan = scene.Decide();
  EXPECT_EQ(StepCalled(plan, "raise"), nullptr);
  EXPECT_EQ(Does(FirstStep(plan)),
            R"(RegisterScalableTarget {"ServiceNamespace":"dynamodb","ResourceId":"table/users",)"
            R"("ScalableDimension":"dynamodb:table:ReadCapacityUnits","MinCapacity":100,"MaxCapacity":400})");
  Scene settled;
  settled.want.auto_scaling = Scaling::kAdjust;
  settled.Has(10, 50).Read(Scene::Raising(100, 400)).Owned(kRead, 100, 400);
  EXPECT_TRUE(settled.Decide().stages.empty());
}

TEST(DD5, ACompanionThatIsOwnedIsNotRaised) {
  Scene scene;
  scene.Read(Scene::Raising(100, 400)).Write(Scene::Raising(50, 200)).Owned(kRead, 5, 500);
  scene.Wants().raise_together = true;
  scene.Refused(kWrite, {3}).Used(kWrite, {50});
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(ToCapacity(100, 75)));
  Scene index;
  index.HasIndex("by-user", 20, 40);
  index.want.indexes["by-user"].write = Units{Scene::Bounds(10, 100)};
  index.Write(Scene::Raising(50, 200)).Owned(kWrite, 1, 9, "by-user");
  index.Refused(kWrite, {3}).Used(kWrite, {50});
  EXPECT_THAT(Does(FirstStep(index.Decide())), Not(HasSubstr("by-user")));
}

TEST(DD5, WhoOwnsItMustBeKnown) {
  Scene scene;
  scene.Has(10, 50).Read(int64_t{100});
  scene.state.targets = Unknown{"DescribeScalableTargets: AccessDenied"};
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(StepCalled(plan, "raise")),
              HasSubstr("held: nobody else decides of it: DescribeScalable"));
  EXPECT_TRUE(plan.ask.empty());
}

TEST(DD6, EqualValuesAreNotSentAgain) {
  Scene scene;
  scene.Read(int64_t{100}).Write(int64_t{50});
  scene.want.billing = Billing::kProvisioned;
  scene.want.deletion_protection = false;
  scene.want.tags = {{"team", "data"}};
  scene.state.tags =
      Known<std::map<std::string, std::string>>{{{"team", "data"}, {"theirs", "x"}}, scene.now};
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_TRUE(plan.waits.empty());
}

TEST(D7, BackToProvisionedTakesEveryIndexInTheSameCall) {
  Scene scene;
  scene.want.billing = Billing::kProvisioned;
  scene.state.table.billing = Billing::kOnDemand;
  scene.Has(0, 0).Read(int64_t{100}).Write(Scene::Bounds(50, 200));
  scene.HasIndex("by-user", 0, 0);
  Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_EQ(WaitCalled(plan, "billing mode"),
            "guard: the spec does not say indexes.by-user.read and indexes.by-user.write");
  scene.want.indexes["by-user"].read = Units{int64_t{20}};
  scene.want.indexes["by-user"].write = Units{int64_t{30}};
  plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)),
              AllOf(HasSubstr(R"("BillingMode":"PROVISIONED")"), HasSubstr(ToCapacity(100, 50)),
                    HasSubstr(Cat(R"({"IndexName":"by-user",)", ToCapacity(20, 30)))));
  EXPECT_EQ(FirstStep(plan)->danger, Danger::kDisruptive);
}

TEST(D7, ToOnDemandIsMetered) {
  Scene scene;
  scene.want.billing = Billing::kOnDemand;
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)), HasSubstr(R"("BillingMode":"PAY_PER_REQUEST")"));
  ASSERT_TRUE(FirstStep(plan)->meter);
  EXPECT_EQ(FirstStep(plan)->meter->limit, 3);
  EXPECT_EQ(FirstStep(plan)->meter->per, absl::Hours(24));
}

TEST(D7, ATableOnDemandHasNoCapacityAndThatIsSaid) {
  Scene scene;
  scene.state.table.billing = Billing::kOnDemand;
  const Plan plan = scene.Has(0, 0).Read(int64_t{100}).Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(WaitCalled(plan, "on demand"), StartsWith("spec: "));
}

TEST(D8, AnotherKeyIsNeverMadeByUs) {
  Scene scene;
  scene.want.key = Key{.partition = {.name = "other"}};
  scene.HasIndex("by-user", 1, 1).key = {{"user", "HASH"}, {"at", "RANGE"}};
  scene.want.indexes["by-user"].key = Key{.partition = {.name = "user"}};
  const Plan plan = scene.Decide();
  EXPECT_TRUE(plan.stages.empty());
  EXPECT_THAT(WaitCalled(plan, "key of the table"), StartsWith("human: "));
  EXPECT_THAT(WaitCalled(plan, "key of the index by-user"), HasSubstr("user, at"));
}

TEST(D8, AnIndexIsMadeOnlyByAPersonsWord) {
  Scene scene;
  scene.want.indexes["by-user"].read = Units{int64_t{20}};
  scene.want.indexes["by-user"].write = Units{int64_t{30}};
  EXPECT_EQ(WaitCalled(scene.Decide(), "index by-user"), "guard: the spec does not say indexes.by-user.key");
  scene.want.indexes["by-user"].key = Key{.partition = {.name = "user"}};
  const Plan plan = scene.Decide();
  EXPECT_THAT(Does(FirstStep(plan)), AllOf(HasSubstr(R"("Create":{"IndexName":"by-user")"),
                                           HasSubstr(R"("AttributeName":"user","AttributeType":"S")")));
  EXPECT_EQ(FirstStep(plan)->consent, Step::Consent::kPerson);
  // One at a time, as the service wants it; a switch of the billing mode waits as well.
  Unit& other = scene.HasIndex("other", 1, 1);
  other.status = "CREATING";
  other.is_backfilling = true;
  EXPECT_THAT(Does(StepCalled(scene.Decide(), "create")),
              HasSubstr("held: every index is active: the index other"));
  scene.want.billing = Billing::kOnDemand;
  EXPECT_THAT(Does(StepCalled(scene.Decide(), "switch")), HasSubstr("held: every index is active"));
}

TEST(D9, DeletingTakesAPersonAndTheTableThatTheSpecWasAbout) {
  Scene scene;
  scene.purpose = Purpose::kPrune;
  const Plan plan = scene.Decide();
  EXPECT_EQ(Does(FirstStep(plan)), R"(DeleteTable {"TableName":"users"})");
  EXPECT_EQ(FirstStep(plan)->danger, Danger::kDestructive);
  EXPECT_EQ(FirstStep(plan)->consent, Step::Consent::kPerson);
  scene.state.table.deletion_protection = true;
  EXPECT_THAT(Does(StepCalled(scene.Decide(), "delete")), HasSubstr("held: deletion protection is off"));
  scene.state.table.deletion_protection = false;
  scene.state.table.incarnation = "id-2";
  EXPECT_THAT(Does(StepCalled(scene.Decide(), "delete")),
              HasSubstr("its id is id-2, and the spec's was id-1"));
  scene.state.table.incarnation = "id-1";
  scene.HasIndex("by-user", 1, 1).status = "UPDATING";
  EXPECT_EQ(StepCalled(scene.Decide(), "delete"), nullptr);
  scene.state.table.indexes[0].status = "CREATING";
  scene.state.table.indexes[0].is_backfilling = true;
  EXPECT_THAT(Does(StepCalled(scene.Decide(), "delete")), HasSubstr("held: every index is active"));
  scene.state.table.indexes.clear();
  scene.age = absl::Seconds(30);
  EXPECT_EQ(StepCalled(scene.Decide(), "delete"), nullptr);
}

TEST(D9, WithoutPruneNothingIsDeleted) {
  Scene scene;
  scene.Read(int64_t{200});
  scene.purpose = Purpose::kRelease;
  EXPECT_TRUE(scene.Decide().stages.empty());
}

TEST(Create, WhatIsNotThereIsMadeWhenTheSpecSaysEnough) {
  Scene scene;
  scene.past.pins.clear();
  scene.is_there = false;
  scene.Read(Scene::Bounds(100, 400));
  EXPECT_EQ(WaitCalled(scene.Decide(), "cannot be created"),
            "guard: the spec does not say key and capacity.write");
  scene.Write(int64_t{50});
  scene.want.key = Key{.partition = {.name = "id"}, .sort = KeyPart{"at", KeyPart::Type::kNumber}};
  scene.want.indexes["by-user"] = Index{};
  scene.want.indexes["by-user"].read = Units{int64_t{20}};
  scene.want.indexes["by-user"].write = Units{int64_t{30}};
  EXPECT_EQ(WaitCalled(scene.Decide(), "cannot be created"),
            "guard: the spec does not say indexes.by-user.key");
  scene.want.indexes["by-user"].key = Key{.partition = {.name = "user"}};
  scene.want.tags = {{"team", "data"}};
  const Plan plan = scene.Decide();
  EXPECT_EQ(
      Does(FirstStep(plan)),
      R"(CreateTable {"TableName":"users","AttributeDefinitions":[{"AttributeName":"at","AttributeType":"N"},)"
      R"({"AttributeName":"id","AttributeType":"S"},{"AttributeName":"user","AttributeType":"S"}],)"
      R"("KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],)"
      R"("BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":100,"WriteCapacityUnits":50},)"
      R"("GlobalSecondaryIndexes":[{"IndexName":"by-user","KeySchema":[{"AttributeName":"user","KeyType":"HASH"}],)"
      R"("Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"ReadCapacityUnits":20,"WriteCapacityUnits":30}}],)"
      R"("Tags":[{"Key":"team","Value":"data"}]})");
  EXPECT_EQ(FirstStep(plan)->consent, Step::Consent::kMode);
}

TEST(Create, AnEmptyTableInThePlaceOfALostOneTakesAPerson) {
  Scene scene;
  scene.is_there = false;
  scene.want.billing = Billing::kOnDemand;
  scene.want.key = Key{.partition = {.name = "id"}};
  const Plan plan = scene.Decide();
  EXPECT_EQ(FirstStep(plan)->consent, Step::Consent::kPerson);
  EXPECT_THAT(FirstStep(plan)->why, HasSubstr("somebody deleted it with all its items"));
}

TEST(Tags, OnlyWhatTheSpecNamesIsWritten) {
  Scene scene;
  scene.want.tags = {{"team", "data"}, {"stage", "prod"}};
  scene.state.tags =
      Known<std::map<std::string, std::string>>{{{"team", "old"}, {"stage", "prod"}, {"x", "y"}}, scene.now};
  EXPECT_EQ(Does(FirstStep(scene.Decide())),
            R"(TagResource {"ResourceArn":"arn:aws:dynamodb:us-east-1:123456789012:table/users",)"
            R"("Tags":[{"Key":"team","Value":"data"}]})");
  scene.state.tags = Unknown{"denied"};
  EXPECT_TRUE(scene.Decide().stages.empty());
  EXPECT_EQ(WaitCalled(scene.Decide(), "tags"), "observation: denied");
}

TEST(Protection, TakingItAwayIsDisruptive) {
  Scene scene;
  scene.want.deletion_protection = true;
  EXPECT_THAT(Does(FirstStep(scene.Decide())), HasSubstr(R"("DeletionProtectionEnabled":true)"));
  EXPECT_EQ(FirstStep(scene.Decide())->danger, Danger::kReversible);
  scene.want.deletion_protection = false;
  scene.state.table.deletion_protection = true;
  const Plan plan = scene.Decide();
  EXPECT_EQ(FirstStep(plan)->danger, Danger::kDisruptive);
}

TEST(OneAtATime, ChangesOfATableGoOneByOneTheRaiseFirst) {
  Scene scene;
  scene.Has(10, 50).Read(int64_t{100});
  scene.want.deletion_protection = true;
  scene.want.tags = {{"team", "data"}};
  scene.state.tags = Known<std::map<std::string, std::string>>{{}, scene.now};
  const Plan plan = scene.Decide();
  EXPECT_EQ(FirstStep(plan)->verb, "raise");
  EXPECT_EQ(plan.stages[0].steps.size(), 1U);
  EXPECT_NE(StepCalled(plan, "protect"), nullptr);
  EXPECT_NE(StepCalled(plan, "tag"), nullptr);
}

}  // namespace
}  // namespace holdfast::dynamodb
