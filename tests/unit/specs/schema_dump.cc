// Prints, for the test beside it, the schema of the test kind and what the decoder says of each example.
//
// Standard input: YAML documents of a spec, separated by lines "====". Output: {schema, accepted: [true,
// false, …]}.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iostream>
#include <iterator>
#include <string>

#include "controller/base/json.h"
#include "specs/document.h"
#include "tests/unit/specs/example_kind.h"

int main() {
  namespace specs = holdfast::specs;
  std::string input((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  constexpr std::string_view kSeparator = "\n====\n";
  holdfast::json::array accepted;
  for (size_t begin = 0; begin < input.size();) {
    const size_t end = std::min(input.find(kSeparator, begin), input.size());
    const specs::Parsed parsed = specs::ParseFile("example.yaml", input.substr(begin, end - begin) + "\n",
                                                  specs::ExampleKinds(), absl::InfiniteFuture());
    accepted.emplace_back(!parsed.broken);
    begin = end + kSeparator.size();
  }
  const holdfast::json::object out = {
      {"schema", specs::DocumentSchema(*specs::ExampleKinds().Find("Example"))},
      {"operation", specs::OperationSchema(specs::ExampleKinds())},
      {"accepted", std::move(accepted)}};
  std::cout << holdfast::Compact(out) << "\n";
  return 0;
}
