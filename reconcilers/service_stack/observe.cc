#include <string>

#include "reconcilers/service_stack/kind.h"
namespace holdfast {
Task<Observed<stack::State>> ServiceStack::Observe(Systems&, std::shared_ptr<const Spec>, Look) {
  co_return Unknown{"never looked"};
}
}  // namespace holdfast
