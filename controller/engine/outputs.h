// What resources tell others of themselves, under "KIND/NAME.output".
#pragma once

#include <absl/container/flat_hash_map.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/kind/systems.h"

namespace holdfast {

class Outputs {
 public:
  // Takes the place of what the resource told before; whether anything differs.
  bool Tell(const ResourceKey& of, const std::vector<std::pair<std::string, std::string>>& outputs);
  bool Forget(const ResourceKey& of) { return Tell(of, {}); }
  const std::map<std::string, std::string>& all() const { return all_; }

 private:
  std::map<std::string, std::string> all_;
  absl::flat_hash_map<std::string, std::vector<std::string>> names_;  // in all_, by KIND/NAME
};

}  // namespace holdfast
