// What people tell a world that is being played: break this, heal that, how is it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/world/http_query.h"
#include "examples/sandbox/stage.h"

namespace holdfast::sandbox {

struct Verb {
  std::string_view name;
  std::string_view takes;  // "PROGRAM", or "" for nothing
  std::string_view says;
  // What there is to tell, or why it cannot be done.
  Result<std::string> (*act)(Stage& stage, std::span<const std::string> words);
  size_t words = 0;
};
std::span<const Verb> Verbs();

// `words` begins with the verb. Does not wait for the sockets to follow.
Result<std::string> Tell(Stage& stage, std::span<const std::string> words);

// POST / with a JSON list of words; the answer is text. `stage` outlives the server.
Task<HttpReply> AnswerControl(Stage* stage, HttpQuery query);

inline constexpr size_t kMostWords = 8;
inline constexpr size_t kMostLogLines = 50;

}  // namespace holdfast::sandbox
