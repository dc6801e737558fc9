// Everything a decision about one cluster looks at, put side by side once.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/kind/kind.h"
#include "reconcilers/elasticsearch/filters.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "reconcilers/elasticsearch/settings_put.h"
#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/trail.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

inline constexpr std::string_view kPinnedHolder = "holder";  // our name in claims, as the journal keeps it

using Operations = std::vector<OperationIn<Operation>>;

// One token that is to be in the cluster's filters.
struct WantedToken {
  std::string key, token;  // "_ip", "127.0.0.13"
  std::string why;
  std::optional<absl::Time> until;
  bool allow_empty = false;
  std::string operation;       // that needs it; "" = the spec says it
  std::string Object() const;  // "exclude:_ip:127.0.0.13"
  std::string Text() const;    // "_ip:127.0.0.13"
};

struct Picture {
  const Spec& want;
  const View& view;
  const Trail& trail;
  const Frame& frame;
  const Operations& operations;
  absl::Time now, at;

  std::vector<Obligation> obligations;
  std::vector<std::string> broken_mirrors;
  Filter in_force;         // exclude tokens, whoever wrote them
  std::string holder;      // our name in claims
  std::string enable;      // effective, lower case
  std::string enable_own;  // as the nodes' own file or the default has it

  const Obligation* Find(std::string_view object) const;
  // The first whose object begins so.
  const Obligation* FindKind(std::string_view prefix) const;
  bool InForce(std::string_view key, std::string_view token) const;
  // The latest attempt whose step's key begins so; nullptr when there is none in the last 24 h.
  const Attempt* LastAttempt(std::string_view key_prefix) const;
};
Picture Look(const Spec& want, const View& view, const Trail& trail, const Frame& frame,
             const Operations& operations, absl::Time at);

// ── rules that every change of the cluster must pass ──
// Nobody else has a living claim on it. The servers' clocks are not asked: a claim that has not changed for
// kClaimLives, as we saw it ourselves, is dead.
inline constexpr absl::Duration kClaimLives = absl::Seconds(60);
Guard NobodyElseWorksOnIt(const Picture& p);
Guard NobodyHoldsIt(const Picture& p);         // obligations do not ask
Guard SettingsCanBeWritten(const Picture& p);  // archived settings and read-only blocks refuse every PUT
Guard ReadTogether(const Picture& p);          // settings and routing table belong together
// The claim stands as we wrote it: before something that is not a PUT.
Guard OurClaimStands(const Picture& p);

// Puts our claim into a request, next to what it changes.
void AddClaim(const Picture& p, SettingsPut& put);
void DropClaim(const Picture& p, SettingsPut& put);

bool AnyHolds(const std::vector<Guard>& guards);

// "12 shards", "3.4gb": for people.
std::string ShardsText(int64_t shards);

}  // namespace holdfast::elasticsearch
