// Chance from the kernel's seed.
#pragma once

#include <random>

#include "controller/world/random.h"

namespace holdfast {

// Engine thread only.
class RealRandom : public Random {
 public:
  RealRandom() {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    engine_.seed(seed);
  }
  double Uniform() override { return std::uniform_real_distribution<double>(0, 1)(engine_); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace holdfast
