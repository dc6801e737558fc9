// What the engine holds for one resource. Private to the engine's own files.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/base/boxed_text.h"
#include "controller/base/sha256.h"
#include "controller/base/usual.h"
#include "controller/engine/engine.h"
#include "controller/engine/expectations.h"

namespace holdfast {

// There is one for every resource, and mostly nothing happens to it: what is seldom there takes a pointer
// only.
struct Engine::Slot {
  SlotId id = 0;
  enum class Is : uint8_t { kDeclared, kReleasing, kGone } is = Is::kDeclared;
  enum class Quiet : uint8_t { kNotYet, kYes } quiet = Quiet::kNotYet;
  // What stays of the declaration; what only readers want is on the board.
  struct Kept {
    ResourceKey key;
    absl::Duration interval;
    Modes modes;
    Declared::WhenGone when_gone = Declared::WhenGone::kRelease;
    Usual<std::vector<ResourceKey>> depends_on;
    Sha256Bytes digest{}, head{};  // of the declared ones
  } declared;
  std::shared_ptr<Resource>
      resource;  // shared with a round under way, so that a new declaration can replace it
  int64_t generation = 0;
  uint64_t token = 0;  // changes with every declaration: a round that began under another starts anew
  Usual<SpecTrouble> trouble;
  Usual<std::vector<Sample>> samples;

  Usual<Past> past;
  Usual<Expectations> expectations;
  Usual<std::vector<OpenIntent>> unresolved;  // intents of an earlier life without an outcome
  Boxed<SuspensionSet> suspension;
  Boxed<ApprovalGiven> approval;

  int failures = 0;  // looks that gave nothing, in a row
  int refusals = 0;  // actions refused, in a row
  absl::Time backoff_until = absl::InfinitePast();
  BoxedText backoff_why;
  int fresh_looks = 0;  // in a row, only because facts were too old
  int asks = 0;         // in a row, each for something new
  Usual<std::vector<std::string>> ask;
  absl::Time not_older_than = absl::InfinitePast();
};

struct Engine::Flight {
  SlotId slot = 0;
  absl::Duration began;
  enum class Is : uint8_t { kLooking, kActing } is = Is::kLooking;
  enum class Counts : uint8_t { kYes, kNo } counts = Counts::kYes;
  boost::asio::cancellation_signal signal;
};

}  // namespace holdfast
