#include "controller/cli/checked_specs.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"
#include "controller/cli/machine.h"
#include "controller/source/directory.h"
#include "controller/source/site.h"

namespace holdfast::cli {
namespace {

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

std::vector<FileRead> FilesAt(const std::vector<std::string>& paths, Machine& machine,
                              std::vector<specs::Diagnostic>& problems) {
  std::vector<FileRead> files;
  for (const std::string& path : paths) {
    Directory directory(machine.real.files, path);
    Result<Reading> reading = directory.Look();
    if (!reading.ok()) {
      problems.push_back(Whole(specs::ProblemCode::kUnreadable, specs::Level::kError, path,
                               reading.status().message(),
                               "name a directory with *.yaml files, or one file"));
      continue;
    }
    for (const std::string& unlisted : reading->unlisted)
      problems.push_back(
          Whole(specs::ProblemCode::kUnreadable, specs::Level::kError, path, unlisted, "make it readable"));
    if (reading->read.empty())
      problems.push_back(Whole(specs::ProblemCode::kNothingThere, specs::Level::kWarning, path,
                               "there is no *.yaml or *.yml file here",
                               "an empty source changes nothing that is in force"));
    for (FileRead& file : reading->read) files.push_back(std::move(file));
  }
  // A file that is named twice, alone and by its directory, is one file.
  std::sort(files.begin(), files.end(), [](const FileRead& a, const FileRead& b) { return a.path < b.path; });
  files.erase(std::unique(files.begin(), files.end(),
                          [](const FileRead& a, const FileRead& b) { return a.path == b.path; }),
              files.end());
  return files;
}

}  // namespace

size_t CheckedSpecs::errors() const {
  return static_cast<size_t>(std::ranges::count(problems, specs::Level::kError, &specs::Diagnostic::level));
}

std::unique_ptr<CheckedSpecs> CheckSpecs(const std::vector<std::string>& paths,
                                         const std::vector<AnyKind>& kinds) {
  Machine machine;
  auto checked = std::make_unique<CheckedSpecs>();
  std::vector<FileRead> files = FilesAt(paths, machine, checked->problems);
  checked->files = files.size();
  checked->table = TableOf(kinds);
  std::vector<specs::Parsed> parsed;
  machine.Run(Parse(&machine, std::move(files), checked->table.get(), &parsed));
  (void)checked->catalog.Apply(std::move(parsed));
  for (specs::Diagnostic& problem : checked->catalog.AllProblems())
    checked->problems.push_back(std::move(problem));
  specs::Order(checked->problems);
  return checked;
}

}  // namespace holdfast::cli
