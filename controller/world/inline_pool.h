// A pool without threads, for tests and the virtual clock.
#pragma once

#include <functional>

#include "controller/world/pool.h"

namespace holdfast {

class InlinePool : public Pool {
 public:
  Task<void> Run(std::function<void()> work) override {
    work();
    co_return;
  }
  int threads() const override { return 1; }
};

}  // namespace holdfast
