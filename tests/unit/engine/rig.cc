#include "tests/unit/engine/rig.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::sim {
namespace {

// The doors of this world do everything; nothing may be asked in another way.
class NoHttp : public Http {
  Task<Result<HttpResponse>> Send(HttpRequest, Limits, HttpSink*) override {
    co_return Unavailable("no http here");
  }
};
class NoNet : public Net {
  Task<Result<std::unique_ptr<Stream>>> Connect(std::string, uint16_t, absl::Duration) override {
    co_return Unavailable("no net here");
  }
};
class NoCommands : public Commands {
  Task<Result<Exit>> Run(CommandLine, Limits) override { co_return NotFound("no programs here"); }
};
NoHttp no_http;
NoNet no_net;
NoCommands no_commands;

class FakeSighting : public Sighting {
 public:
  FakeSighting(std::shared_ptr<Script> script, Sight sight, absl::Time at,
               std::map<std::string, std::string> seen)
      : script_(std::move(script)), sight_(sight), at_(at), seen_(std::move(seen)) {}
  Sight sight() const override { return sight_; }
  absl::Time at() const override { return sight_ == Sight::kUnknown ? absl::InfinitePast() : at_; }
  std::string unknown_reason() const override {
    return sight_ == Sight::kUnknown ? "the world did not answer" : "";
  }
  Plan Decide(const Frame& frame) const override {
    if (sight_ != Sight::kUnknown) return script_->decide(seen_, frame, at_);
    Plan plan;
    plan.waits.push_back({.on = Wait::On::kObservation, .name = "look", .detail = unknown_reason()});
    return plan;
  }

 private:
  std::shared_ptr<Script> script_;
  Sight sight_;
  absl::Time at_;
  std::map<std::string, std::string> seen_;
};

class FakeResource : public Resource {
 public:
  FakeResource(std::shared_ptr<Script> script, Values& values, Clock& clock)
      : script_(std::move(script)), values_(values), clock_(clock) {}

  Task<std::unique_ptr<Sighting>> Observe(Look look) override {
    const absl::Time sent = clock_.Now();
    ++script_->observed;
    script_->asked.push_back(std::move(look.ask));
    script_->observed_at.push_back(sent);
    if (script_->looks == Script::Looks::kHang) co_await clock_.Sleep(absl::InfiniteDuration());
    co_await clock_.Sleep(script_->latency);
    const Script::Looks looks = script_->looks;
    if (looks == Script::Looks::kStaleOnce) script_->looks = Script::Looks::kSeen;
    const Sight sight = looks == Script::Looks::kUnknown ? Sight::kUnknown : Sight::kKnown;
    const absl::Time at = looks == Script::Looks::kOldFacts ? sent - absl::Seconds(30) : sent;
    co_return std::make_unique<FakeSighting>(
        script_, sight, at, looks == Script::Looks::kStaleOnce ? values_.before : values_.now);
  }
  void Forget() override { ++script_->forgotten; }
  void SetOperations(std::vector<ErasedOperation> operations) override {
    script_->operations = std::move(operations);
  }

 private:
  std::shared_ptr<Script> script_;
  Values& values_;
  Clock& clock_;
};

}  // namespace

Step SetStep(const std::string& key, const std::string& value, Danger danger) {
  Step step;
  step.key = Cat("set ", key, "#", value);
  step.verb = "set";
  step.target = key;
  step.action = Command{.argv = {"set", key, value}};
  step.danger = danger;
  step.why = Cat(key, " is not ", value);
  step.takes = absl::Seconds(20);
  return step;
}

Plan Want(const std::map<std::string, std::string>& seen, const std::string& key, const std::string& value,
          Danger danger) {
  Plan plan;
  const auto found = seen.find(key);
  const std::string is = found == seen.end() ? "" : found->second;
  plan.readiness = is == value ? Readiness{Readiness::Is::kYes, "AsWanted", ""}
                               : Readiness{Readiness::Is::kNo, "Differs", ""};
  if (is == value) return plan;
  plan.diffs.push_back({key, value, is});
  plan.stages.push_back({.name = "set values", .steps = {SetStep(key, value, danger)}});
  return plan;
}

Task<Outcome> SetDoors::Perform(Action action, absl::Duration deadline) {
  const Command command = std::get<Command>(action);
  const std::string key = Printed(command.argv[1]), value = Printed(command.argv[2]);
  const Answers how = answers;
  most_under_way = std::max(most_under_way, ++under_way);
  co_await clock_.Sleep(std::min(takes, deadline));
  --under_way;
  if (how == Answers::kRefused) co_return Outcome{Outcome::Kind::kRefused, "it said no", ""};
  if (how != Answers::kLostBeforeEffect) {
    performed.push_back({key, value, clock_.Now()});
    if (how != Answers::kDoneWithoutEffect) values_.Set(key, value);
  }
  if (how == Answers::kLostAfterEffect || how == Answers::kLostBeforeEffect)
    co_return Outcome{Outcome::Kind::kUnknown, "no answer", ""};
  co_return Outcome{Outcome::Kind::kDone, "", ""};
}

Rig::Rig(Settings s, Engine::Hands h) : settings(s), hands(h) { Boot(); }

Rig::~Rig() {
  loop.Drop();
  engine.reset();
}

void Rig::Boot() {
  vitals = std::make_unique<Vitals>();
  world = std::make_unique<World>(World{clock, random, no_http, no_net, no_commands, files, pool, *vitals});
  doors = std::make_unique<SetDoors>(values, clock);
  journal = std::make_unique<MemoryJournal>(disk, clock);
  engine = std::make_unique<Engine>(loop.executor(), *world, *doors, *journal, metrics, settings, hands);
  engine->Restore(*journal->Load());
}

Declared Rig::Make(const std::string& name, const std::shared_ptr<Script>& script, Mode mode,
                   const std::string& digest) {
  Declared declared;
  declared.key = Key(name);
  declared.modes = Modes{{mode, mode, mode}};
  declared.source = {.file = "specs/fake.yaml", .revision = "r1", .line = 3};
  declared.text = [name] { return Cat(R"({"kind":"FakeKind","name":")", name, R"("})"); };
  declared.digest = digest;
  declared.resource = std::make_unique<FakeResource>(script, values, clock);
  return declared;
}

std::shared_ptr<Script> Rig::Declare(
    const std::string& name,
    std::function<Plan(const std::map<std::string, std::string>&, const Frame&, absl::Time)> decide) {
  auto script = std::make_shared<Script>();
  script->decide = std::move(decide);
  engine->Declare(Make(name, script));
  return script;
}

void Rig::Start() {
  stopped_ = false;
  boost::asio::co_spawn(loop.executor(), engine->Run(), [this](std::exception_ptr) { stopped_ = true; });
  loop.Settle();
}

void Rig::Crash() {
  loop.Drop();
  engine.reset();
  auto performed = std::move(doors->performed);
  loop.Renew();
  Boot();
  doors->performed = std::move(performed);
}

const Wait* Rig::WaitOf(const std::string& name, const std::string& wait) const {
  for (const ShownWait& shown : RowOf(name).waits)
    if (shown.wait.name == wait) return &shown.wait;
  return nullptr;
}

std::string Rig::Done() const {
  std::string out;
  for (const Performed& done : doors->performed)
    Append(out, out.empty() ? "" : " ", done.key, "=", done.value);
  return out;
}

}  // namespace holdfast::sim
