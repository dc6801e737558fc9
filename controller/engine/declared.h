// A resource as its source declares it.
#pragma once

#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/shared_text.h"
#include "controller/kind/resource.h"
#include "controller/plan/plan.h"

namespace holdfast {

enum class Mode : uint8_t { kObserve, kPropose, kAct };
std::string_view ModeText(Mode mode);

// Mode by danger class, in the order of Danger.
struct Modes {
  std::array<Mode, 3> by_danger = {Mode::kObserve, Mode::kObserve, Mode::kObserve};
  Mode Of(Danger danger) const { return by_danger[static_cast<size_t>(danger)]; }
  bool operator==(const Modes&) const = default;
};

struct SourceRef {
  SharedText file, revision;
  int line = 0;
  bool operator==(const SourceRef&) const = default;
};

struct Declared {
  ResourceKey key;
  Modes modes;
  absl::Duration interval = absl::Seconds(30);
  enum class WhenGone : uint8_t { kRelease, kPrune } when_gone = WhenGone::kRelease;
  std::vector<ResourceKey> depends_on;
  SourceRef source;
  std::function<std::string()> text;  // the document as normalised JSON: what the journal keeps; called at
                                      // most once, in Declare
  std::string digest;  // of the normalised spec; the engine raises the generation when it changes
  std::string head;    // digest of name, labels, policy and dependsOn: no new generation, but kept anew
  std::unique_ptr<Resource> resource;
};

// What the source has against a resource that is in force.
struct SpecTrouble {
  std::vector<Wait> waits;  // on = kSpec: "file broken, last good version in force", "claimed by two specs"
  enum class Effect : uint8_t { kNone, kHoldsSteps } effect = Effect::kNone;
  bool operator==(const SpecTrouble&) const = default;
};

// An Operation document.
struct DeclaredOperation {
  ErasedOperation operation;
  ResourceKey target;
  SourceRef source;
};

}  // namespace holdfast
