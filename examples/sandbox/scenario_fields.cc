#include <algorithm>
#include <memory>

#include "controller/base/text.h"
#include "examples/sandbox/scenario.h"
#include "specs/node.h"

namespace holdfast::sandbox {
namespace {

using specs::FieldOptions;
using specs::FieldTable;
using specs::Key;
using specs::Word;

constexpr size_t kMostBehaviourBytes = 200;
constexpr absl::Duration kLongest = absl::Hours(24);
constexpr std::string_view kAddress = R"(127\.[0-9,.\[\]-]+:[0-9,\[\]-]+)";
constexpr std::string_view kAddressSays =
    "an address of this machine's loopback with a port: 127.0.0.31:7680";

std::vector<specs::Alternative> Behaviours() {
  const FieldOptions duration = {.min = absl::Milliseconds(10), .max = kLongest, .example = "10s"};
  return {
      Word<Normal>("normal", "Starts, serves, ends when it is asked to."),
      Word<ExitsAtOnce>("exitsAtOnce", "Exits before `startsecs`: BACKOFF, and FATAL after `startretries`."),
      Word<Missing>("missing", "There is no such file to run: NO_FILE, FATAL."),
      Word<IgnoresTerm>("ignoresTerm", "Hears no TERM: killed when `stopwaitsecs` are over."),
      Word<Unkillable>("unkillable", "Waits in the kernel for ever: neither TERM nor KILL end it."),
      Key<Dies>("dies", &Dies::after, "Exits by itself so long after each start: a crash loop.", duration),
      Key<Freezes>("freezes", &Freezes::after,
                   "Hangs so long after each start: it accepts connections and says nothing.", duration),
      Key<StopsIn>("stopsIn", &StopsIn::time, "Takes so long to end after a TERM.", duration)};
}

const FieldTable<ProgramSpec>& ProgramFields() {
  static const FieldTable<ProgramSpec> table =
      FieldTable<ProgramSpec>("A program in a supervisord's configuration, and how its process behaves.")
          .Named("Program")
          .Field("name", &ProgramSpec::name,
                 "As supervisord addresses it, with its group in front when that has another name. A range "
                 "stands "
                 "for several programs.",
                 {.required = true,
                  .pattern = R"([A-Za-z0-9_.:\[\],-]+)",
                  .pattern_says = "a program, GROUP:PROGRAM, or a range of them",
                  .example = "web:web_127.0.0.[31-33]"})
          .Field(
              "service", &ProgramSpec::service,
              "What others need it as; left out: its name. Members of one service stand in for each other.",
              {.example = "web"})
          .Enum("speaks", &ProgramSpec::speaks,
                {{"nothing", Speaks::kNothing},
                 {"http", Speaks::kHttp},
                 {"redis", Speaks::kRedis},
                 {"zookeeper", Speaks::kZookeeper},
                 {"postgresql", Speaks::kPostgresql}},
                "The protocol in which it answers on `listen`.")
          .Field("listen", &ProgramSpec::listen,
                 "Where it listens, on loopback only. For a range of programs a range of as many.",
                 {.pattern = kAddress, .pattern_says = kAddressSays, .example = "127.0.0.[31-33]:7680"})
          .Field("needs", &ProgramSpec::needs,
                 "Services of which one member each must serve; else it answers, but wrongly.",
                 {.max_items = 100, .example = "[redis]"})
          .Field("comesUp", &ProgramSpec::comes_up, "From its start until it answers rightly.",
                 {.min = absl::ZeroDuration(), .max = kLongest})
          .Field("goesDown", &ProgramSpec::goes_down, "From a TERM until it ends.",
                 {.min = absl::ZeroDuration(), .max = kLongest})
          .Union("behaviour", &ProgramSpec::behaviour, Behaviours(), "What goes wrong with it.",
                 {.example = "{dies: 10s}"})
          .Field("autostart", &ProgramSpec::autostart, "Started with its supervisord.")
          .Field("startsecs", &ProgramSpec::startsecs, "It has to live so long to be RUNNING.",
                 {.min = absl::ZeroDuration(), .max = kLongest})
          .Field("stopwaitsecs", &ProgramSpec::stopwaitsecs, "From a TERM until supervisord sends KILL.",
                 {.min = absl::ZeroDuration(), .max = kLongest})
          .Field("startretries", &ProgramSpec::startretries,
                 "Starts in vain after the first before it is FATAL.", {.min = 0, .max = 100})
          .Needs("speaks", "listen");
  return table;
}

const FieldTable<SupervisordSpec>& SupervisordFields() {
  static const FieldTable<SupervisordSpec> table =
      FieldTable<SupervisordSpec>("Where the host's supervisord is asked.")
          .Named("Supervisord")
          .Field("socket", &SupervisordSpec::socket,
                 "Path of its unix socket; then the host is this machine, and can always be reached.",
                 {.pattern = "/.*",
                  .pattern_says = "an absolute path",
                  .max_length = 107,
                  .example = "/tmp/world/supervisor.sock"})
          .Field("listen", &SupervisordSpec::listen, "Its address and port, on loopback only.",
                 {.pattern = R"(127\.[0-9.]+:[0-9]+)",
                  .pattern_says = kAddressSays,
                  .example = "127.0.0.21:9001"})
          .Field("user", &SupervisordSpec::user, "Who may ask over TCP; left out: anybody.")
          .Field("password", &SupervisordSpec::password, "In clear: it protects a simulated world.")
          .AtLeastOneOf({"socket", "listen"})
          .Needs("user", "password")
          .Needs("password", "user");
  return table;
}

const FieldTable<HostSpec>& HostFields() {
  static const FieldTable<HostSpec> table =
      FieldTable<HostSpec>("A machine with a supervisord.")
          .Named("Host")
          .Field("name", &HostSpec::name, "What the machine is called.",
                 {.required = true,
                  .pattern = "[A-Za-z0-9_.-]+",
                  .pattern_says = "a host's name",
                  .example = "db1"})
          .Table("supervisord", &HostSpec::supervisord, SupervisordFields, "Who starts its programs.",
                 {.required = true})
          .List("programs", &HostSpec::programs, ProgramFields, "What it can start.",
                {.required = true, .min_items = 1});
  return table;
}

}  // namespace

const FieldTable<ScenarioSpec>& ScenarioFields() {
  static const FieldTable<ScenarioSpec> table =
      FieldTable<ScenarioSpec>("A simulated world.")
          .Named("Scenario")
          .List("hosts", &ScenarioSpec::hosts, HostFields, "Its machines.", {.min_items = 1})
          .Table("account", &ScenarioSpec::account, AccountFields, "Its account of AWS.")
          .AtLeastOneOf({"hosts", "account"});
  return table;
}

namespace {

struct BehaviourAlone {
  Behaviour behaviour;
};
const FieldTable<BehaviourAlone>& BehaviourFields() {
  static const FieldTable<BehaviourAlone> table =
      FieldTable<BehaviourAlone>("How a process behaves.")
          .Union("behaviour", &BehaviourAlone::behaviour, Behaviours(), "What goes wrong with it.",
                 {.required = true});
  return table;
}

struct Set {
  Program& program;
  void operator()(const Normal&) const {}
  void operator()(const ExitsAtOnce&) const {
    program.dies_after = std::min(absl::Milliseconds(100), program.startsecs / 2);
  }
  void operator()(const Missing&) const { program.file = Program::File::kMissing; }
  void operator()(const IgnoresTerm&) const { program.on_term = Program::OnTerm::kIgnores; }
  void operator()(const Unkillable&) const {
    program.on_term = Program::OnTerm::kIgnores;
    program.on_kill = Program::OnKill::kSurvives;
  }
  void operator()(const Dies& dies) const { program.dies_after = dies.after; }
  void operator()(const Freezes& freezes) const { program.freezes_after = freezes.after; }
  void operator()(const StopsIn& stops) const { program.goes_down = stops.time; }
};

}  // namespace

Program Behaving(Program plain, const Behaviour& behaviour) {
  std::visit(Set{plain}, behaviour);
  return plain;
}

Result<Behaviour> ParseBehaviour(std::string_view text) {
  auto source = std::make_shared<const specs::Source>(
      specs::Source{"behaviour", Cat("behaviour: ", text.substr(0, kMostBehaviourBytes), "\n")});
  specs::Problems problems;
  const auto tree = specs::Tree::Parse(source, problems);
  BehaviourAlone out;
  if (tree && tree->documents().size() == 1)
    BehaviourFields().Decode(tree->documents()[0], out, problems, {.where = "the behaviour"});
  if (problems.errors() == 0) return out.behaviour;
  const specs::Diagnostic& first = problems.list().front();
  return InvalidArgument(Cat(first.message, first.help.empty() ? "" : "; ", first.help));
}

}  // namespace holdfast::sandbox
