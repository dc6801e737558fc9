#include "reconcilers/service_stack/spec.h"

#include "reconcilers/service_stack/component.h"
#include "reconcilers/service_stack/spec_parts.h"

namespace holdfast::stack {
namespace {

using specs::FieldTable;

constexpr std::string_view kViaDoc = "How hosts are reached; a layer or a service may differ.";
constexpr std::string_view kBecomeDoc = "Who commands on a host are run as.";
constexpr std::string_view kNamePattern = "[a-z0-9]([a-z0-9_.-]*[a-z0-9])?";
constexpr std::string_view kNameSays = "lower-case letters, digits and - _ . between them";

const FieldTable<NeedsHumanWhen>& NeedsHumanFields() {
  static const FieldTable<NeedsHumanWhen> table =
      FieldTable<NeedsHumanWhen>("When what is lost needs a person.")
          .Field("unavailable", &NeedsHumanWhen::unavailable,
                 "So many members unavailable at once freeze every stop.",
                 {.required = true, .min = 1, .max = 10000, .example = "3"});
  return table;
}

const FieldTable<RestartBudget>& BudgetFields() {
  static const FieldTable<RestartBudget> table =
      FieldTable<RestartBudget>("How often a target may be started again before a person is needed.")
          .Field("limit", &RestartBudget::limit, "Starts of one target.", {.min = 1, .max = 1000})
          .Field("per", &RestartBudget::per, "In this time.",
                 {.min = absl::Minutes(1), .max = absl::Hours(24)})
          .Field("gap", &RestartBudget::gap, "And at least so far apart.", {.max = absl::Hours(24)});
  return table;
}

std::vector<specs::Alternative> ControlAlternatives() {
  return {specs::Key<SupervisordControl>("supervisord", control::SupervisordFields),
          specs::Key<SystemdControl>("systemd", control::SystemdFields),
          specs::Key<SysvControl>("sysv", control::SysvFields),
          specs::Key<CommandControl>("command", control::CommandFields)};
}

std::vector<specs::Alternative> ReadyAlternatives() {
  return {specs::Word<AllReady>("all", "All members."),
          specs::Word<MajorityReady>("majority", "More than half of all hosts."),
          specs::Plain<specs::CountOrPercentage>("So many members, or so many per cent, rounded up.")};
}
std::vector<specs::Alternative> ManualStopAlternatives() {
  return {specs::Word<HealManualStop>("heal", "It is started again at once."),
          specs::Key<HoldManualStop>("hold", &HoldManualStop::hold,
                                     "It is left alone for so long, then started again.",
                                     {.min = absl::Seconds(1), .max = kHoldAtMost, .example = "1h"})};
}

void AddBehaviour(FieldTable<Service>& t) {
  const specs::FieldOptions any = {.max = absl::Hours(24)};
  t.Union("layerReadyWhen", &Service::layer_ready_when, ReadyAlternatives(),
          "How many members make its layer ready to carry the next one; left out: a majority for quorums, "
          "else all but `maxUnavailable`.")
      .Field("maxUnavailable", &Service::max_unavailable,
             "So many members may be out of service at once by our doing (1 by default).",
             {.min = 0, .max = 10000})
      .Table("needsHumanWhen", &Service::needs_human_when, NeedsHumanFields,
             "When a loss needs a person; components bring their own.")
      .Field("settle", &Service::settle,
             "How long it must have served without a break before anything stands on it.",
             {.max = absl::Hours(24), .example = "10s"})
      .Field("startTimeout", &Service::start_timeout,
             "How long a start may take before silence counts against it.",
             {.min = absl::Seconds(1), .max = absl::Hours(24), .example = "2m"})
      .Field("stopTimeout", &Service::stop_timeout, "How long a stop may take before it counts as refused.",
             {.min = absl::Seconds(1), .max = absl::Hours(24), .example = "1m"})
      .Field("recoveryTime", &Service::recovery_time,
             "How long the other members take over its work before it is started again.", any)
      .Table("restartBudget", &Service::restart_budget, BudgetFields,
             "How often a target is started again before a person is needed.")
      .Union("onManualStop", &Service::on_manual_stop, ManualStopAlternatives(),
             "What a stop by hand means; left out: `hold: 1h` for what keeps state, else `heal`.")
      .Enum(
          "zombie", &Service::zombie,
          {{"never", ZombiePolicy::kNever}, {"propose", ZombiePolicy::kPropose}, {"act", ZombiePolicy::kAct}},
          "What to do with a process that runs and does not answer; left out: `act` for members without "
          "state, else `propose`.")
      .Field("zombieAfter", &Service::zombie_after,
             "How long it may be silent before it counts as a zombie: its queue may drain.",
             {.min = absl::Seconds(1), .max = absl::Hours(24), .example = "30s"})
      .Field("stateful", &Service::stateful,
             "Whether it keeps state that a kill could harm; left out: as its component.")
      .Field("dataPath", &Service::data_path,
             "Where it keeps its data: it is not started again onto a full disk.",
             {.pattern = "/.*", .pattern_says = "an absolute path", .example = "/var/lib/redis"})
      .Field("needs", &Service::needs,
             "Services of the same or a lower layer that must serve before it starts, and stop after it.",
             {.max_items = 100})
      .Field("waitsFor", &Service::waits_for, "Services whose start is waited for, whatever becomes of it.",
             {.max_items = 100});
}

const FieldTable<Service>& ServiceFields() {
  static const FieldTable<Service> table = [] {
    std::initializer_list<std::pair<std::string_view, ComponentName>> components = {
        {"generic", ComponentName::kGeneric},
        {"zookeeper", ComponentName::kZookeeper},
        {"hdfs-namenode", ComponentName::kHdfsNamenode},
        {"hdfs-datanode", ComponentName::kHdfsDatanode},
        {"postgresql", ComponentName::kPostgresql},
        {"yarn-resourcemanager", ComponentName::kYarnResourcemanager},
        {"yarn-nodemanager", ComponentName::kYarnNodemanager},
        {"accumulo-master", ComponentName::kAccumuloMaster},
        {"accumulo-tserver", ComponentName::kAccumuloTserver},
        {"accumulo-gc", ComponentName::kAccumuloGc},
        {"accumulo-monitor", ComponentName::kAccumuloMonitor},
        {"redis", ComponentName::kRedis},
        {"nginx", ComponentName::kNginx}};
    FieldTable<Service> t("One sort of process, on one host or on several.");
    t.Field("name", &Service::name, "Its name, once in a stack.",
            {.required = true,
             .pattern = kNamePattern,
             .pattern_says = kNameSays,
             .max_length = 63,
             .example = "zookeeper"})
        .Field("hosts", &Service::hosts, "Where it runs; left out: once, on this machine.",
               {.max_items = 10000, .example = "\"dn[01-20]\""})
        .Field("retired", &Service::retired,
               "Hosts of it that are gone for good and left out, when the others suffice.",
               {.max_items = 10000})
        .Enum("component", &Service::component, components,
              "What it is, as far as holdfast knows it: brings a probe, times, failure classes and what is "
              "never done to it.")
        .Union("control", &Service::control, ControlAlternatives(), "Who starts and stops it.",
               {.required = true})
        .Union("probe", &Service::probe, ProbeAlternatives(),
               "How to ask whether it serves; left out: as its component, or not at all.")
        .Union("via", &Service::via, control::ViaAlternatives(), kViaDoc)
        .Enum("become", &Service::become, {{"nobody", Become::kNobody}, {"sudo", Become::kSudo}}, kBecomeDoc);
    AddBehaviour(t);
    t.Check(CheckService);
    return t;
  }();
  return table;
}

const FieldTable<Layer>& LayerFields() {
  static const FieldTable<Layer> table =
      FieldTable<Layer>("Services that may start together; what stands above begins when they are ready.")
          .Field("name", &Layer::name, "What people call it.", {.max_length = 80, .example = "data services"})
          .Union("via", &Layer::via, control::ViaAlternatives(), kViaDoc)
          .Enum("become", &Layer::become, {{"nobody", Become::kNobody}, {"sudo", Become::kSudo}}, kBecomeDoc)
          .List("services", &Layer::services, ServiceFields,
                "The services of this layer; their order means nothing.",
                {.required = true, .min_items = 1, .max_items = kMaxServicesOfLayer});
  return table;
}

}  // namespace

const FieldTable<Spec>& SpecFields() {
  static const FieldTable<Spec> table =
      FieldTable<Spec>("Services in layers, the lowest first.")
          .Named("ServiceStack")
          .Enum("state", &Spec::state, {{"up", Wanted::kUp}, {"down", Wanted::kDown}},
                "Whether it is to run; down needs `downtime`, or `indefinite: true` with a `reason`.")
          .Table("downtime", &Spec::downtime, specs::TemporaryFields,
                 "Until when it is down, and why; after that it goes up again by itself.")
          .Field("indefinite", &Spec::indefinite, "Down without an end.")
          .Field("reason", &Spec::reason, "Why it is down without an end.", {.max_length = 500})
          .Union("via", &Spec::via, control::ViaAlternatives(), kViaDoc)
          .Enum("become", &Spec::become, {{"nobody", Become::kNobody}, {"sudo", Become::kSudo}}, kBecomeDoc)
          .List("layers", &Spec::layers, LayerFields,
                "What stands on what, the lowest first: started in this order, stopped in the opposite one.",
                {.required = true, .min_items = 1, .max_items = kMaxLayers})
          .Check(CheckSpec);
  return table;
}

const FieldTable<Restart>& RestartFields() {
  static const FieldTable<Restart> table =
      FieldTable<Restart>(
          "Restarts services of a stack once, one member at a time; what stands above keeps running.")
          .Field("services", &Restart::services, "Which services.",
                 {.required = true, .min_items = 1, .example = "[redis, worker]"})
          .Field("startedBefore", &Restart::started_before,
                 "Members that were started before this moment; it must have passed.",
                 {.required = true, .not_after_now = true, .example = "2026-11-20T10:00:00Z"})
          .Enum("order", &Restart::order,
                {{"bottomUp", Restart::Order::kBottomUp}, {"asNamed", Restart::Order::kAsNamed}},
                "In which order the services are taken.");
  return table;
}

}  // namespace holdfast::stack
