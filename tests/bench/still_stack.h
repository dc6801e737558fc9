// A kind for measuring what is around a look: it decides as a ServiceStack does, and sees without asking.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/service_stack/kind.h"
#include "reconcilers/service_stack/layers.h"

namespace holdfast {

// A ServiceStack whose look costs nothing and finds everything up.
struct StillStack {
  using Spec = ServiceStack::Spec;
  using State = ServiceStack::State;
  using Trail = ServiceStack::Trail;
  using Operation = ServiceStack::Operation;
  static inline int64_t looks = 0;  // so far
  static constexpr std::string_view kName = ServiceStack::kName;
  static constexpr std::string_view kSummary = ServiceStack::kSummary;
  static const specs::FieldTable<Spec>& Fields() { return ServiceStack::Fields(); }
  static std::vector<specs::OperationVerb> OperationFields() { return ServiceStack::OperationFields(); }
  static std::vector<std::string> Claims(const Spec& spec) { return ServiceStack::Claims(spec); }
  static Trail Fold(Trail trail, const Fact<State>& seen) {
    return ServiceStack::Fold(std::move(trail), seen);
  }
  static Plan Decide(const View<StillStack>& view) {
    return ServiceStack::Decide({view.want, view.operations, view.seen, view.trail, view.frame});
  }
  static Task<Observed<State>> Observe(Systems& systems, std::shared_ptr<const Spec> want, Look) {
    ++looks;
    const stack::Layout& layout = stack::LayoutOf(*want);
    const absl::Time now = systems.world().clock.Now();
    State state{.shape = layout.shape};
    state.targets.resize(layout.targets.size());
    for (stack::Seen& seen : state.targets) {
      seen.process = Known<stack::Process>{{.life = stack::Life::kRunning, .incarnation = "47@11"}, now};
      seen.answer = Known<stack::Answer>{{.level = stack::Answer::Level::kServing}, now};
      seen.probing = stack::Seen::Probing::kProbed;
    }
    co_return Known<State>{std::move(state), now};
  }
};

// `state` is what stands first below `spec:`, with its newline.
inline std::string StillSpecText(int number, std::string_view state = {}) {
  return Cat("apiVersion: holdfast/v1\nkind: ServiceStack\nmetadata: {name: s", number,
             "}\npolicy: {mode: act}\nspec:\n", state,
             "  layers:\n    - name: data\n      services:\n        - name: db\n"
             "          control: {supervisord: {socket: /run/s.sock, program: db",
             number,
             "}}\n          probe: {redis: {port: 6379}}\n    - name: front\n      services:\n"
             "        - name: web\n          control: {supervisord: {socket: /run/s.sock, program: web",
             number, "}}\n          probe: {http: {port: 80}}\n");
}

}  // namespace holdfast
