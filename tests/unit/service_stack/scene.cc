#include "tests/unit/service_stack/scene.h"

#include <algorithm>

#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast::stack {
namespace {

bool AsksAPerson(const Step& step) {
  return step.consent == Step::Consent::kPerson && step.duty == Step::Duty::kOrdinary;
}

}  // namespace

Service ServiceNamed(std::string name, int hosts, ServiceOptions options) {
  Service service;
  service.name = std::move(name);
  for (int i = 1; i <= hosts; ++i) service.hosts.Edit().names.push_back(Cat("127.0.0.", i));
  service.component = options.component;
  service.zombie = options.zombie;
  service.on_manual_stop = options.on_manual_stop;
  service.stateful = options.stateful;
  service.needs = options.needs;
  service.waits_for = options.waits_for;
  if (!options.retired.empty()) service.retired.Edit().names = options.retired;
  service.max_unavailable = options.max_unavailable;
  service.settle = options.settle;
  SupervisordControl control;
  control.socket = "/run/supervisor.sock";
  control.program = hosts == 0 ? service.name : Cat(service.name, "@{host}");
  service.control = control;
  if (options.probed && options.component == ComponentName::kGeneric) service.probe = HttpProbe{};
  return service;
}

Spec StackOf(std::vector<std::vector<Service>> layers) {
  Spec spec;
  for (auto& services : layers) {
    Layer layer;
    layer.name = Cat("layer ", spec.layers.size() + 1);
    layer.services = std::move(services);
    spec.layers.push_back(std::move(layer));
  }
  return spec;
}

Spec Site() {
  return StackOf(
      {{ServiceNamed("redis", 0, {.component = ComponentName::kRedis, .zombie = ZombiePolicy::kAct})},
       {ServiceNamed("web", 3)},
       {ServiceNamed("nginx", 0, {.component = ComponentName::kNginx})}});
}

Spec Koverse() {
  using C = ComponentName;
  return StackOf(
      {{ServiceNamed("zookeeper", 3, {.component = C::kZookeeper}),
        ServiceNamed("namenode", 0, {.component = C::kHdfsNamenode}),
        ServiceNamed("datanode", 5, {.component = C::kHdfsDatanode}),
        ServiceNamed("postgresql", 0, {.component = C::kPostgresql})},
       {ServiceNamed("master", 0, {.component = C::kAccumuloMaster}),
        ServiceNamed("tserver", 3,
                     {.component = C::kAccumuloTserver, .zombie = ZombiePolicy::kAct, .needs = {"master"}})},
       {ServiceNamed("monitor", 0, {.component = C::kAccumuloMonitor}),
        ServiceNamed("gc", 0, {.component = C::kAccumuloGc}), ServiceNamed("server"),
        ServiceNamed("webapp", 0, {.needs = {"server"}})}});
}

Scene::Scene(Spec s) : spec(std::move(s)) {
  for (const Target& target : layout().targets) world[target.name];
}

ModelProcess& Scene::at(std::string_view target) { return world.at(std::string(target)); }

Scene& Scene::AllUp() {
  for (auto& [name, process] : world) {
    process.is = ModelProcess::Is::kRunning;
    process.run = 1;
    process.started = now - absl::Hours(1);
  }
  See(2);
  return *this;
}

Scene& Scene::AllDown() {
  for (auto& [name, process] : world) process = {};
  return *this;
}

void Scene::Crash(std::string_view target) {
  ModelProcess& process = at(target);
  process.is = ModelProcess::Is::kExited;
  process.health = ModelProcess::Health::kServes;
  process.stopped = now;
}

void Scene::StopByHand(std::string_view target) {
  ModelProcess& process = at(target);
  process.is = ModelProcess::Is::kStopped;
  process.stopped = now;
}

void Scene::Advance() {
  using Is = ModelProcess::Is;
  for (auto& [name, process] : world) {
    if (now < process.changes_at) continue;
    process.changes_at = absl::InfiniteFuture();
    if (process.is == Is::kStarting) {
      process.is = process.temper == ModelProcess::Temper::kDiesAtOnce ? Is::kExited : Is::kRunning;
      if (process.is == Is::kExited) process.stopped = now;
    } else if (process.is == Is::kStopping) {
      process.is = Is::kStopped;
      process.stopped = now;
    }
  }
}

