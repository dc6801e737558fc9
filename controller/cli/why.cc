// holdfast why
#include "controller/cli/call.h"
#include "controller/cli/remembered.h"
#include "controller/cli/render.h"
#include "controller/cli/select.h"

namespace holdfast::cli {
namespace {

Result<json::object> Ask(Call& call) {
  const ResourceKey key = HF_TRY(SelectOne(call, call.words()[0]));
  return call.Get(PathTo("why", key));
}

Result<json::object> AskJournal(Call& call, const Status& why_down) {
  const std::string& word = call.words()[0];
  const size_t slash = word.find('/');
  if (slash == std::string::npos) return NotFound("without a daemon, write KIND/NAME");
  return RememberedWhy(call, why_down, {word.substr(0, slash), word.substr(slash + 1)});
}

}  // namespace

int RunWhy(Call& call) {
  Result<json::object> document = Ask(call);
  if (!document.ok() && call.IsDown()) document = AskJournal(call, document.status());
  if (!document.ok())
    return call.Fail(document.status(), call.IsDown() ? "start the daemon: holdfast run"
                                                      : "holdfast status lists every resource");
  call.Tell(*document, WhyText(*document, call.style()));
  return kDone;
}

}  // namespace holdfast::cli
