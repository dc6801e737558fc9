// Circles of dependsOn: strongly connected components, searched from what changed.
#include <algorithm>
#include <unordered_map>

#include "controller/base/text.h"
#include "specs/catalog_state.h"

namespace holdfast::specs {
namespace {

constexpr size_t kMostNamesShown = 12;

}  // namespace

std::vector<Slot*> Catalog::State::DependenciesOf(const Slot& slot) {
  std::vector<Slot*> out;
  if (!slot.entry) return out;
  for (const Ref& ref : *slot.entry->document.depends_on) {
    Slot* on = FindSlot(ref);
    if (on != nullptr && on->entry) out.push_back(on);
  }
  return out;
}

void Catalog::State::FindCycles(const std::vector<Slot*>& roots) {
  ++searches;
  next_order = 0;
  for (Slot* root : roots) {
    root->cycle.reset();
    recheck.insert(root);
  }
  std::vector<Slot*> path;
  for (Slot* root : roots)
    if (root->search != searches) SearchFrom(*root, path);
}

// Tarjan's search with a stack of its own: a chain of dependencies may be longer than the thread's stack.
void Catalog::State::SearchFrom(Slot& root, std::vector<Slot*>& path) {
  struct Visit {
    Slot* slot;
    std::vector<Slot*> next;
    size_t at = 0;
  };
  std::vector<Visit> visits;
  const auto enter = [&](Slot& slot) {
    slot.search = searches;
    slot.order = slot.low = next_order++;
    slot.on_path = true;
    path.push_back(&slot);
    visits.push_back({&slot, DependenciesOf(slot)});
  };
  enter(root);
  while (!visits.empty()) {
    Visit& visit = visits.back();
    if (visit.at < visit.next.size()) {
      Slot* next = visit.next[visit.at++];
      if (next->search != searches)
        enter(*next);
      else if (next->on_path)
        visit.slot->low = std::min(visit.slot->low, next->order);
      continue;
    }
    Slot* done = visit.slot;
    const bool itself = std::find(visit.next.begin(), visit.next.end(), done) != visit.next.end();
    visits.pop_back();
    if (!visits.empty()) visits.back().slot->low = std::min(visits.back().slot->low, done->low);
    if (done->low != done->order) continue;
    const auto first = std::find(path.rbegin(), path.rend(), done).base() - 1;
    std::vector<Slot*> members(first, path.end());
    path.erase(first, path.end());
    for (Slot* member : members) member->on_path = false;
    if (members.size() > 1 || itself) CloseCycle(std::move(members));
  }
}

namespace {

// The shortest way from `first` back to itself, within the members.
std::vector<Slot*> WayAround(Slot* first, const std::vector<Slot*>& members,
                             const std::unordered_map<Slot*, std::vector<Slot*>>& next) {
  std::unordered_map<Slot*, Slot*> from;
  for (Slot* member : members) from[member] = nullptr;
  std::vector<Slot*> queue = {first};
  for (size_t i = 0; i < queue.size(); ++i) {
    for (Slot* on : next.at(queue[i])) {
      const auto at = from.find(on);
      if (at == from.end() || at->second != nullptr) continue;
      at->second = queue[i];
      if (on != first) {
        queue.push_back(on);
        continue;
      }
      std::vector<Slot*> way = {first};
      for (Slot* back = queue[i]; back != first; back = from[back]) way.insert(way.begin() + 1, back);
      return way;
    }
  }
  return {first};
}

}  // namespace

void Catalog::State::CloseCycle(std::vector<Slot*> members) {
  std::unordered_map<Slot*, std::vector<Slot*>> next;
  for (Slot* member : members) next[member] = DependenciesOf(*member);
  Slot* first = *std::min_element(members.begin(), members.end(),
                                  [](const Slot* a, const Slot* b) { return *a->key < *b->key; });
  const std::vector<Slot*> way = WayAround(first, members, next);
  std::string text;
  for (size_t i = 0; i < way.size() && i < kMostNamesShown; ++i) Append(text, RefText(*way[i]->key), " → ");
  if (way.size() > kMostNamesShown) Append(text, "… (", way.size() - kMostNamesShown, " more) → ");
  text.append(RefText(*first->key));
  const auto place = [&](size_t i) {
    const Entry& entry = *way[i]->entry;
    const std::vector<Ref>& refs = *entry.document.depends_on;
    const auto at = std::find(refs.begin(), refs.end(), *way[(i + 1) % way.size()]->key) - refs.begin();
    return PlaceSpan(entry, (*entry.document.depends_on_places)[static_cast<size_t>(at)]);
  };
  Problems problems;
  Diagnostic& problem =
      problems.Error(ProblemCode::kDependencyCycle, place(0), Cat("a cycle of dependencies: ", text));
  for (size_t i = 1; i < way.size() && i < kMostNamesShown; ++i) problem.Also(place(i), "and this");
  problem.Note("none of them is acted upon").Help("take one of these dependencies out");
  auto cycle = std::make_shared<Cycle>();
  cycle->members = members;
  cycle->problem = std::move(problems.Take()[0]);
  for (Slot* member : members) {
    member->cycle = cycle;
    recheck.insert(member);
  }
}

}  // namespace holdfast::specs
