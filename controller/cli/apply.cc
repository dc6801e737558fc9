// holdfast apply
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/select.h"

namespace holdfast::cli {
namespace {

constexpr size_t kLeastDigits = 8;

Result<json::object> Ask(Call& call, const std::string& digest) {
  const ResourceKey key = HF_TRY(SelectOne(call, call.words()[0]));
  return call.Post("/api/v1/apply", {{"kind", key.kind}, {"name", key.name}, {"digest", digest}});
}

}  // namespace

int RunApply(Call& call) {
  const std::string digest = call.Flag("digest");
  if (digest.size() < kLeastDigits || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
    return call.Fail(kUsage,
                     Cat("--digest wants at least ", kLeastDigits, " digits of the plan that is let go"),
                     Cat("holdfast why ", call.words()[0], " shows it"));
  const Result<json::object> done = Ask(call, digest);
  if (!done.ok())
    return call.IsDown() ? call.FailForDaemon(done.status())
                         : call.Fail(done.status(), Cat("holdfast why ", call.words()[0]));
  call.Tell(*done, Cat(Text(*done, "done"), "\n"));
  return kDone;
}

}  // namespace holdfast::cli
