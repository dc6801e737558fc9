// holdfast plan
#include <boost/asio/io_context.hpp>

#include "controller/api/documents.h"
#include "controller/base/log.h"
#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/cli/fields.h"
#include "controller/cli/render.h"
#include "controller/cli/select.h"
#include "controller/host.h"
#include "controller/world/real/real_clock.h"
#include "specs/hosts_changes.h"

namespace holdfast::cli {
namespace {

constexpr absl::Duration kLookPatience = absl::Seconds(30);

// Errors first, then changes, then what cannot be seen: a script must not take any of them for "nothing to
// do".
int DetailedExit(const json::object& document) {
  int code = kDone;
  for (const json::value& plan : List(document, "plans")) {
    if (!plan.is_object()) continue;
    if (!List(plan.get_object(), "stages").empty() || !List(plan.get_object(), "diffs").empty())
      return kChanges;
    if (Text(plan.get_object(), "observed") == "unknown") code = kTimedOut;
  }
  return code;
}

// What the spec adds to its ranges of hosts, and takes out of them, since it was in force last.
json::array HostsOf(const Site& site, const SpecsBefore& before, const ResourceKey& key) {
  json::array changes;
  const auto remembered = before.find(key);
  const specs::Entry* entry = site.catalog().Find({key.kind, key.name});
  if (remembered == before.end() || entry == nullptr) return changes;
  if (remembered->second.digest == Hex(entry->document.spec_digest)) return changes;
  const Result<json::value> was = ParseJson(remembered->second.text);
  const Result<json::value> is = ParseJson(entry->document.Canonical());
  if (!was.ok() || !is.ok() || !was->is_object() || entry->document.kind == nullptr) return changes;
  const json::value* spec = was->get_object().if_contains("spec");
  if (spec == nullptr) return changes;
  for (const specs::HostsDiffer& differ : specs::HostsChanges(*entry->document.kind->schema, *spec, *is))
    changes.emplace_back(json::object{{"path", differ.path}, {"change", differ.change}});
  return changes;
}

void AddHosts(json::object& document, const Site& site, const SpecsBefore& before) {
  for (json::value& plan : document["plans"].as_array()) {
    const ResourceKey key{std::string(Text(plan.get_object(), "kind")),
                          std::string(Text(plan.get_object(), "name"))};
    if (json::array changes = HostsOf(site, before, key); !changes.empty())
      plan.get_object()["hosts"] = std::move(changes);
  }
}

int TellPlan(Call& call, const Engine& engine, const Site& site, const SpecsBefore& before) {
  boost::asio::io_context loop(1);
  const std::vector<specs::Diagnostic> problems = site.problems();
  json::object document = PlanDocument(
      engine.board(), {.now = RealClock(loop.get_executor()).Now(), .revision = site.revision()});
  AddHosts(document, site, before);
  size_t errors = 0;
  for (const specs::Diagnostic& problem : problems)
    if (problem.level == specs::Level::kError) ++errors;
  if (!problems.empty()) {
    call.Remark(specs::ProblemsText(problems));
    document["problems"] = specs::ProblemsJson(problems)["diagnostics"];
  }
  if (!call.words().empty()) {
    const auto chosen = Select(List(document, "plans"), call.words());
    if (!chosen.ok()) return call.Fail(chosen.status());
    KeepOnly(document, "plans", *chosen);
  }
  if (List(document, "plans").empty())
    call.Remark(
        Cat("no resource is declared in ", call.settings().Get("specs"), ": nothing would be changed"));
  call.Tell(document, PlanText(document, call.style()));
  if (errors > 0)
    return call.Fail(kFailed, Cat("the specs have ", Count(errors, "error")),
                     Cat("holdfast validate ", call.settings().Get("specs")));
  return call.Has("detailed-exitcode") ? DetailedExit(document) : kDone;
}

}  // namespace

int RunPlan(Call& call) {
  SetLeastSeverity(call.style().detail == Detail::kVerbose ? Severity::kInfo : Severity::kError);
  const Settings& settings = call.settings();
  const HostOptions options{.specs = settings.Get("specs"),
                            .state = settings.Get("state"),
                            .environment = call.surroundings().environment,
                            .version = call.surroundings().version};
  return PlanOnce(options, call.surroundings().kinds, call.Timeout(kLookPatience),
                  [&call](const Engine& engine, const Site& site, const SpecsBefore& before) {
                    return TellPlan(call, engine, site, before);
                  });
}

}  // namespace holdfast::cli