void Scene::Pass(absl::Duration time) {
  const absl::Time end = now + time;
  while (now < end) {
    absl::Time next = end;
    for (const auto& [name, process] : world)
      if (process.changes_at > now) next = std::min(next, process.changes_at);
    now = next;
    Advance();
  }
}

State Scene::Observe() {
  using Is = ModelProcess::Is;
  static constexpr std::string_view kWords[] = {"STOPPED",  "STARTING", "RUNNING",
                                                "STOPPING", "STOPPED",  "EXITED"};
  static constexpr Life kLives[] = {Life::kNever,    Life::kStarting, Life::kRunning,
                                    Life::kStopping, Life::kStopped,  Life::kFailed};
  State state{.shape = layout().shape};
  for (const Target& target : layout().targets) {
    const ModelProcess& process = world.at(target.name);
    Seen seen;
    const Resolved& service = layout().services[target.service];
    seen.probing =
        std::holds_alternative<NoProbe>(*service.probe) ? Seen::Probing::kNoProbe : Seen::Probing::kProbed;
    if (process.reach == ModelProcess::Reach::kUnknown) {
      seen.process = Unknown{"host does not answer"};
      seen.answer = Unknown{"host does not answer"};
      state.targets.push_back(std::move(seen));
      continue;
    }
    Process p{.life = kLives[static_cast<int>(process.is)],
              .started = process.started,
              .stopped = process.stopped,
              .word = std::string(kWords[static_cast<int>(process.is)])};
    if (process.is != Is::kNever)
      p.incarnation = Cat(process.Alive() ? 100 + process.run : 0, "@", absl::ToUnixMillis(process.started));
    const auto drives = failed_drives.find(target.name);
    Answer a{.witness = witness,
             .failed_drives = drives == failed_drives.end() ? 0 : drives->second,
             .detail = "refused",
             .missing_blocks = service.spec->component == ComponentName::kHdfsNamenode ? missing_blocks : 0};
    if (process.stray) {
      a.level = Answer::Level::kServing;
    } else if (process.is == Is::kRunning || process.is == Is::kStopping) {
      static constexpr Answer::Level kLevels[] = {Answer::Level::kServing, Answer::Level::kConnects,
                                                  Answer::Level::kStarting, Answer::Level::kWrong};
      static constexpr std::string_view kDetails[] = {"serves", "accepts, no answer in 5s",
                                                      "says that it is starting", "502"};
      a.level = kLevels[static_cast<int>(process.health)];
      a.detail = kDetails[static_cast<int>(process.health)];
    }
    seen.process = Known<Process>{std::move(p), now};
    if (seen.probing == Seen::Probing::kProbed) seen.answer = Known<Answer>{std::move(a), now};
    state.targets.push_back(std::move(seen));
  }
  state.findings = findings;
  if (believed > absl::ZeroDuration()) state.oldest = now - believed;
  return state;
}

Plan Scene::See(int times) {
  for (int i = 0; i < times; ++i) {
    if (i > 0) Pass(absl::Seconds(1));
    now += absl::Milliseconds(1);
    Advance();
    seen_ = Known<State>{Observe(), now};
    trail = ServiceStack::Fold(std::move(trail), seen_);
  }
  return Decide();
}

Plan Scene::Decide() {
  static const std::map<std::string, std::string> no_refs;
  const Frame frame{now, purpose, past, no_refs};
  return ServiceStack::Decide(View<ServiceStack>{spec, operations, seen_, trail, frame});
}

void Scene::DeclareDown(absl::Duration ends_in) {
  spec.state = Wanted::kDown;
  spec.downtime = specs::Temporary{now + ends_in, "new switches"};
}
void Scene::DeclareUp() {
  spec.state = Wanted::kUp;
  spec.downtime = specs::Temporary();
}

