// holdfast recover
#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/machine.h"
#include "controller/host.h"
#include "controller/source/site.h"
#include "controller/world/real/private_directory.h"
#include "specs/document.h"
#include "specs/problem.h"

namespace holdfast::cli {
namespace {

constexpr absl::Duration kRecoveryPatience = absl::Minutes(30);
constexpr int kSpecMode = 0600;

// The kind that was named, or the only one that leaves notes in the world.
Result<const AnyKind*> KindToRecover(Call& call) {
  const std::string named = call.Flag("kind");
  std::vector<std::string> names;
  const AnyKind* found = nullptr;
  for (const AnyKind& kind : call.surroundings().kinds) {
    if (kind.recovery == nullptr) continue;
    names.emplace_back(kind.entry.name);
    if (named.empty() || named == kind.entry.name) found = &kind;
  }
  if (found == nullptr || (named.empty() && names.size() > 1))
    return InvalidArgument(Cat("--kind must be one of ", Enumerate(names)));
  return found;
}

std::string SpecText(const AnyKind& kind, const RecoveryFrom& from) {
  return Cat("apiVersion: holdfast/v1\nkind: ", kind.entry.name,
             "\nmetadata: {name: recovered}\npolicy: {mode: act, interval: 5s}\nspec:\n",
             kind.recovery(from));
}

// Everything that this recovery keeps, in a place of its own: another journal must not be written beside a
// daemon's.
Result<std::string> PlaceFor(const std::string& state, const std::string& from) {
  constexpr size_t kDigits = 12;
  std::string place = Cat(state, "/recover-", Sha256Hex(from).substr(0, kDigits));
  HF_TRY(MakePrivateDirectory(Cat(place, "/specs")));
  return place;
}

}  // namespace

int RunRecover(Call& call) {
  const RecoveryFrom from{.from = call.Flag("from"),
                          .auth = call.Flag("auth"),
                          .ca = call.Flag("ca"),
                          .control = call.Flag("control")};
  if (from.from.empty())
    return call.Fail(kUsage, "--from is needed: the URL at which the system answers",
                     "holdfast recover --from http://HOST:9200");
  const Result<const AnyKind*> kind = KindToRecover(call);
  if (!kind.ok()) return call.Fail(kUsage, kind.status().message());
  const std::string state = call.settings().Get("state");
  if (state.empty())
    return call.Fail(kUsage, "--state is empty: nothing is done that cannot be written down");
  const Result<std::string> place = PlaceFor(state, from.from);
  if (!place.ok()) return call.Fail(kFailed, place.status().message());

  const std::string folder = Cat(*place, "/specs"), text = SpecText(**kind, from);
  Machine machine;
  const specs::Parsed parsed =
      specs::ParseFile("what was asked", text, *TableOf(call.surroundings().kinds), machine.real.clock.Now());
  if (parsed.broken) {
    call.Remark(specs::ProblemsText(parsed.problems));
    return call.Fail(kUsage, "that is no system which could be looked at");
  }
  if (Status written = machine.real.files.Replace(Cat(folder, "/recover.yaml"), text, kSpecMode);
      !written.ok())
    return call.Fail(kFailed, Cat(folder, ": ", written.message()));
  const HostOptions options{.specs = folder,
                            .state = *place,
                            .environment = call.surroundings().environment,
                            .version = call.surroundings().version};
  const int code =
      RunDaemon(options, call.surroundings().kinds, RunUntil::kNothingLeft, call.Timeout(kRecoveryPatience));
  const std::string look = Cat("holdfast plan --specs ", folder, " --state ", *place);
  if (code != kDone) return call.Fail(code, "something is left", look);
  call.Remark(
      "no note of anything put aside is left there (Elasticsearch before 7.0 keeps none: look at it by "
      "hand)");
  return kDone;
}

}  // namespace holdfast::cli
