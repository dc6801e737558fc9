// holdfast iam-policy
#include <algorithm>

#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/checked_specs.h"
#include "controller/cli/policy.h"

namespace holdfast::cli {

int RunIamPolicy(Call& call) {
  const std::vector<AnyKind>& kinds = call.surroundings().kinds;
  const std::vector<std::string> paths =
      call.words().empty() ? std::vector<std::string>{call.settings().Get("specs")} : call.words();
  const std::unique_ptr<CheckedSpecs> checked = CheckSpecs(paths, kinds);
  // A policy for half of the specs would be taken for the whole one.
  if (const size_t errors = checked->errors(); errors > 0) {
    call.Remark(specs::ProblemsText(checked->problems));
    return call.Fail(kFailed, Cat("the specs have ", Count(errors, "error")),
                     Cat("holdfast validate ", Join(paths, " ")));
  }
  std::vector<Permission> all;
  size_t asking = 0;
  for (const specs::Ref& key : checked->catalog.Keys()) {
    const auto kind = std::ranges::find(kinds, key.kind, [](const AnyKind& one) { return one.entry.name; });
    if (kind == kinds.end() || kind->permissions == nullptr) continue;
    ++asking;
    for (Permission& one : kind->permissions(checked->catalog.Find(key)->document.spec.get()))
      all.push_back(std::move(one));
  }
  const json::object policy = PolicyOf(all);
  call.Out(Pretty(policy));
  if (asking == 0) call.Remark("none of these specs needs to be allowed anything");
  if (const size_t bytes = Compact(policy).size(); bytes > kMostPolicyBytes)
    call.Remark(Cat("the policy has ", bytes, " bytes, and IAM takes ", kMostPolicyBytes,
                    " in one: divide the specs, and attach several"));
  return kDone;
}

}  // namespace holdfast::cli
