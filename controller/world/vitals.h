// What this machine's own probes tell about this machine: whether what we see may be our own sickness.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// Clients report every exchange with the world; the engine asks before it lets an action go.
// A hold is not a verdict about the world: it says that we had better not act on what we see.
class Vitals {
 public:
  enum class Answer {
    kAnswered,  // anything that the other side said, also "connection refused" and "stopped": it was there to
                // say it
    kSilent,    // time-out, unreachable, lost connection: the other side, the way, or we
    kLocal,     // our own machine: no descriptors, no route, no DNS
  };
  // `target` is who was asked, such as "10.0.0.3:6379".
  void Report(std::string_view target, Answer answer, absl::Time now);

  // Why no action should go now, or nothing. Local errors count for `kLocalFor`; silence counts when more
  // than `kSilentShare` of at least `kLeastTargets` targets asked in the last `kWindow` are silent.
  std::optional<std::string> Sick(absl::Time now);

  static constexpr absl::Duration kLocalFor = absl::Seconds(15);
  static constexpr absl::Duration kWindow = absl::Minutes(2);
  static constexpr double kSilentShare = 0.4;
  static constexpr size_t kLeastTargets = 10;
  static constexpr size_t kMostTargets = 1 << 20;

 private:
  struct Last {
    Answer answer = Answer::kAnswered;
    absl::Time at;
  };
  void Sweep(absl::Time now);

  absl::flat_hash_map<std::string, Last> last_;
  // Kept as a count, because Sick is asked in every round; targets not asked any more are swept out now and
  // then.
  absl::Time swept_at_ = absl::InfinitePast();
  size_t silent_ = 0;
  absl::Time local_at_ = absl::InfinitePast();
  std::string local_target_;
};

}  // namespace holdfast
