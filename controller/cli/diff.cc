// holdfast diff: exit codes as diff(1) has them
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"
#include "controller/cli/select.h"

namespace holdfast::cli {
namespace {

Result<json::object> Ask(Call& call) {
  const ResourceKey key = HF_TRY(SelectOne(call, call.words()[0]));
  return call.Get(PathTo("plan", key));
}

}  // namespace

int RunDiff(Call& call) {
  const Result<json::object> document = Ask(call);
  if (!document.ok()) {
    (void)call.FailForDaemon(document.status());
    return kDiffTrouble;
  }
  const json::array& plans = List(*document, "plans");
  if (plans.empty() || !plans[0].is_object())
    return call.Fail(kDiffTrouble, Cat(call.words()[0], " has no plan"));
  const json::object& plan = plans[0].get_object();
  call.Tell(*document, DiffText(*document, call.style()));
  if (Text(plan, "observed") == "unknown")
    return call.Fail(kDiffTrouble, Cat(KeyText(plan), " cannot be seen now"),
                     Cat("holdfast why ", KeyText(plan)));
  return List(plan, "diffs").empty() ? kDone : kDiffers;
}

}  // namespace holdfast::cli
