// How copies recover, serve and are lost in a simulated cluster.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <vector>

#include "examples/sandbox/elasticsearch/deciders.h"
#include "examples/sandbox/elasticsearch/ground.h"

namespace holdfast::sandbox::elasticsearch {

// Where a recovery reads from, and where it writes to.
uint32_t SourceOf(const Ground& ground, const CopyRef& ref);
uint32_t TargetOf(const Copy& copy);

enum class Haste { kThrottled, kAtOnce };
// Recoveries go on for so long; those that are done by then are finished by Finish.
void Progress(Ground& ground, absl::Duration time);
absl::Time NextFinish(const Ground& ground);
// True when any was done. With kAtOnce all are.
bool Finish(Ground& ground, Haste haste = Haste::kThrottled);

// The master takes the node's copies out of the routing table. What it held stays on its disk.
void TakeOut(Ground& ground, uint32_t node);
// A copy that serves, or is to be assigned, begins to recover there.
void Begin(Ground& ground, const CopyRef& ref, uint32_t node, Goal goal);

// So many more documents for every shard of every open index. Returns how many were acknowledged: a primary
// that is missing, a copy that does not answer or a block keeps a write waiting. Copies that are gone leave
// the in-sync set at the first write.
int64_t Write(Ground& ground, int64_t documents);

void SetReplicas(Ground& ground, uint32_t index, int replicas);
void Close(Ground& ground, uint32_t index);
void Open(Ground& ground, uint32_t index);

// Acknowledged documents that no copy holds which may ever become a primary again.
int64_t LostDocuments(const Ground& ground);
// Shards with a copy on the node and no started, in-sync copy on another one that answers.
std::vector<CopyRef> OnlyThere(const Ground& ground, uint32_t node);

}  // namespace holdfast::sandbox::elasticsearch
