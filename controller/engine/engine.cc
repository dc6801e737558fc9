#include "controller/engine/engine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/engine/slot.h"

namespace holdfast {

Engine::Engine(const boost::asio::any_io_executor& executor, World world, Doors& doors, Journal& journal,
               Metrics& metrics, Settings settings, Hands hands)
    : executor_(executor),
      world_(world),
      doors_(doors),
      journal_(journal),
      metrics_(metrics),
      settings_(settings),
      hands_(hands) {}

Engine::~Engine() = default;

Engine::Slot* Engine::Find(const ResourceKey& key) {
  const auto slot = board_.SlotOf(key);
  return slot ? slots_[*slot].get() : nullptr;
}
const Engine::Slot* Engine::Find(const ResourceKey& key) const {
  const auto slot = board_.SlotOf(key);
  return slot ? slots_[*slot].get() : nullptr;
}

SlotId Engine::TakeId() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    return static_cast<SlotId>(slots_.size() - 1);
  }
  const SlotId id = free_slots_.back();
  free_slots_.pop_back();
  return id;
}

Engine::Slot& Engine::Make(const ResourceKey& key) {
  const SlotId id = TakeId();
  slots_[id] = std::make_unique<Slot>();
  slots_[id]->id = id;
  slots_[id]->declared.key = key;
  return *slots_[id];
}

void Engine::Free(Slot& slot) {
  const SlotId id = slot.id;
  for (const ResourceKey& on : *slot.declared.depends_on) std::erase(dependents_[on.Text()], id);
  queue_.Drop(id);
  board_.Drop(id);
  outputs_.Forget(slot.declared.key);
  WakeDependents(slot.declared.key);
  slots_[id].reset();
  free_slots_.push_back(id);
}

void Engine::Queued(const Slot& slot, absl::Duration in) {
  queue_.At(slot.id, world_.clock.Steady() + in);
  wake_.Ring();
}

void Engine::Restore(Memory memory) {
  memory_ = std::move(memory);
  stop_all_ = memory_.stop_all;
}

namespace {

// What the journal remembers of this key, taken out of the pile.
std::optional<Remembered> TakeRemembered(Memory& memory, const ResourceKey& key) {
  const auto found = memory.resources.find(key);
  if (found == memory.resources.end()) return std::nullopt;
  std::optional<Remembered> out = std::move(found->second);
  memory.resources.erase(found);
  return out;
}

}  // namespace

void Engine::Declare(Declared declared) {
  const absl::Time now = world_.clock.Now();
  Slot* found = Find(declared.key);
  const bool is_new = found == nullptr;
  Slot& slot = is_new ? Make(declared.key) : *found;
  // A spec that comes back while its last round still runs was already told to be forgotten: it is kept anew.
  const auto digest = Sha256(declared.digest), head = Sha256(declared.head);
  const bool same_as_before = !is_new && digest == slot.declared.digest;
  // What the journal has.
  bool is_kept = same_as_before && slot.is != Slot::Is::kGone, head_is_kept = head == slot.declared.head;
  if (is_new) {
    if (auto remembered = TakeRemembered(memory_, declared.key)) {
      slot.past = std::move(remembered->past);
      if (remembered->suspension) slot.suspension = std::move(*remembered->suspension);
      if (remembered->approval) slot.approval = std::move(*remembered->approval);
      if (remembered->spec) {
        slot.generation = remembered->spec->generation;
        is_kept = declared.digest == remembered->spec->digest;
        head_is_kept = declared.head == remembered->spec->head;
      }
    }
    std::vector<OpenIntent> of_others;
    for (OpenIntent& open : memory_.open_intents) {
      if (open.intent.resource == declared.key) {
        slot.expectations.Edit().MayHaveHappened(open.intent.step_key, open.intent.target, now);
        slot.unresolved.Edit().push_back(std::move(open));
      } else {
        of_others.push_back(std::move(open));
      }
    }
    memory_.open_intents = std::move(of_others);
  }
  const bool same_spec = same_as_before && slot.is == Slot::Is::kDeclared;
  if (!is_kept || slot.generation == 0) ++slot.generation;
  // Who may not act keeps nothing.
  if (hands_ == Hands::kAct && !(is_kept && head_is_kept)) {
    unkept_.Add(SpecInForce{.resource = declared.key,
                            .text = declared.text ? declared.text() : std::string(),
                            .digest = declared.digest,
                            .head = declared.head,
                            .file = std::string(declared.source.file),
                            .revision = std::string(declared.source.revision),
                            .line = declared.source.line,
                            .generation = slot.generation,
                            .at = now});
  }
  for (const ResourceKey& on : *slot.declared.depends_on) std::erase(dependents_[on.Text()], slot.id);
  for (const ResourceKey& on : declared.depends_on) dependents_[on.Text()].push_back(slot.id);
  if (same_spec) {
    declared.resource.reset();  // the old one keeps its streaks
  } else {
    slot.resource = std::move(declared.resource);
    ++slot.token;
    // Whoever edits a spec is answered with what is there now, and need not wait for a listing of everything.
    if (!is_new) slot.not_older_than = std::max(slot.not_older_than, now);
  }
  board_.Put(slot.id, declared, slot.generation, now);
  slot.declared = {std::move(declared.key),
                   declared.interval,
                   declared.modes,
                   declared.when_gone,
                   std::move(declared.depends_on),
                   digest,
                   head};
  slot.is = Slot::Is::kDeclared;
  slot.trouble = SpecTrouble();
  slot.quiet = Slot::Quiet::kNotYet;
  RefreshOperations(slot);
  Queued(slot, absl::ZeroDuration());
}

