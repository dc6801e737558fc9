// Chance, for jitter.
#pragma once

namespace holdfast {

class Random {
 public:
  virtual ~Random() = default;
  // Uniform in [0, 1).
  virtual double Uniform() = 0;
};

}  // namespace holdfast
