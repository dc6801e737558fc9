// From the spec and what is there to a plan.
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/plan/draft.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/launch_configuration/kind.h"
#include "reconcilers/launch_configuration/make.h"

namespace holdfast {
namespace {

using namespace launch;

constexpr size_t kMostForecast = 8;
constexpr std::string_view kImmutable = "A10: a launch configuration cannot be changed";
constexpr absl::Duration kImageCadence = absl::Seconds(15);
// Images of small instances take just over twenty minutes.
constexpr std::string_view kImageTakes = "it takes some twenty minutes";
constexpr absl::Duration kImageShows = absl::Minutes(5);  // until the listing of images shows a new one

struct Draft : PlanDraft {
  Draft() : PlanDraft(kMostForecast, Goes::kOneAtATime) {}
};

struct Picture {
  const Spec& want;
  const State& state;
  absl::Time now, at;
};

// The service refuses the one too many anyhow; to know it before saves making an image for nothing.
Guard HasRoom(const Picture& p) {
  constexpr std::string_view kRow = "A10: the account has room for one more";
  return p.state.quota.Match(
      [&](const Known<Quota>& known) -> Guard {
        const std::string text = Cat(known.value.used, " of ", known.value.most, " launch configurations");
        return {kRow, known.value.used < known.value.most ? Pass(text, known.at) : Hold(text, known.at)};
      },
      [&](const Absent&) -> Guard { return {kRow, Pass("no quota is told", p.at)}; },
      [&](const Unknown& unknown) -> Guard {
        return {kRow, Pass(Cat("left to the service: ", unknown.reason), p.at)};
      });
}

void TellFullQuota(const Guard& room, Draft& draft) {
  if (room.verdict.is == Verdict::Is::kPass) return;
  draft.Wait({.on = Wait::On::kGuard,
              .name = std::string(room.name),
              .detail = Cat("the quota is used up: ", room.verdict.evidence),
              .remedy =
                  "delete some that no group and no instance uses (aws autoscaling "
                  "delete-launch-configuration --launch-configuration-name …), or have the quota raised"});
}

void CreateConfig(const Picture& p, const std::string& image, Guard room, Draft& draft) {
  Step step{.key = Cat("create ", p.want.name),
            .verb = "create",
            .target = p.want.name,
            .action = CreateCall(p.want, image),
            .danger = Danger::kReversible,
            .why = "there is no such launch configuration"};
  step.guards = {std::move(room)};
  draft.Add(std::move(step), "launch configuration");
}

void MakeImage(const Picture& p, const FromInstance& instance, Guard room, absl::Time looked_at,
               Draft& draft) {
  const std::string name = ImageName(p.want);
  Step step{.key = Cat("image ", name, " of ", instance.id),
            .verb = "image",
            .target = name,
            .action = ImageCall(p.want, instance),
            .danger = instance.no_reboot ? Danger::kReversible : Danger::kDisruptive,
            .touches = {Cat("instance:", instance.id)},
            .why = Cat(p.want.name, " is to be made of ", instance.id,
                       instance.no_reboot ? "" : ", which is restarted for it"),
            .show_within = kImageShows};
  step.guards = {std::move(room),
                 {"A10: no such image is there", Pass("none of that name is ours", looked_at)}};
  draft.Add(std::move(step), "image");
}

void UseImage(const Picture& p, const FromInstance& instance, const Image& image, Guard room, Draft& draft) {
  if (image.instance != instance.id) {
    draft.Wait({.on = Wait::On::kGuard,
                .name = "A10: the image was made for this",
                .detail = Cat(image.id, " is called ", ImageName(p.want), " and ",
                              image.instance.empty() ? std::string("does not say of which instance it is")
                                                     : Cat("was made of ", image.instance)),
                .remedy = Cat("choose another name, or write `image: ", image.id, "`")});
    return;
  }
  if (image.state == "available") return CreateConfig(p, image.id, std::move(room), draft);
  if (image.state == "pending") {
    draft.Wait({.on = Wait::On::kProgress,
                .name = Cat("image ", image.id),
                .detail = Cat("is being made of ", instance.id, "; ", kImageTakes)});
    draft.Due(p.now + kImageCadence);
    return;
  }
  draft.Wait({.on = Wait::On::kHuman,
              .name = Cat("image ", image.id),
              .detail = Cat("is ", Excerpt(image.state, 40),
                            image.reason.empty() ? "" : Cat(": ", Excerpt(image.reason))),
              .remedy = Cat("aws ec2 deregister-image --image-id ", image.id,
                            ", and it is made anew; or choose another name")});
}

void Make(const Picture& p, Draft& draft) {
  draft.plan().readiness = {Readiness::Is::kNo, "Missing", "there is no such launch configuration"};
  draft.plan().diffs.push_back({"launchConfiguration", p.want.name, "none"});
  draft.Ask(aws::Inventory::kFresh);
  Guard room = HasRoom(p);
  TellFullQuota(room, draft);
  const FromInstance* instance = InstanceOf(p.want);
  if (instance == nullptr)
    return CreateConfig(p, std::get<std::string>(p.want.image), std::move(room), draft);
  p.state.image.Match(
      [&](const Known<Image>& known) { UseImage(p, *instance, known.value, std::move(room), draft); },
      [&](const Absent& absent) { MakeImage(p, *instance, std::move(room), absent.at, draft); },
      [&](const Unknown& unknown) {
        draft.Wait({.on = Wait::On::kObservation, .name = "image", .detail = unknown.reason});
        draft.Due(p.now + kImageCadence);
      });
}

void Compare(const Picture& p, const Config& seen, Draft& draft) {
  Plan& plan = draft.plan();
  plan.diffs = Differences(p.want, seen);
  p.state.same_user_data.Match(
      [&](const Known<bool>& known) {
        if (!known.value) plan.diffs.push_back({"userData", "as the secret says now", "another text"});
      },
      [](const Absent&) {}, [](const Unknown&) {});
  if (plan.diffs.empty()) {
    plan.readiness = {Readiness::Is::kYes, "There", Cat("image ", seen.image)};
    plan.outputs.emplace_back("name", p.want.name);
    return;
  }
  std::vector<std::string> paths;
  for (const Diff& diff : plan.diffs) paths.push_back(Cat(diff.path, " is ", diff.seen, ", not ", diff.want));
  plan.readiness = {Readiness::Is::kNo, "Differs", "one of that name is there, and it is another one"};
  draft.Wait({.on = Wait::On::kGuard,
              .name = std::string(kImmutable),
              .detail = Enumerate(paths, 4),
              .remedy = "choose a new name: whoever refers to this resource changes over to it"});
}

void Prune(const Picture& p, Draft& draft) {
  draft.Ask(aws::Inventory::kFresh);
  draft.Ask(kAskUsers);
  constexpr std::string_view kRow = "A10: nobody uses it";
  Step step{.key = Cat("delete ", p.want.name),
            .verb = "delete",
            .target = p.want.name,
            .action = DeleteCall(p.want),
            .danger = Danger::kDestructive,
            .why = "its spec is gone and said `prune`"};
  step.guards = {p.state.users.Match(
      [&](const Known<std::vector<std::string>>& known) -> Guard {
        if (known.value.empty()) return {kRow, Pass("no group and no instance", known.at)};
        return {kRow, Hold(Enumerate(known.value, 4), known.at)};
      },
      [&](const Absent&) -> Guard { return {kRow, CannotTell("not listed", p.at)}; },
      [&](const Unknown& unknown) -> Guard { return {kRow, CannotTell(unknown.reason, p.at)}; })};
  draft.Add(std::move(step), "delete");
}

}  // namespace

Plan LaunchConfiguration::Decide(const View<LaunchConfiguration>& view) {
  Draft draft;
  const auto* known = std::get_if<Known<State>>(&view.seen);
  if (known == nullptr) return draft.Finish();
  const Picture p{view.want, known->value, view.frame.now, known->at};
  const auto* config = std::get_if<Known<Config>>(&p.state.config);
  if (view.frame.purpose == Purpose::kConverge) {
    if (config == nullptr)
      Make(p, draft);
    else
      Compare(p, config->value, draft);
  } else if (view.frame.purpose == Purpose::kPrune && config != nullptr) {
    Prune(p, draft);
  }
  return draft.Finish();
}

}  // namespace holdfast
