#include "reconcilers/elasticsearch/since.h"

namespace holdfast::elasticsearch {

bool BehavesSince(const View& view, const Version& version) {
  if (view.flavor == Flavor::kOpenSearch) return version <= Version{7, 10, 2};
  return view.lowest >= version;
}

}  // namespace holdfast::elasticsearch
