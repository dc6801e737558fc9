#include "specs/catalog.h"

#include <algorithm>

#include "controller/base/text.h"
#include "specs/catalog_state.h"

namespace holdfast::specs {

Span PlaceSpan(const Entry& entry, const Place& place) {
  return SpanOf(entry.source, place.begin, place.end);
}

Slot& Catalog::State::SlotOf(const Ref& key) {
  const auto [at, fresh] = slots.try_emplace(key);
  if (fresh) at->second.key = &at->first;
  return at->second;
}

Slot* Catalog::State::FindSlot(const Ref& key) {
  const auto at = slots.find(key);
  return at == slots.end() ? nullptr : &at->second;
}

void Catalog::State::Touch(Slot& slot) {
  const auto [at, fresh] = touched.try_emplace(&slot);
  if (!fresh || !slot.entry) return;
  const Document& document = slot.entry->document;
  at->second = {.in_force = true,
                .spec_digest = document.spec_digest,
                .head_digest = document.head_digest,
                .path = slot.orphan ? "" : slot.entry->path()};
}

// What an entry is connected with is looked at again whenever it comes or goes.
void Catalog::State::Put(Slot& slot, std::unique_ptr<Entry> entry) {
  slot.entry = std::move(entry);
  ++in_force;
  const Document& document = slot.entry->document;
  for (const uint64_t claim : document.claims) {
    for (auto at = claimants.lower_bound({claim, nullptr}); at != claimants.end() && at->first == claim; ++at)
      recheck.insert(at->second);
    claimants.insert({claim, &slot});
  }
  for (const Ref& ref : *document.depends_on) dependents.insert({&SlotOf(ref), &slot});
  if (document.operation) dependents.insert({&SlotOf(document.operation->target), &slot});
}

std::unique_ptr<Entry> Catalog::State::TakeOut(Slot& slot) {
  const Document& document = slot.entry->document;
  --in_force;
  for (const uint64_t claim : document.claims) {
    claimants.erase({claim, &slot});
    for (auto at = claimants.lower_bound({claim, nullptr}); at != claimants.end() && at->first == claim; ++at)
      recheck.insert(at->second);
  }
  const auto leave = [&](const Ref& ref) {
    Slot& on = SlotOf(ref);
    dependents.erase({&on, &slot});
    recheck.insert(&on);
  };
  for (const Ref& ref : *document.depends_on) leave(ref);
  if (document.operation) leave(document.operation->target);
  return std::move(slot.entry);
}

void Catalog::State::Withdraw(File& file, std::string_view path) {
  for (Slot* slot : file.declares) {
    Touch(*slot);
    if (slot->entry && !slot->orphan && slot->entry->path() == path) {
      touched[slot].entry = TakeOut(*slot);
    } else {
      std::erase_if(slot->rivals, [&](const auto& rival) { return rival->path() == path; });
    }
  }
  declared -= file.declares.size();
  file.declares.clear();
}

void Catalog::State::TakeIn(Parsed parsed) {
  File& file = files[parsed.source->path];
  Withdraw(file, parsed.source->path);
  file = {.source = parsed.source, .problems = std::move(parsed.problems)};
  for (Document& document : parsed.documents) {
    Slot& slot = SlotOf(document.key());
    Touch(slot);
    slot.rivals.push_back(
        std::make_unique<Entry>(Entry{.document = std::move(document), .source = parsed.source}));
    file.declares.push_back(&slot);
  }
  file.declares.shrink_to_fit();
  declared += file.declares.size();
}

void Catalog::State::NoteBroken(Parsed parsed) {
  File& file = files[parsed.source->path];
  file.source = parsed.source;
  file.problems = std::move(parsed.problems);
  file.broken = true;
  recheck.insert(file.declares.begin(), file.declares.end());
}

// Whoever was in force stays; a single newcomer comes in; of several, none.
void Catalog::State::Admit(Slot& slot, Before& before) {
  if (slot.entry && !slot.orphan) return;
  auto chosen = slot.rivals.size() == 1 ? slot.rivals.begin() : slot.rivals.end();
  if (slot.rivals.size() > 1 && !before.path.empty())
    chosen = std::find_if(slot.rivals.begin(), slot.rivals.end(),
                          [&](const auto& rival) { return rival->path() == before.path; });
  if (chosen != slot.rivals.end()) {
    if (slot.entry) TakeOut(slot);
    auto entry = std::move(*chosen);
    slot.rivals.erase(chosen);
    slot.rivals.shrink_to_fit();  // mostly there are none
    slot.orphan = false;
    Put(slot, std::move(entry));
  } else if (slot.rivals.empty()) {
    if (slot.entry) TakeOut(slot);
    slot.orphan = false;
  } else if (before.entry) {
    // Its file went while two others ask for its name: to drop what runs would be a guess.
    Put(slot, std::move(before.entry));
    slot.orphan = true;
  }
}

size_t Catalog::State::DeclaredAfter(const std::map<std::string, Parsed>& read) const {
  size_t after = declared;
  const auto declares = [&](std::string_view path) {
    const auto at = files.find(path);
    return at == files.end() ? 0 : at->second.declares.size();
  };
  for (const std::string& path : withheld) after -= declares(path);
  for (const auto& [path, parsed] : read)
    if (!parsed.broken) after += parsed.documents.size() - declares(path);
  return after;
}

Changes Catalog::State::Apply(std::vector<Parsed> list, std::vector<std::string> gone) {
  Changes changes;
  touched.clear();
  recheck.clear();
  withheld.insert(std::make_move_iterator(gone.begin()), std::make_move_iterator(gone.end()));
  std::map<std::string, Parsed> read;
  for (Parsed& parsed : list) {
    withheld.erase(parsed.source->path);
    read.insert_or_assign(parsed.source->path, std::move(parsed));
  }
  const bool empty = DeclaredAfter(read) == 0;
  if (empty) {
    changes.state = Changes::State::kEmpty;
    for (auto& [path, parsed] : read)
      if (!parsed.broken) withheld.insert(path);
  } else {
    for (const std::string& path : withheld) {
      const auto at = files.find(path);
      if (at == files.end()) continue;
      Withdraw(at->second, path);
      files.erase(at);
    }
    withheld.clear();
  }
  for (auto& [path, parsed] : read) {
    if (parsed.broken)
      NoteBroken(std::move(parsed));
    else if (!empty)
      TakeIn(std::move(parsed));
  }
  Settle(changes);
  return changes;
}

void Catalog::State::Settle(Changes& changes) {
  std::vector<Slot*> roots;
  for (auto& [slot, before] : touched) {
    Admit(*slot, before);
    recheck.insert(slot);
    roots.push_back(slot);
    if (slot->cycle) roots.insert(roots.end(), slot->cycle->members.begin(), slot->cycle->members.end());
    const bool in_force_now = slot->entry != nullptr;
    if (before.in_force != in_force_now) {
      for (auto at = dependents.lower_bound({slot, nullptr}); at != dependents.end() && at->first == slot;
           ++at)
        recheck.insert(at->second);
      (in_force_now ? changes.added : changes.removed).push_back(*slot->key);
    } else if (in_force_now) {
      const Document& document = slot->entry->document;
      const bool same =
          document.spec_digest == before.spec_digest && document.head_digest == before.head_digest;
      (same ? changes.unchanged : changes.changed).push_back(*slot->key);
    }
  }
  std::map<Slot*, uint8_t> hindrances;
  FindCycles(roots);
  for (Slot* slot : recheck) {
    const auto at = touched.find(slot);
    const bool taken = at != touched.end() && at->second.entry;
    hindrances[slot] = taken         ? at->second.entry->hindrances
                       : slot->entry ? slot->entry->hindrances
                                     : uint8_t{0};
    Recheck(*slot);
    if (slot->entry && slot->entry->hindrances != hindrances[slot]) changes.hindered.push_back(*slot->key);
  }
  touched.clear();
  for (Slot* slot : recheck) DropUnused(slot);
  recheck.clear();
  for (auto* keys :
       {&changes.added, &changes.changed, &changes.removed, &changes.unchanged, &changes.hindered})
    std::sort(keys->begin(), keys->end());
}

void Catalog::State::DropUnused(Slot* slot) {
  if (slot->entry || !slot->rivals.empty()) return;
  const auto at = dependents.lower_bound({slot, nullptr});
  if (at != dependents.end() && at->first == slot) return;
  troubled.erase(slot);
  slots.erase(Ref(*slot->key));
}

Catalog::Catalog() : state_(std::make_unique<State>()) {}
Catalog::~Catalog() = default;

Changes Catalog::Apply(std::vector<Parsed> read, std::vector<std::string> gone) {
  return state_->Apply(std::move(read), std::move(gone));
}

const Entry* Catalog::Find(const Ref& key) const {
  const Slot* slot = state_->FindSlot(key);
  return slot == nullptr ? nullptr : slot->entry.get();
}
size_t Catalog::size() const { return state_->in_force; }
size_t Catalog::files() const { return state_->files.size(); }

std::vector<Ref> Catalog::Keys() const {
  std::vector<Ref> out;
  for (const auto& [key, slot] : state_->slots)
    if (slot.entry) out.push_back(key);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<Ref> Catalog::DependentsOf(const Ref& key) const {
  std::vector<Ref> out;
  Slot* slot = state_->FindSlot(key);
  if (slot == nullptr) return out;
  for (auto at = state_->dependents.lower_bound({slot, nullptr});
       at != state_->dependents.end() && at->first == slot; ++at)
    out.push_back(*at->second->key);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<Diagnostic> Catalog::AllProblems() const {
  std::vector<Diagnostic> out;
  for (const auto& [path, file] : state_->files)
    out.insert(out.end(), file.problems.begin(), file.problems.end());
  for (const Slot* slot : state_->troubled) {
    const std::vector<Diagnostic>& own = *(slot->entry ? slot->entry->problems : slot->name_problems);
    out.insert(out.end(), own.begin(), own.end());
  }
  if (state_->declared == 0 && out.empty()) {
    Problems nothing;
    nothing
        .Warning(ProblemCode::kNothingThere, {},
                 "there is no document in any file: nothing is changed because of that")
        .Help("check that this is the right directory, and that it is mounted");
    out = nothing.Take();
  }
  Order(out);
  return out;
}

const std::vector<Diagnostic>& Catalog::ProblemsOf(std::string_view path) const {
  static const std::vector<Diagnostic> none;
  const auto at = state_->files.find(path);
  return at == state_->files.end() ? none : at->second.problems;
}

std::vector<Diagnostic> Catalog::ProblemsOf(const Ref& key) const {
  const Slot* slot = state_->FindSlot(key);
  if (slot == nullptr) return {};
  if (!slot->entry) return *slot->name_problems;
  std::vector<Diagnostic> out = *slot->entry->problems;
  if (slot->entry->Has(Hindrance::kStale)) {
    const std::vector<Diagnostic>& file = ProblemsOf(slot->entry->path());
    out.insert(out.end(), file.begin(), file.end());
  }
  Order(out);
  return out;
}

std::vector<std::string> Catalog::BrokenFiles() const {
  std::vector<std::string> out;
  for (const auto& [path, file] : state_->files)
    if (file.broken) out.push_back(path);
  return out;
}

}  // namespace holdfast::specs
