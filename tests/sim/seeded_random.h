// Chance that is the same in every run.
#pragma once

#include <cstdint>

#include "controller/world/random.h"

namespace holdfast::sim {

class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed = 1) : state_(seed) {}
  // SplitMix64.
  double Uniform() override {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
  }

 private:
  uint64_t state_;
};

}  // namespace holdfast::sim
