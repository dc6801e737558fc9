// A plan about one table in the making: DynamoDB takes one change at a time.
#pragma once

#include <cstdint>
#include <string>

#include "controller/plan/draft.h"

namespace holdfast::dynamodb {

class Draft : public PlanDraft {
 public:
  // Whether what is known of the table is young enough to act on.
  enum class Facts : uint8_t { kFresh, kOld };
  explicit Draft(Facts facts);

  // On old facts no step goes: fresh ones are asked for when there is one that would.
  void Add(Step step, std::string stage);

 private:
  const Facts facts_;
};

}  // namespace holdfast::dynamodb
