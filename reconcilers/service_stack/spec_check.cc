#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/service_stack/layers.h"
#include "reconcilers/service_stack/spec_parts.h"

namespace holdfast::stack {
namespace {

using specs::Node;
using specs::ProblemCode;
using specs::Problems;
using specs::Span;

// The field's own place when it is written, else its owner's.
void CheckNeverList(const Service& service, const Node& node, Problems& problems) {
  const Component& component = ComponentOf(service.component);
  const auto check = [&](const specs::Argv& argv, const Node& at) {
    const std::string broken = NeverSays(component, argv.words);
    if (broken.empty()) return;
    problems.Error(ProblemCode::kRule, at.span(), Cat("`", broken, "` is never done to ", component.text))
        .Labelled("can destroy data")
        .Help("holdfast refuses this in every spec; do it by hand, with care, if you must");
  };
  if (const auto* command = std::get_if<CommandControl>(&service.control)) {
    const Node at = node.Find("control").Find("command");
    check(command->start, at.Find("start"));
    check(command->stop, at.Find("stop"));
    check(command->status, at.Find("status"));
  }
  if (service.probe)
    if (const auto* command = std::get_if<CommandProbe>(&*service.probe))
      check(command->argv, node.Find("probe").Find("command").Find("argv"));
}

void CheckCounts(const Service& service, const Node& node, Problems& problems) {
  const auto hosts = static_cast<int>(std::max<size_t>(1, service.hosts->names.size()));
  if (service.max_unavailable && *service.max_unavailable >= hosts && hosts > 1)
    problems
        .Error(ProblemCode::kRule, node.SpanAt("maxUnavailable"),
               Cat("maxUnavailable ", *service.max_unavailable, " leaves none of ",
                   Count(static_cast<size_t>(hosts), "member")))
        .Help(Cat("at most ", hosts - 1));
  if (service.layer_ready_when)
    if (const auto* count = std::get_if<specs::CountOrPercentage>(&*service.layer_ready_when);
        count && count->RoundedUp(hosts) > hosts)
      problems
          .Error(ProblemCode::kRule, node.SpanAt("layerReadyWhen"),
                 Cat("more than the ", Count(static_cast<size_t>(hosts), "member"), " it has"))
          .Help("write `all`");
  for (const std::string& host : service.retired->names)
    if (std::find(service.hosts->names.begin(), service.hosts->names.end(), host) ==
        service.hosts->names.end())
      problems
          .Error(ProblemCode::kRule, node.SpanAt("retired"),
                 Cat("`", host, "` is retired but not among the hosts"))
          .Help("keep it in `hosts` as long as it is retired");
}

// A service's edges lead sideways or down, to services that exist.
void CheckEdges(const Layout& layout, uint32_t from, const std::vector<std::string>& names,
                std::string_view field, const Node& node, Problems& problems) {
  std::vector<std::string_view> known;
  for (const Resolved& service : layout.services) known.push_back(service.spec->name);
  for (const std::string& name : names) {
    const auto to = layout.FindService(name);
    if (!to) {
      auto& problem =
          problems.Error(ProblemCode::kRule, node.SpanAt(field),
                         Cat("`", field, "` names `", name, "`, which is no service of this stack"));
      if (const std::string_view meant = DidYouMean(name, known); !meant.empty())
        problem.Help(Cat("did you mean `", meant, "`?"));
    } else if (layout.services[*to].layer > layout.services[from].layer) {
      problems
          .Error(ProblemCode::kRule, node.SpanAt(field),
                 Cat("`", field, "` names `", name, "`, which stands in a higher layer"))
          .Help("move it to the same or a lower layer");
    }
  }
}

// Whether the process is on a machine that its control can reach.
void CheckReach(const Resolved& service, const Node& node, Problems& problems) {
  const bool ssh = service.via != nullptr && std::holds_alternative<SshVia>(*service.via);
  if (const auto* supervisord = std::get_if<SupervisordControl>(&service.spec->control)) {
    if (ssh && !supervisord->socket.empty())
      problems
          .Error(ProblemCode::kRule, node.SpanAt("control"),
                 "supervisord's unix socket is reached on this machine only, not through ssh")
          .Help("give its HTTP server as `url: http://{host}:9001`, or `via: local`");
    return;
  }
  if (ssh) return;
  for (const std::string& host : service.spec->hosts->names) {
    if (host == "localhost" || host.starts_with("127.")) continue;
    problems
        .Error(ProblemCode::kRule, node.SpanAt("hosts"),
               Cat("`", host, "` is another machine, and nothing says how to reach it"))
        .Help("add `via: {ssh: {user: …}}` to the service, its layer or the stack");
    return;
  }
}

// Several targets that are one and the same process would be started and counted twice.
void CheckDistinct(const Service& service, const Node& node, Problems& problems) {
  if (service.hosts->names.size() < 2) return;
  const auto* supervisord = std::get_if<SupervisordControl>(&service.control);
  if (supervisord == nullptr) return;
  const auto varies = [](const std::string& text) {
    return text.find("{host}") != text.npos || text.find("{index}") != text.npos;
  };
  if (varies(supervisord->program) || varies(*supervisord->url) || varies(supervisord->socket)) return;
  problems
      .Error(ProblemCode::kRule, node.SpanAt("control"),
             Cat("all ", service.hosts->names.size(), " hosts would be one and the same program"))
      .Help("put `{host}` or `{index}` into `url`, `socket` or `program`");
}

void CheckState(const Spec& spec, const Node& node, Problems& problems, const specs::DecodeContext& context) {
  if (spec.state == Wanted::kDown && !spec.downtime->given() && !spec.indefinite)
    problems.Error(ProblemCode::kRule, node.SpanAt("state"), "`state: down` does not say until when")
        .Help(
            "add `downtime: {until: 2026-11-23T18:00:00Z, reason: …}`, or `indefinite: true` with a "
            "`reason`");
  if (spec.indefinite && spec.reason->empty())
    problems.Error(ProblemCode::kRule, node.SpanAt("indefinite"), "`indefinite` without a `reason`")
        .Help("say why in `reason`: people will ask");
  if (spec.indefinite && spec.downtime->given())
    problems
        .Error(ProblemCode::kRule, node.SpanAt("indefinite"),
               "`indefinite` and `downtime` contradict each other")
        .Help("leave one of them out");
  if (spec.state == Wanted::kUp && (spec.downtime->given() || spec.indefinite))
    problems
        .Error(ProblemCode::kRule, node.SpanAt(spec.indefinite ? "indefinite" : "downtime"),
               "says why it is down, but `state` is up")
        .Help("write `state: down`, or delete this");
  // Not an error: the text may outlive the downtime, and a controller that starts again must still read it.
  if (spec.downtime->given() && context.now != absl::InfiniteFuture() && !spec.downtime->InForce(context.now))
    problems
        .Warning(ProblemCode::kRule, node.SpanAt("downtime"),
                 Cat("this downtime ended at ", Rfc3339(*spec.downtime->until), ": the stack is up"))
        .Help("delete `state: down` and `downtime`");
}

}  // namespace

void CheckService(const Service& service, const Node& node, Problems& problems) {
  CheckNeverList(service, node, problems);
  CheckCounts(service, node, problems);
  CheckDistinct(service, node, problems);
}

void CheckSpec(const Spec& spec, const Node& node, Problems& problems, const specs::DecodeContext& context) {
  CheckState(spec, node, problems, context);
  const Layout& layout = LayoutOf(spec);
  if (layout.targets.size() > kMaxTargets)
    problems
        .Error(ProblemCode::kRule, node.SpanAt("layers"),
               Cat(layout.targets.size(), " processes; a stack has at most ", kMaxTargets))
        .Help("split it");
  absl::flat_hash_map<std::string_view, Span> first;
  uint32_t s = 0;
  for (const Node& layer : node.Find("layers"))
    for (const Node& at : layer.Find("services")) {
      const Resolved& service = layout.services[s];
      const auto [known, fresh] = first.emplace(service.spec->name, at.SpanAt("name"));
      if (!fresh)
        problems
            .Error(ProblemCode::kRule, at.SpanAt("name"),
                   Cat("service `", service.spec->name, "` is there twice"))
            .Also(known->second, "first here")
            .Help("a service's name stands for its processes; give each its own");
      CheckEdges(layout, s, *service.spec->needs, "needs", at, problems);
      CheckEdges(layout, s, *service.spec->waits_for, "waitsFor", at, problems);
      CheckReach(service, at, problems);
      ++s;
    }
  if (const std::vector<std::string> cycle = FindCycle(spec); !cycle.empty())
    problems
        .Error(ProblemCode::kRule, node.SpanAt("layers"),
               Cat("services wait for each other: ", Join(cycle, " → ")))
        .Help("take one of these edges out");
}

}  // namespace holdfast::stack
