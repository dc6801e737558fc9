// The declared state of a site: the files of its source, checked, and handed to the engine.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/shared_text.h"
#include "controller/base/status.h"
#include "controller/base/task.h"
#include "controller/engine/engine.h"
#include "controller/kind/any_kind.h"
#include "controller/source/directory.h"
#include "controller/source/texts_beside.h"
#include "controller/world/world.h"
#include "metrics/metrics.h"
#include "specs/catalog.h"

namespace holdfast {

// The table that specs are decoded by.
std::unique_ptr<specs::KindTable> TableOf(const std::vector<AnyKind>& kinds);

// Parses in the pool, in as many pieces as it has threads. A file with an error comes out as unreadable.
Task<std::vector<specs::Parsed>> ParseAll(World world, std::vector<FileRead> files,
                                          const specs::KindTable* kinds, absl::Time now);

// Follows a directory: what is good comes into force, what is broken leaves the last good version in force,
// and an empty or unreadable source changes nothing. Engine thread only; the engine outlives it.
class Site {
 public:
  // A file or document that is gone is believed only when it is still gone after this: editors save by
  // truncating, and tools by deleting and writing anew.
  static constexpr absl::Duration kRemovalSettles = absl::Milliseconds(300);
  // When the kernel grants no watch, the tree is looked through this often; and always the texts beside it.
  static constexpr absl::Duration kLookThroughEvery = absl::Seconds(2);

  Site(World world, Systems& systems, Engine& engine, Metrics& metrics, const std::vector<AnyKind>& kinds,
       std::string root);
  ~Site();

  // The first look. An error leaves everything that the journal remembers in force; Follow keeps trying.
  Task<Status> Load();
  // Resources that the journal remembers and the source did not show (it is unreadable, or their files are
  // broken now) come into force again as they last were; those whose file is good and no longer has them are
  // released.
  void RecallRemembered();
  // For ever: watches, reads what changed, applies it.
  Task<void> Follow();
  // For ever: an Operation whose texts are others is told anew. They may lie anywhere, so nothing watches
  // them.
  Task<void> FollowTexts();
  // SIGHUP, or a person who does not want to wait.
  Task<Status> LookNow();

  const specs::Catalog& catalog() const { return catalog_; }
  const specs::KindTable& kinds() const { return *table_; }
  const Directory& directory() const { return directory_; }
  std::string revision() const { return directory_.revision(); }
  // "" when the last look at the source was good; else what is the matter, for people.
  const std::string& trouble() const { return trouble_; }
  absl::Time last_good_load() const { return last_good_load_; }
  // Problems of the whole source, ordered.
  std::vector<specs::Diagnostic> problems() const { return catalog_.AllProblems(); }

 private:
  Task<Status> Take(Result<Reading> reading);
  void Tell(const specs::Changes& changes);
  void TellEntry(const specs::Ref& key, std::string_view revision, SharedTexts& texts);
  void TellOperation(const specs::Document& document, const SourceRef& source);
  void TellTexts();  // those Operations that have some
  Task<void> Settle(Reading& reading);
  // What the Operation's document says and what the texts hold that it names.
  std::string DigestOf(const specs::Document& document);
  const AnyKind* KindOf(std::string_view name) const;

  World world_;
  Systems& systems_;
  Engine& engine_;
  Metrics& metrics_;
  const std::vector<AnyKind>& kinds_;
  std::unique_ptr<specs::KindTable> table_;
  Directory directory_;
  TextsBeside texts_;
  specs::Catalog catalog_;
  std::map<ResourceKey, std::string> recalled_;  // in force from the journal only, with their file
  std::string trouble_;
  absl::Time last_good_load_ = absl::InfinitePast();
};

}  // namespace holdfast
