// Which of our writes the world has not shown yet.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/plan.h"

namespace holdfast {

// A write is met when a plan made from an observation sent after it no longer contains the step's key. Until
// then the key and every disruptive step of the resource are held. A key that comes back within `show_within`
// is a stale read; one that is still there after that is due again. Volatile: after a crash the open intents
// are expected anew.
class Expectations {
 public:
  void Wrote(const Step& step, absl::Time sent);
  // After a crash: the intent was written, what became of it is not known.
  void MayHaveHappened(std::string key, std::string target, absl::Time sent);

  // Looks at a plan made from an observation whose reads were sent at `observed_at`.
  void See(const Plan& plan, absl::Time observed_at, absl::Time now);

  // Why this step must wait for the world to show an earlier write, and until when at most.
  struct Held {
    std::string detail;
    absl::Time until;
  };
  std::optional<Held> Holds(const Step& step, absl::Time now) const;

  bool empty() const { return open_.empty(); }
  // Targets written to and not seen since, for the next look.
  std::vector<std::string> Touched() const;
  absl::Time last_write() const { return last_write_; }
  // When the next one ends by itself; infinite when there is none.
  absl::Time NextEnd() const;

 private:
  struct Open {
    std::string key, target;
    absl::Time sent, show_until;
    enum class Is { kUnseen, kMet } is = Is::kUnseen;  // kMet is kept until show_until, to tell a stale read
  };
  std::vector<Open> open_;
  absl::Time last_write_ = absl::InfinitePast();
};

// The part of a step's key before the incarnation: "stop cache/redis@127.0.0.1".
std::string_view EffectOf(std::string_view key);

}  // namespace holdfast
