// What a Catalog keeps: who declares what, what is in force, and who is connected with whom.
#pragma once

#include <absl/container/btree_set.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "specs/catalog.h"

namespace holdfast::specs {

struct Slot;

// Resources that depend on each other in a circle.
struct Cycle {
  std::vector<Slot*> members;
  Diagnostic problem;
};

// Everything about one kind and name.
struct Slot {
  const Ref* key = nullptr;
  std::unique_ptr<Entry> entry;                // in force
  std::vector<std::unique_ptr<Entry>> rivals;  // declared, not in force
  bool orphan = false;  // in force though no file declares it: several others want its place
  std::shared_ptr<const Cycle> cycle;
  Usual<std::vector<Diagnostic>> name_problems;

  // For the search for cycles.
  uint32_t search = 0;  // which search visited it
  uint32_t order = 0;
  uint32_t low = 0;
  bool on_path = false;
};

struct Catalog::State {
  struct File {
    SourcePtr source;  // as it stands now
    std::vector<Diagnostic> problems;
    bool broken = false;
    std::vector<Slot*> declares;  // by its last good version
  };
  // How a slot was before the batch.
  struct Before {
    bool in_force = false;
    Sha256Bytes spec_digest{}, head_digest{};
    std::string path;
    std::unique_ptr<Entry> entry;  // taken out by the batch
  };

  Changes Apply(std::vector<Parsed> read, std::vector<std::string> gone);

  // catalog.cc: files to slots
  size_t DeclaredAfter(const std::map<std::string, Parsed>& read) const;
  void Touch(Slot& slot);
  void Withdraw(File& file, std::string_view path);
  void TakeIn(Parsed parsed);
  void NoteBroken(Parsed parsed);
  void Admit(Slot& slot, Before& before);
  void Put(Slot& slot, std::unique_ptr<Entry> entry);
  std::unique_ptr<Entry> TakeOut(Slot& slot);
  Slot& SlotOf(const Ref& key);
  Slot* FindSlot(const Ref& key);
  void Settle(Changes& changes);
  void DropUnused(Slot* slot);

  // catalog_check.cc: problems between documents
  void Recheck(Slot& slot);
  void CheckName(Slot& slot);
  void CheckClaims(Slot& slot, Problems& problems);
  void CheckDependencies(Slot& slot, Problems& problems);

  // catalog_order.cc: gives every member of a circle its Cycle, for all slots that `roots` lead to.
  void FindCycles(const std::vector<Slot*>& roots);
  void SearchFrom(Slot& root, std::vector<Slot*>& path);
  void CloseCycle(std::vector<Slot*> members);
  std::vector<Slot*> DependenciesOf(const Slot& slot);

  std::map<std::string, File, std::less<>> files;
  std::unordered_map<Ref, Slot, RefHash> slots;
  absl::btree_set<std::pair<Slot*, Slot*>> dependents;    // (on whom, who)
  absl::btree_set<std::pair<uint64_t, Slot*>> claimants;  // (claim, who)
  std::set<Slot*> troubled;                               // with problems of their own
  std::set<std::string, std::less<>> withheld;            // paths that are gone, while nothing else is there
  size_t declared = 0;                                    // documents of all good versions
  size_t in_force = 0;
  uint32_t searches = 0;
  uint32_t next_order = 0;

  // Of the batch in hand.
  std::map<Slot*, Before> touched;
  std::set<Slot*> recheck;
};

Span PlaceSpan(const Entry& entry, const Place& place);

}  // namespace holdfast::specs
