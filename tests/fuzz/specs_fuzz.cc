// YAML → tree → decode → canonical text, which must read back as the same; problems must be printable.
#include <boost/json/object.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/catalog.h"
#include "tests/unit/specs/example_kind.h"

using namespace holdfast::specs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  Parsed parsed = ParseFile("input.yaml", bytes, ExampleKinds(), now);
  if (parsed.broken == parsed.problems.empty()) std::abort();  // a file is broken exactly when it says why
  ProblemsText(parsed.problems);
  ProblemsGithub(parsed.problems);
  for (const Diagnostic& problem : parsed.problems)
    if (!holdfast::IsValidUtf8(problem.message)) std::abort();
  for (const Document& document : parsed.documents) {
    if (document.operation) continue;
    const std::string canonical = document.Canonical();
    const std::string again = holdfast::Cat("apiVersion: holdfast/v1\nkind: ", document.kind_name(),
                                            "\nmetadata: {name: again}\nspec: ", canonical, "\n");
    const Parsed second = ParseFile("again.yaml", again, ExampleKinds(), now);
    // Canonical text can be larger than what was written (hosts are expanded), and then be beyond the limits.
    const bool too_large =
        canonical.size() > kMaxFileBytes / 2 || static_cast<const void*>(document.spec.get()) == nullptr;
    if (!too_large &&
        (second.documents.size() != 1 || second.documents[0].spec_digest != document.spec_digest))
      std::abort();
  }
  // The same as a spec by itself, so that not every input needs an envelope.
  Problems problems;
  if (const auto tree = Tree::Parse(parsed.source, problems)) {
    for (const Node& root : tree->documents()) {
      ExampleSpec spec;
      ExampleFields().Decode(root, spec, problems, {.now = now, .where = "Example.spec"});
    }
  }
  Catalog catalog;
  std::vector<Parsed> files;
  files.push_back(std::move(parsed));
  catalog.Apply(std::move(files));
  ProblemsText(catalog.AllProblems());
  return 0;
}
