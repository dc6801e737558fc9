// Every problem that a spec can have: its number, what it means and what to do.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::specs {

// The number is what people search for; it never gets another meaning. 01xx the file, 02xx a value, 03xx a
// document, 04xx documents among each other.
enum class ProblemCode : uint16_t {
  kNotYaml = 101,
  kFileTooLarge = 102,
  kBinary = 103,
  kNotUtf8 = 104,
  kByteOrderMark = 105,
  kTab = 106,
  kDuplicateKey = 107,
  kMergeKey = 108,
  kAliasBomb = 109,
  kTooDeep = 110,
  kCustomTag = 111,
  kKeyNotText = 112,
  kUnreadable = 113,

  kWrongShape = 201,
  kMissingField = 202,
  kUnknownField = 203,
  kNoValue = 204,
  kAmbiguousScalar = 205,
  kOutOfBounds = 206,
  kBadPattern = 207,
  kWrongCount = 208,
  kUnknownWord = 209,
  kBadDuration = 210,
  kBadTime = 211,
  kBadPercentage = 212,
  kBadSize = 213,
  kBadHosts = 214,
  kNotOneKey = 215,
  kSecretInClear = 216,
  kBadRef = 217,
  kShellLine = 218,
  kFieldsExclude = 219,
  kFieldNeeds = 220,
  kNotANumber = 221,
  kBadText = 222,
  kInTheFuture = 223,
  kRule = 290,  // a rule of the kind itself; the message says which

  kApiVersion = 301,
  kUnknownKind = 302,
  kOperationVerb = 303,
  kOperationTarget = 304,

  kSameName = 401,
  kSameClaim = 402,
  kDependencyMissing = 403,
  kDependencyCycle = 404,
  kTargetMissing = 405,
  kNothingThere = 406,
};

struct CodeInfo {
  ProblemCode code;
  std::string_view title;        // lower case, no full stop
  std::string_view explanation;  // why it is an error
  std::string_view example;      // text that has the problem
  std::string_view remedy;       // what to write instead
};

// "HF0107".
std::string CodeText(ProblemCode code);
// In the order of their numbers.
std::span<const CodeInfo> AllCodes();
// Accepts "HF0107" and "107"; nullptr when there is none.
const CodeInfo* FindCode(std::string_view text);
// What `holdfast explain HF0107` prints.
std::string ExplainCode(const CodeInfo& info);

}  // namespace holdfast::specs