// The rules that no interleaving may break, judged by what is true and not by what is seen.
void Scene::CheckStart(uint32_t t) {
  const uint32_t layer = layout().ServiceOf(t).layer;
  for (const Resolved& service : layout().services) {
    if (service.layer >= layer) break;
    int serving = 0;
    for (uint32_t o = service.first; o < service.first + service.count; ++o)
      serving += world.at(layout().targets[o].name).Serves() ? 1 : 0;
    if (serving < service.required)
      broken.push_back(
          Cat("started ", layout().targets[t].name, " above ", service.spec->name, ", which is not ready"));
  }
  if (world.at(layout().targets[t].name).reach == ModelProcess::Reach::kUnknown)
    broken.push_back(Cat("started the unknown ", layout().targets[t].name));
}

void Scene::CheckStop(uint32_t t, const Step& step) {
  if (world.at(layout().targets[t].name).reach == ModelProcess::Reach::kUnknown)
    broken.push_back(Cat("stopped the unknown ", layout().targets[t].name));
  if (step.verb != kStopVerb) return;
  for (uint32_t o = 0; o < layout().targets.size(); ++o)
    if (layout().ServiceOf(o).layer > layout().ServiceOf(t).layer &&
        world.at(layout().targets[o].name).Alive())
      broken.push_back(
          Cat("stopped ", layout().targets[t].name, " below ", layout().targets[o].name, ", which runs"));
}

void Scene::Perform(const Step& step) {
  using Is = ModelProcess::Is;
  Attempt attempt{step.key, step.meter ? step.meter->key : "", now, {Outcome::Kind::kDone, "", ""}};
  if (step.puts_aside) {
    std::erase_if(past.open, [&](const Lease& lease) { return lease.object == step.puts_aside->object; });
    past.open.push_back(*step.puts_aside);
  }
  const auto& call = std::get<XmlRpcCall>(step.action);
  const uint32_t t = *layout().FindTarget(std::get<std::string>(call.params[0]));
  ModelProcess& process = at(layout().targets[t].name);
  const std::string living = Cat(100 + process.run, "@", absl::ToUnixMillis(process.started));
  if (!call.only_if_incarnation.empty() && (!process.Alive() || living != call.only_if_incarnation)) {
    attempt.outcome = {Outcome::Kind::kRefused, "another incarnation", ""};
  } else if (call.method == "supervisor.startProcess") {
    if (!process.Alive()) {
      CheckStart(t);
      effects.push_back(Cat("start ", layout().targets[t].name));
      process.is = Is::kStarting;
      process.health = ModelProcess::Health::kServes;
      ++process.run;
      process.started = now;
      process.changes_at = now + process.start_takes;
    }
  } else if (call.method == "supervisor.stopProcess") {
    CheckStop(t, step);
    effects.push_back(Cat("stop ", layout().targets[t].name));
    process.is = Is::kStopping;
    if (process.temper == ModelProcess::Temper::kGood) process.changes_at = now + process.stop_takes;
  } else {
    effects.push_back(Cat("kill ", layout().targets[t].name));
    if (process.temper != ModelProcess::Temper::kCannotBeKilled)
      process.is = Is::kStopped, process.stopped = now;
  }
  past.attempts.push_back(std::move(attempt));
}

void Scene::LetGo(const Plan& plan) {
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) let_go.insert(step.key);
}

std::vector<std::string> Scene::Act(const Plan& plan) {
  for (const auto& [object, how] : plan.restored)
    std::erase_if(past.open, [&](const Lease& lease) { return lease.object == object; });
  std::vector<std::string> done;
  if (plan.stages.empty()) return done;
  bool disruptive = false;
  for (const Step& step : plan.stages[0].steps) {
    if (!AllPass(step.guards)) continue;
    if (AsksAPerson(step) && let_go.erase(step.key) == 0) continue;
    const bool one = step.danger != Danger::kReversible && plan.stages[0].pace == Stage::Pace::kOneDisruptive;
    if (one && disruptive) continue;
    if (step.meter) {
      int tries = 0;
      absl::Time last = absl::InfinitePast();
      for (const Attempt& attempt : past.attempts)
        if (attempt.meter == step.meter->key && now - attempt.sent < step.meter->per)
          ++tries, last = attempt.sent;
      if (tries >= step.meter->limit || now - last < step.meter->gap) continue;
    }
    disruptive |= one;
    Perform(step);
    done.push_back(Cat(step.verb, " ", step.target));
  }
  now += absl::Milliseconds(5);
  return done;
}

