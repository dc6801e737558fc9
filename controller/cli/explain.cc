// holdfast explain
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/source/site.h"
#include "specs/codes.h"
#include "specs/document.h"

namespace holdfast::cli {

int RunExplain(Call& call) {
  const std::string& what = call.words()[0];
  std::string text;
  if (const specs::CodeInfo* code = specs::FindCode(what)) {
    text = specs::ExplainCode(*code);
  } else {
    const std::unique_ptr<specs::KindTable> kinds = TableOf(call.surroundings().kinds);
    Result<std::string> explained = specs::ExplainPath(*kinds, what);
    if (!explained.ok())
      return call.Fail(kNoSuch, explained.status().message(),
                       "holdfast explain KIND, or holdfast explain HFnnnn");
    text = *std::move(explained);
  }
  if (!text.ends_with('\n')) text.push_back('\n');
  call.Tell({{"formatVersion", 1}, {"subject", what}, {"text", text}}, text);
  return kDone;
}

}  // namespace holdfast::cli
