// Threads for pure work that would hold up the loop: parsing, hashing.
#pragma once

#include <functional>

#include "controller/base/task.h"

namespace holdfast {

class Pool {
 public:
  virtual ~Pool() = default;
  // Returns on the caller's executor when `work` has returned. `work` must not throw, touch the engine or
  // wait.
  virtual Task<void> Run(std::function<void()> work) = 0;
  virtual int threads() const = 0;
};

}  // namespace holdfast