void Engine::SetTrouble(const ResourceKey& key, SpecTrouble trouble) {
  Slot* slot = Find(key);
  if (slot == nullptr || *slot->trouble == trouble) return;
  slot->trouble = std::move(trouble);
  Queued(*slot, absl::ZeroDuration());
}

void Engine::Undeclare(const ResourceKey& key) {
  Slot* slot = Find(key);
  if (slot == nullptr || slot->is != Slot::Is::kDeclared) return;
  slot->is = Slot::Is::kReleasing;
  ++slot->token;
  slot->trouble = SpecTrouble{.waits = {{.on = Wait::On::kSpec,
                                         .name = "removed",
                                         .detail = "the spec is gone; what was put aside is put back",
                                         .remedy = ""}}};
  if (slot->past->open.empty() && slot->declared.when_gone == Declared::WhenGone::kRelease &&
      slot->unresolved->empty()) {
    Forget(*slot, world_.clock.Now());
    return;
  }
  Queued(*slot, absl::ZeroDuration());
}

// Nothing of ours is left in the world: the journal and the board let it go. A round under way finds the slot
// gone.
void Engine::Forget(Slot& slot, absl::Time) {
  if (hands_ == Hands::kAct) unkept_.Add(SpecForgotten{slot.declared.key});
  slot.is = Slot::Is::kGone;
  for (const auto& flight : flights_)
    if (flight->slot == slot.id) return;  // freed when its round ends
  Free(slot);
  wake_.Ring();
}

bool Engine::IsDeclared(const ResourceKey& key) const {
  const Slot* slot = Find(key);
  return slot != nullptr && slot->is == Slot::Is::kDeclared;
}

std::vector<ResourceKey> Engine::Keys() const {
  std::vector<ResourceKey> keys;
  for (const auto& slot : slots_)
    if (slot) keys.push_back(slot->declared.key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

void Engine::LookNow(const ResourceKey& key, std::string why) {
  if (Slot* slot = Find(key)) {
    Log(Severity::kDebug, "look now", {{"resource", key.Text()}, {"why", std::move(why)}});
    Queued(*slot, absl::ZeroDuration());
  }
}

void Engine::LookAtAll(absl::Time not_older_than) {
  for (const auto& slot : slots_)
    if (slot) {
      slot->not_older_than = std::max(slot->not_older_than, not_older_than);
      Queued(*slot, absl::ZeroDuration());
    }
}

void Engine::Disturbed(std::string why) {
  Log(Severity::kWarning,
      "our own process or clock was disturbed: streaks are lost, everything is looked at anew",
      {{"why", why}});
  disturbance_ = std::move(why);
  disturbed_at_ = world_.clock.Now();
  for (const auto& slot : slots_)
    if (slot && slot->resource) slot->resource->Forget();
  LookAtAll(disturbed_at_);
}

void Engine::WakeDependents(const ResourceKey& key) {
  const auto wake = [&](const std::vector<SlotId>& those) {
    for (const SlotId id : those)
      if (slots_[id]) {
        slots_[id]->quiet = Slot::Quiet::kNotYet;
        Queued(*slots_[id], absl::ZeroDuration());
      }
  };
  const std::string name = key.Text();
  if (const auto found = dependents_.find(name); found != dependents_.end()) wake(found->second);
  if (const auto node = awaiting_.extract(name)) wake(node.mapped());
}

void Engine::AwaitOutputs(SlotId slot, const std::vector<Wait>& waits) {
  for (const Wait& wait : waits) {
    if (wait.on != Wait::On::kDependency) continue;
    std::vector<SlotId>& those = awaiting_[wait.name];
    if (std::find(those.begin(), those.end(), slot) == those.end()) those.push_back(slot);
  }
}

const Boxed<SuspensionSet>& Engine::SuspensionOf(const ResourceKey& key) const {
  static const Boxed<SuspensionSet> kNone;
  const Slot* slot = Find(key);
  return slot == nullptr ? kNone : slot->suspension;
}

void Engine::ForEachLease(const std::function<void(const ResourceKey&, const Lease&)>& tell) const {
  for (const auto& slot : slots_)
    if (slot)
      for (const Lease& lease : slot->past->open) tell(slot->declared.key, lease);
  for (const auto& [key, remembered] : memory_.resources)
    for (const Lease& lease : remembered.past.open) tell(key, lease);
}

void Engine::ForEachSample(const std::function<void(const ResourceKey&, const Sample&)>& tell) const {
  for (const auto& slot : slots_)
    if (slot)
      for (const Sample& sample : *slot->samples) tell(slot->declared.key, sample);
}

}  // namespace holdfast
