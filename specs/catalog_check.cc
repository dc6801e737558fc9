// Problems that one document alone does not have.
#include <algorithm>

#include "controller/base/text.h"
#include "specs/catalog_state.h"
#include "specs/fingerprint.h"

namespace holdfast::specs {
namespace {

constexpr size_t kMostOthersNamed = 3;

void Hinder(Entry& entry, Hindrance hindrance) { entry.hindrances |= static_cast<uint8_t>(hindrance); }

// The text of a claim that both make; "" when only its fingerprint is the same.
std::string SharedClaim(const Document& a, const Document& b, uint64_t fingerprint) {
  const std::vector<std::string> of_b = b.Claims();
  for (std::string& claim : a.Claims())
    if (Fingerprint(claim) == fingerprint && std::find(of_b.begin(), of_b.end(), claim) != of_b.end())
      return std::move(claim);
  return {};
}

}  // namespace

void Catalog::State::Recheck(Slot& slot) {
  CheckName(slot);
  if (slot.entry) {
    Entry& entry = *slot.entry;
    entry.hindrances = 0;
    if (!slot.rivals.empty()) Hinder(entry, Hindrance::kNameTaken);
    const auto file = files.find(entry.path());
    if (slot.orphan || (file != files.end() && file->second.broken)) Hinder(entry, Hindrance::kStale);
    Problems problems;
    CheckClaims(slot, problems);
    CheckDependencies(slot, problems);
    std::vector<Diagnostic> all = problems.Take();
    all.insert(all.end(), slot.name_problems->begin(), slot.name_problems->end());
    if (slot.cycle) {
      Hinder(entry, Hindrance::kCycle);
      all.push_back(slot.cycle->problem);
    }
    entry.problems = std::move(all);
  }
  const bool trouble = slot.entry ? !slot.entry->problems->empty() : !slot.name_problems->empty();
  if (trouble)
    troubled.insert(&slot);
  else
    troubled.erase(&slot);
}

void Catalog::State::CheckName(Slot& slot) {
  slot.name_problems = {};
  std::vector<const Entry*> all;
  for (const auto& rival : slot.rivals) all.push_back(rival.get());
  std::sort(all.begin(), all.end(), [](const Entry* a, const Entry* b) { return a->path() < b->path(); });
  const bool held = slot.entry && !slot.orphan;
  if (held) all.insert(all.begin(), slot.entry.get());
  if (all.size() < 2) return;
  Problems problems;
  for (size_t i = 1; i < all.size(); ++i) {
    problems
        .Error(ProblemCode::kSameName, PlaceSpan(*all[i], all[i]->document.name_place),
               Cat(RefText(*slot.key), " is described twice"))
        .Labelled(held ? "this one is not in force" : "neither of them is in force")
        .Also(PlaceSpan(*all[0], all[0]->document.name_place),
              held ? "this one was first and stays in force" : "the other one")
        .Help("rename or remove one of them");
  }
  slot.name_problems = problems.Take();
}

void Catalog::State::CheckClaims(Slot& slot, Problems& problems) {
  Entry& entry = *slot.entry;
  for (const uint64_t claim : entry.document.claims) {
    std::vector<Slot*> sharers;
    for (auto at = claimants.lower_bound({claim, nullptr}); at != claimants.end() && at->first == claim; ++at)
      sharers.push_back(at->second);
    if (sharers.size() < 2) continue;
    std::sort(sharers.begin(), sharers.end(), [](const Slot* a, const Slot* b) { return *a->key < *b->key; });
    // The first is paired with a few of the others, every other one with the first: the same sentence from
    // both sides.
    size_t paired = 0;
    for (Slot* other : sharers) {
      if (other == &slot || (sharers[0] != &slot && other != sharers[0]) || paired == kMostOthersNamed)
        continue;
      const std::string shared = SharedClaim(entry.document, other->entry->document, claim);
      if (shared.empty()) continue;
      ++paired;
      const Entry& first = sharers[0] == &slot ? entry : *other->entry;
      const Entry& second = sharers[0] == &slot ? *other->entry : entry;
      Hinder(entry, Hindrance::kClaimed);
      problems
          .Error(ProblemCode::kSameClaim, PlaceSpan(second, second.document.name_place),
                 Cat(RefText(second.document.key()), " and ", RefText(first.document.key()),
                     " are both about ", shared))
          .Also(PlaceSpan(first, first.document.name_place), "the other one")
          .Note("neither of them is acted upon")
          .Help("take it out of one of them");
    }
  }
}

void Catalog::State::CheckDependencies(Slot& slot, Problems& problems) {
  Entry& entry = *slot.entry;
  const auto missing = [&](const Ref& ref) {
    const Slot* on = FindSlot(ref);
    return on == nullptr || !on->entry;
  };
  const Document& document = entry.document;
  for (size_t i = 0; i < document.depends_on->size(); ++i) {
    if (!missing((*document.depends_on)[i])) continue;
    Hinder(entry, Hindrance::kDependencyMissing);
    problems
        .Error(ProblemCode::kDependencyMissing, PlaceSpan(entry, (*document.depends_on_places)[i]),
               Cat(RefText(*slot.key), " depends on ", RefText((*document.depends_on)[i]),
                   ", which does not exist"))
        .Help("correct the name, or add that document");
  }
  if (document.operation && missing(document.operation->target)) {
    Hinder(entry, Hindrance::kDependencyMissing);
    problems
        .Error(ProblemCode::kTargetMissing, PlaceSpan(entry, document.target_place),
               Cat(RefText(*slot.key), " is for ", RefText(document.operation->target),
                   ", which does not exist"))
        .Help("correct the target, or add its document");
  }
}

}  // namespace holdfast::specs
