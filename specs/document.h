// One document as it was written: what it is called, how it is to be treated, and its decoded spec.
#pragma once

#include <absl/container/inlined_vector.h>
#include <absl/time/time.h>

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/sha256.h"
#include "controller/base/status.h"
#include "controller/base/usual.h"
#include "specs/field_table.h"
#include "specs/kind_table.h"
#include "specs/node.h"
#include "specs/problem.h"
#include "specs/values.h"

namespace holdfast::specs {

inline constexpr std::string_view kApiVersion = "holdfast/v1";

enum class Mode : uint8_t { kObserve, kPropose, kAct };
std::string_view ModeText(Mode mode);

// `mode: act`, or one for each class of danger: `{reversible: act, disruptive: propose}`; what is left out
// observes.
struct ModeByDanger {
  Mode reversible = Mode::kObserve;
  Mode disruptive = Mode::kObserve;
  Mode destructive = Mode::kObserve;
  bool operator==(const ModeByDanger&) const = default;
};
template <>
struct ShapeOf<ModeByDanger> {
  static const Shape& Get();
};

struct Policy {
  ModeByDanger mode;
  absl::Duration interval = absl::Seconds(30);
  bool prune = false;
  bool operator==(const Policy&) const = default;
};

struct Metadata {
  std::string name;
  Usual<std::map<std::string, std::string>> labels;
  Usual<std::map<std::string, std::string>> annotations;
  bool operator==(const Metadata&) const = default;
};

// What `kind: Operation` says: something done once to a target.
struct Operation {
  Ref target;
  std::optional<absl::Time> not_after;
  std::string verb;
  const SpecSchema* schema = nullptr;     // of `arguments`
  std::shared_ptr<const void> arguments;  // decoded by the verb's table
};

// Where a part of a document stands, without keeping its tree.
struct Place {
  uint32_t begin = 0;  // bytes in the file's text
  uint32_t end = 0;
  bool operator==(const Place&) const = default;
};

struct Document {
  const KindEntry* kind = nullptr;  // nullptr for an Operation
  Metadata metadata;
  Policy policy;
  Usual<std::vector<Ref>> depends_on;
  std::shared_ptr<const void> spec;  // of the kind's struct; empty for an Operation
  std::shared_ptr<const Operation> operation;
  absl::InlinedVector<uint64_t, 1> claims;  // fingerprints of Claims(), ordered

  Sha256Bytes spec_digest{};  // of the normalised spec: generations follow it
  Sha256Bytes head_digest{};  // of metadata, policy and dependsOn
  uint32_t line = 0;          // of the document's first key, from 1
  Place name_place;
  Usual<std::vector<Place>> depends_on_places;  // as depends_on
  Place target_place;                           // of an Operation

  std::string_view kind_name() const { return kind ? kind->name : kOperationKind; }
  Ref key() const { return {std::string(kind_name()), metadata.name}; }
  // The spec as JSON on one line; written anew at each call.
  std::string Canonical() const;
  // What the kind says the spec is about in the world; asked anew at each call.
  std::vector<std::string> Claims() const;
};

// One file, read and decoded.
struct Parsed {
  SourcePtr source;                  // path and text
  std::vector<Document> documents;   // all of them, or none when the file is broken
  std::vector<Diagnostic> problems;  // ordered; warnings do not make a file broken
  bool broken = false;
};

// Pure: the same bytes, kinds and now give the same answer; for as many threads as one likes. `now` is for
// times that must have passed (`startedBefore`).
Parsed ParseFile(std::string path, std::string bytes, const KindTable& kinds, absl::Time now);
// A file that is there but could not be read: broken, with the reason.
Parsed UnreadableFile(std::string path, std::string why);

// JSON Schema draft-07 of whole documents of one kind.
boost::json::object DocumentSchema(const KindEntry& kind);
// Of operations on any of these kinds.
boost::json::object OperationSchema(const KindTable& kinds);
// `holdfast explain ServiceStack.spec.layers`: the first word is a kind or `Operation`.
Result<std::string> ExplainPath(const KindTable& kinds, std::string_view path);
// The reference page of one kind.
std::string KindMarkdown(const KindEntry& kind);

}  // namespace holdfast::specs
