// holdfast validate
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/checked_specs.h"

namespace holdfast::cli {

int RunValidate(Call& call) {
  const std::vector<std::string> paths =
      call.words().empty() ? std::vector<std::string>{call.settings().Get("specs")} : call.words();
  const std::unique_ptr<CheckedSpecs> checked = CheckSpecs(paths, call.surroundings().kinds);
  const size_t errors = checked->errors();
  switch (call.output()) {
    case Output::kJson: {
      json::object document = specs::ProblemsJson(checked->problems);
      document["files"] = checked->files;
      document["documents"] = checked->catalog.size();
      call.Out(Pretty(document));
      break;
    }
    case Output::kGithub:
      call.Out(specs::ProblemsGithub(checked->problems));
      break;
    case Output::kText: {
      call.Out(specs::ProblemsText(checked->problems));
      const size_t warnings = checked->problems.size() - errors;
      call.Remark(Cat(checked->problems.empty() ? "" : "\n", Count(checked->files, "file"), ", ",
                      Count(checked->catalog.size(), "resource"), ": ",
                      errors + warnings == 0
                          ? "no problems"
                          : Cat(Count(errors, "error"), ", ", Count(warnings, "warning"))));
      break;
    }
  }
  return errors == 0 ? kDone : kFailed;
}

}  // namespace holdfast::cli
