// The vote of a node that is one of two masters: given away before it stops, given back when it is there
// again.
#pragma once

#include <string>

#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "reconcilers/elasticsearch/picture.h"

namespace holdfast::elasticsearch {

// Whether the other one can be the only voter for a while (H27): it answers, and nobody else's exclusions are
// there, because they can only be taken away all at once.
Verdict TheOtherCanVote(const Picture& p, uint32_t node);
Lease VoteLease(const Picture& p, const NodeIdentity& node, const std::string& why);
Step GiveVoteAway(const Picture& p, const NodeIdentity& node, const std::string& why);
bool HasItsVote(const Picture& p, const Obligation& vote);
// While the stop that they were given away for is still to come.
void KeepVotesAway(const Picture& p, Draft& draft);
// Votes that were given away come back once their node is there again and stays.
void BringVotesBack(const Picture& p, Draft& draft);

}  // namespace holdfast::elasticsearch