bool Scene::Settle(absl::Duration most) {
  const absl::Time end = now + most;
  while (now < end) {
    const Plan plan = See();
    if (!Act(plan).empty()) continue;
    if (plan.stages.empty() && plan.look_again == absl::InfiniteFuture()) return true;
    Pass(std::clamp(plan.look_again - now, absl::Milliseconds(100), absl::Seconds(30)));
  }
  return false;
}

std::vector<std::string> MayGo(const Plan& plan) {
  std::vector<std::string> steps;
  if (!plan.stages.empty())
    for (const Step& step : plan.stages[0].steps)
      if (AllPass(step.guards) && !AsksAPerson(step)) steps.push_back(Cat(step.verb, " ", step.target));
  return steps;
}

std::vector<std::string> Proposed(const Plan& plan) {
  std::vector<std::string> steps;
  if (!plan.stages.empty())
    for (const Step& step : plan.stages[0].steps)
      if (AllPass(step.guards) && AsksAPerson(step)) steps.push_back(Cat(step.verb, " ", step.target));
  return steps;
}

std::vector<std::string> Steps(const Plan& plan) {
  std::vector<std::string> steps;
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) steps.push_back(Cat(step.verb, " ", step.target));
  return steps;
}

std::vector<std::string> Held(const Plan& plan, std::string_view target) {
  std::vector<std::string> held;
  for (const Stage& stage : plan.stages)
    for (const Step& step : stage.steps) {
      if (step.target != target) continue;
      for (const Guard& guard : step.guards)
        if (guard.verdict.is != Verdict::Is::kPass)
          held.push_back(Cat(guard.name, ": ", guard.verdict.evidence));
      return held;
    }
  return held;
}

const Wait* FindWait(const Plan& plan, std::string_view name) {
  for (const Wait& wait : plan.waits)
    if (wait.name == name) return &wait;
  return nullptr;
}

std::string PlanText(const Plan& plan) {
  std::string text = Cat("ready: ",
                         plan.readiness.is == Readiness::Is::kYes  ? "yes"
                         : plan.readiness.is == Readiness::Is::kNo ? "no"
                                                                   : "unknown",
                         " ", plan.readiness.reason,
                         plan.readiness.message.empty() ? "" : Cat(" (", plan.readiness.message, ")"), "\n");
  for (const Stage& stage : plan.stages) {
    Append(text, "stage ", stage.name, stage.pace == Stage::Pace::kDeclaredOutage ? " (declared outage)" : "",
           "\n");
    for (const Step& step : stage.steps) {
      Append(text, "  ", step.key, "  ", DangerText(step.danger),
             step.duty == Step::Duty::kMustFinish ? ", must finish" : "",
             step.consent == Step::Consent::kPerson ? ", a person lets it go" : "",
             step.puts_aside ? ", puts aside" : "", step.puts_back.empty() ? "" : ", puts back",
             "\n    why: ", step.why, "\n    $ ", Line(step.action), "\n");
      for (const Guard& guard : step.guards)
        Append(text, "    ", VerdictText(guard.verdict.is), ": ", guard.name, " (", guard.verdict.evidence,
               ")\n");
    }
  }
  for (const Wait& wait : plan.waits) {
    Append(text, "wait ", OnText(wait.on), ": ", wait.name, ": ", wait.detail, "\n");
    if (!wait.evidence.empty()) Append(text, "  evidence: ", wait.evidence, "\n");
    if (!wait.remedy.empty()) Append(text, "  remedy: ", wait.remedy, "\n");
    if (wait.until != absl::InfiniteFuture()) Append(text, "  until: ", Rfc3339(wait.until), "\n");
  }
  for (const OperationProgress& operation : plan.operations)
    Append(text, "operation ", operation.name, ": ", operation.message, "\n");
  for (const auto& [object, how] : plan.restored) Append(text, "restored ", object, ": ", how, "\n");
  return text;
}

}  // namespace holdfast::stack
