#include "controller/engine/outputs.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {

bool Outputs::Tell(const ResourceKey& of, const std::vector<std::pair<std::string, std::string>>& outputs) {
  if (outputs.empty() && names_.empty()) return false;  // most worlds tell nothing
  const auto told = names_.find(of.Text());
  if (outputs.empty() && told == names_.end()) return false;
  bool differs = false;
  std::vector<std::string> names;
  names.reserve(outputs.size());
  for (const auto& [output, value] : outputs) {
    names.push_back(Cat(of.Text(), ".", output));
    const auto [kept, is_new] = all_.try_emplace(names.back(), value);
    differs = differs || is_new || kept->second != value;
    kept->second = value;
  }
  if (told != names_.end() && told->second != names) {
    differs = true;
    for (const std::string& name : told->second)
      if (std::find(names.begin(), names.end(), name) == names.end()) all_.erase(name);
  }
  if (names.empty())
    names_.erase(of.Text());
  else
    names_[of.Text()] = std::move(names);
  return differs;
}

}  // namespace holdfast
