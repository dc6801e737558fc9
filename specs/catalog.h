// The set of all specs in force, kept up to date file by file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "specs/document.h"
#include "specs/problem.h"
#include "specs/values.h"

namespace holdfast::specs {

// Why a spec that is in force is not to be acted upon, or not in its newest form.
enum class Hindrance : uint8_t {
  kStale = 1,              // its file is broken; what is in force is the last good version
  kClaimed = 2,            // another spec claims the same thing in the world: neither acts
  kDependencyMissing = 4,  // dependsOn, or an operation's target, names what is not there
  kCycle = 8,              // it depends on itself
  kNameTaken = 16,         // another file says the same kind and name; this one was first and stays in force
};

// A document in force.
struct Entry {
  Document document;
  SourcePtr source;
  uint8_t hindrances = 0;                   // of Hindrance
  Usual<std::vector<Diagnostic>> problems;  // with other documents; those of the file are the file's

  bool Has(Hindrance hindrance) const { return (hindrances & static_cast<uint8_t>(hindrance)) != 0; }
  const std::string& path() const { return source->path; }
};

// What one Apply did to the set in force.
struct Changes {
  enum class State {
    kApplied,
    kEmpty,  // the source shows no document at all any more: that is never believed, nothing was changed
  };
  State state = State::kApplied;
  std::vector<Ref> added;
  std::vector<Ref> changed;    // spec, policy, metadata or dependsOn is another one
  std::vector<Ref> removed;    // the file is good and no longer has it, or is gone
  std::vector<Ref> unchanged;  // written anew with the same meaning
  std::vector<Ref> hindered;   // hindrances are others than before; the entry may be otherwise unchanged
};

// One thread at a time. A batch costs what its files and their neighbours cost, not what the set costs.
class Catalog {
 public:
  Catalog();
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // One revision of the source: files read anew, and paths that are gone. Give what belongs together in one
  // batch: a document that moves from one file to another is then `unchanged`.
  //  - A broken file changes nothing that it owned: its documents stay in force as they last were, marked
  //  kStale.
  //  - Of two documents with one kind and name the one in force stays; of a brand-new pair neither comes in.
  //  - When no document would be left, nothing is changed; the removals wait for a batch that shows a
  //  document.
  Changes Apply(std::vector<Parsed> read, std::vector<std::string> gone = {});

  // nullptr when it is not in force. Valid until the next Apply.
  const Entry* Find(const Ref& key) const;
  size_t size() const;
  // All keys in force, ordered.
  std::vector<Ref> Keys() const;
  // Entries that name `key` in dependsOn or as target.
  std::vector<Ref> DependentsOf(const Ref& key) const;

  // Problems of files and between documents, ordered by file, line, column and code, each once.
  std::vector<Diagnostic> AllProblems() const;
  // Problems of one file by itself, as it stands now (good or broken).
  const std::vector<Diagnostic>& ProblemsOf(std::string_view path) const;
  // What an entry says of itself: its file's errors when it is stale, and its own.
  std::vector<Diagnostic> ProblemsOf(const Ref& key) const;
  std::vector<std::string> BrokenFiles() const;
  size_t files() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace holdfast::specs
