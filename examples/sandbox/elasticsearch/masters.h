// Who is the master of a simulated cluster, and who may become it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "examples/sandbox/elasticsearch/ground.h"

namespace holdfast::sandbox::elasticsearch {

inline constexpr size_t kMostVotingExclusions = 10;

// Enough of those that vote answer.
bool HasQuorum(const Ground& ground);
// Makes one of them the master, when there is a quorum. False otherwise.
bool Elect(Ground& ground);
// Fits the voting configuration to who is there, as long as there is a master.
void Reconfigure(Ground& ground);

}  // namespace holdfast::sandbox::elasticsearch
