// holdfast validate
#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/machine.h"
#include "controller/source/directory.h"
#include "controller/source/site.h"
#include "specs/catalog.h"

namespace holdfast::cli {
namespace {

struct Checked {
  std::vector<specs::Diagnostic> problems;
  size_t files = 0, documents = 0;
  Status trouble;  // a path that could not be looked at
};

Task<void> Parse(Machine* machine, std::vector<FileRead> files, const specs::KindTable* kinds,
                 std::vector<specs::Parsed>* parsed) {
  *parsed = co_await ParseAll(machine->real.world(), std::move(files), kinds, machine->real.clock.Now());
}

specs::Diagnostic Whole(specs::ProblemCode code, specs::Level level, const std::string& path,
                        std::string message, std::string help) {
  specs::Diagnostic diagnostic{.code = code,
                               .level = level,
                               .message = std::move(message),
                               .span = {.source = std::make_shared<specs::Source>(specs::Source{path, ""})}};
  diagnostic.help = std::move(help);
  return diagnostic;
}

Checked Check(const std::vector<std::string>& paths, const std::vector<AnyKind>& kinds) {
  Machine machine;
  Checked checked;
  std::vector<FileRead> files;
  for (const std::string& path : paths) {
    Directory directory(machine.real.files, path);
    Result<Reading> reading = directory.Look();
    if (!reading.ok()) {
      checked.problems.push_back(Whole(specs::ProblemCode::kUnreadable, specs::Level::kError, path,
                                       reading.status().message(),
                                       "name a directory with *.yaml files, or one file"));
      continue;
    }
    for (const std::string& unlisted : reading->unlisted)
      checked.problems.push_back(
          Whole(specs::ProblemCode::kUnreadable, specs::Level::kError, path, unlisted, "make it readable"));
    if (reading->read.empty())
      checked.problems.push_back(Whole(specs::ProblemCode::kNothingThere, specs::Level::kWarning, path,
                                       "there is no *.yaml or *.yml file here",
                                       "an empty source changes nothing that is in force"));
    for (FileRead& file : reading->read) files.push_back(std::move(file));
  }
  // A file that is named twice, alone and by its directory, is one file.
  std::sort(files.begin(), files.end(), [](const FileRead& a, const FileRead& b) { return a.path < b.path; });
  files.erase(std::unique(files.begin(), files.end(),
                          [](const FileRead& a, const FileRead& b) { return a.path == b.path; }),
              files.end());
  checked.files = files.size();
  const std::unique_ptr<specs::KindTable> table = TableOf(kinds);
  std::vector<specs::Parsed> parsed;
  machine.Run(Parse(&machine, std::move(files), table.get(), &parsed));
  specs::Catalog catalog;
  (void)catalog.Apply(std::move(parsed));
  checked.documents = catalog.size();
  for (specs::Diagnostic& problem : catalog.AllProblems()) checked.problems.push_back(std::move(problem));
  specs::Order(checked.problems);
  return checked;
}

}  // namespace

int RunValidate(Call& call) {
  const std::vector<std::string> paths =
      call.words().empty() ? std::vector<std::string>{call.settings().Get("specs")} : call.words();
  const Checked checked = Check(paths, call.surroundings().kinds);
  size_t errors = 0;
  for (const specs::Diagnostic& problem : checked.problems)
    if (problem.level == specs::Level::kError) ++errors;
  switch (call.output()) {
    case Output::kJson: {
      json::object document = specs::ProblemsJson(checked.problems);
      document["files"] = checked.files;
      document["documents"] = checked.documents;
      call.Out(Pretty(document));
      break;
    }
    case Output::kGithub:
      call.Out(specs::ProblemsGithub(checked.problems));
      break;
    case Output::kText: {
      call.Out(specs::ProblemsText(checked.problems));
      const size_t warnings = checked.problems.size() - errors;
      call.Remark(Cat(checked.problems.empty() ? "" : "\n", Count(checked.files, "file"), ", ",
                      Count(checked.documents, "resource"), ": ",
                      errors + warnings == 0
                          ? "no problems"
                          : Cat(Count(errors, "error"), ", ", Count(warnings, "warning"))));
      break;
    }
  }
  return errors == 0 ? kDone : kFailed;
}

}  // namespace holdfast::cli
