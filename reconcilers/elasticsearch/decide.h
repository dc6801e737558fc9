// The parts of the decision about one cluster, in the order in which they are asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/elasticsearch/draft.h"
#include "reconcilers/elasticsearch/picture.h"

namespace holdfast::elasticsearch {

// What an Operation on nodes has come to, and what it needs besides.
struct Roll {
  const OperationIn<Operation>* operation = nullptr;  // the one that is worked on; nullptr = none
  absl::Time begun;                                   // copies that were missing earlier are none of ours
  std::vector<uint32_t> coming;                       // not done yet
  std::vector<uint32_t> done;
  std::vector<WantedToken> protect;  // risky nodes that are to be empty meanwhile
  std::vector<WantedToken> drain;    // the node in hand, when it is to be emptied first
};
Roll PlanRoll(const Picture& p, Draft& draft);  // reports the Operations' progress

// ── what is put aside comes back, in this order: the node, the allocation, the exclusions ──
void BringNodeBack(const Picture& p, const Roll& roll, const Obligation& node, Draft& draft);
// A node of ours is out of the cluster, or about to leave it.
bool IsNodeAway(const Picture& p);
// Whether the shards may do without the node that was stopped: it is back, or taken for lost.
Guard NodeIsBackOrLost(const Picture& p);
// The node in hand was told to stop, nobody knows whether it heard, and its time is over: the Operation tells
// it again, with everything that is proven before a stop. It stays put aside all the while.
bool IsToldAgain(const Picture& p, const Roll& roll);
// Of a node that is back as it was, or never stopped: its note can be taken away with the same request.
// nullptr while it is away, is another, or may still leave.
const Obligation* SettledNode(const Picture& p);
// Everything whose note in the cluster can be taken away: the settled node's, its files', votes that are
// back.
std::vector<const Obligation*> SettledNotes(const Picture& p);
// Files that were changed are no obligation any more when their node is back.
void SettleFiles(const Picture& p, Draft& draft);
// Takes such notes away, when no other request is due that would.
void ForgetNotes(const Picture& p, Draft& draft);
void BringAllocationBack(const Picture& p, const Obligation& enable, Draft& draft);
void ReleaseExclusions(const Picture& p, const std::vector<WantedToken>& wanted, Draft& draft);

// ── what is declared ──
std::vector<WantedToken> DeclaredTokens(const Picture& p);
void WantAllocation(const Picture& p, Draft& draft);
void WantSettings(const Picture& p, Draft& draft);
void WantExclusions(const Picture& p, const std::vector<WantedToken>& wanted, Draft& draft);
void ExplainDrains(const Picture& p, const std::vector<WantedToken>& wanted, Draft& draft);

// ── an Operation's next node: freeze, stop; its return is an obligation ──
// Allocation is off for the stop that comes next: it is that stop's business.
bool IsFrozenForNext(const Picture& p, const Roll& roll);
void WantNextNode(const Picture& p, const Roll& roll, Draft& draft);

// The filters as they are in force, with or without one token.
Filter With(Filter filter, const WantedToken& token);
Filter Without(Filter filter, std::string_view key, std::string_view token);

// A PUT of settings as a step; its guards are the common ones and those given. What begins a piece of work
// takes the claim on the cluster with the same request, and what ends the last one gives it up.
enum class ClaimBy : uint8_t { kNobody, kTakes, kGivesUp };
Step PutStep(const Picture& p, SettingsPut put, ClaimBy claim, std::string verb, std::string target,
             std::string incarnation, std::string why);
// kGivesUp when nothing else than `objects`, and what this look found restored, is put aside.
ClaimBy ClaimAfter(const Picture& p, Draft& draft, const std::vector<std::string_view>& objects);

}  // namespace holdfast::elasticsearch
