#include "tests/unit/specs/example_kind.h"

#include "controller/base/text.h"

namespace holdfast::specs {
namespace {

const FieldTable<Systemd>& SystemdFields() {
  static const FieldTable<Systemd> table =
      FieldTable<Systemd>("A unit of systemd.")
          .Field("unit", &Systemd::unit, "The unit's name.", {.required = true, .example = "nginx"});
  return table;
}
const FieldTable<Sysv>& SysvFields() {
  static const FieldTable<Sysv> table =
      FieldTable<Sysv>("A script in /etc/init.d.")
          .Field("service", &Sysv::service, "The script's name.", {.required = true, .example = "nginx"});
  return table;
}
const FieldTable<RedisProbe>& RedisProbeFields() {
  static const FieldTable<RedisProbe> table =
      FieldTable<RedisProbe>("Asks a Redis server PING.")
          .Field("port", &RedisProbe::port, "Port the server listens on.",
                 {.min = 1, .max = 65535, .example = "6379"})
          .Field("deadline", &RedisProbe::deadline, "How long an answer may take.", {.example = "2s"});
  return table;
}
const FieldTable<HttpProbe>& HttpProbeFields() {
  static const FieldTable<HttpProbe> table =
      FieldTable<HttpProbe>("Asks a server by HTTP.")
          .Field("port", &HttpProbe::port, "Port the server listens on.",
                 {.min = 1, .max = 65535, .example = "80"})
          .Field("path", &HttpProbe::path, "What to ask for.",
                 {.pattern = "/[!-~]*", .pattern_says = "a path", .example = "/health"});
  return table;
}
const FieldTable<Part>& PartFields() {
  static const FieldTable<Part> table =
      FieldTable<Part>("One part of the example.")
          .Field("name", &Part::name, "Its name.", {.required = true, .example = "cache"})
          .Field("hosts", &Part::hosts, "Where it is.", {.example = "\"dn[01-20]\""})
          .Union("probe", &Part::probe,
                 {Key<RedisProbe>("redis", RedisProbeFields), Key<HttpProbe>("http", HttpProbeFields)},
                 "How to ask whether it works.", {.example = "{redis: {}}"})
          .Field("settle", &Part::settle, "A number, or nothing.", {.min = 0});
  return table;
}

}  // namespace

const FieldTable<Restart>& RestartFields() {
  static const FieldTable<Restart> table =
      FieldTable<Restart>("Restarts what was started before a moment.")
          .Field("startedBefore", &Restart::started_before, "What was started later is left alone.",
                 {.not_after_now = true, .example = "2026-11-20T10:00:00Z"});
  return table;
}

const FieldTable<ExampleSpec>& ExampleFields() {
  using S = ExampleSpec;
  static const FieldTable<S> table =
      FieldTable<S>("A thing that has a field of every type.")
          .Field("name", &S::name, "Its name.", {.required = true, .max_length = 60, .example = "web"})
          .Field("port", &S::port, "A whole number with limits.", {.min = 1, .max = 65535, .example = "80"})
          .Field("most", &S::most, "A large whole number.", {.min = 0, .example = "5000000000"})
          .Field("weight", &S::weight, "A number.", {.min = 0.5, .max = 10, .example = "2.5"})
          .Field("loud", &S::loud, "A truth value.", {.example = "true"})
          .Field("unit", &S::unit, "Text with a form.",
                 {.pattern = "[a-z]+(@[a-z]+)?", .pattern_says = "a unit's name", .example = "web@blue"})
          .Field("deadline", &S::deadline, "A duration.",
                 {.min = absl::Seconds(1), .max = absl::Minutes(1), .example = "10s"})
          .Field("interval", &S::interval, "A duration that may be left out.", {.example = "1m"})
          .Field("share", &S::share, "A percentage.", {.example = "75%"})
          .Field("maxUnavailable", &S::max_unavailable, "A count or a percentage.", {.example = "25%"})
          .Field("memory", &S::memory, "A size.", {.min = 1024, .example = "512MiB"})
          .Field("hosts", &S::hosts, "Hosts.", {.example = "[\"dn[01-03]\", nn1]"})
          .Enum("colour", &S::colour, {{"red", Colour::kRed}, {"green", Colour::kGreen}}, "A word.",
                {.example = "red"})
          .Enum("colours", &S::colours, {{"red", Colour::kRed}, {"green", Colour::kGreen}}, "Words.",
                {.max_items = 2, .example = "[red, green]"})
          .Field("tags", &S::tags, "Texts.", {.pattern = "[a-z]+", .max_items = 3, .example = "[a, b]"})
          .Field("labels", &S::labels, "Texts by name.",
                 {.min_length = 0, .max_items = 3, .example = "{team: search}"})
          .Field("limits", &S::limits, "Numbers by name.", {.min = 0, .example = "{cpu: 2}"})
          .Table("probe", &S::probe, HttpProbeFields, "How to ask whether it works.",
                 {.example = "{port: 8080}"})
          .List("parts", &S::parts, PartFields, "What it is made of.", {.max_items = 20})
          .Table("probes", &S::probes, RedisProbeFields, "Probes by name.")
          .Union("control", &S::control,
                 {Key<Systemd>("systemd", SystemdFields), Key<Sysv>("sysv", SysvFields)},
                 "How it is started.", {.example = "{systemd: {unit: nginx}}"})
          .Union("onManualStop", &S::on_manual_stop,
                 {Word<Heal>("heal", "Start it again."),
                  Key("hold", &Hold::length, "Leave it alone for so long.",
                      {.max = absl::Hours(24), .example = "1h"})},
                 "What to do when a person stopped it.")
          .Union("readyWhen", &S::ready_when,
                 {Word<All>("all", "All of them."), Word<Majority>("majority", "More than half."),
                  Plain<CountOrPercentage>("So many.")},
                 "When it is ready.", {.example = "majority"})
          .Field("password", &S::password, "A secret.",
                 {.example = "{valueFrom: {file: /etc/holdfast/web.password}}"})
          .Field("after", &S::after, "Another resource.", {.example = "Example/storage"})
          .Field("start", &S::start, "A program.", {.example = "[systemctl, start, web]"})
          .Field("notify", &S::notify, "One or more texts.", {.example = "ops"})
          .Table("selector", &S::selector, NodeSelectorFields, "Which nodes.", {.example = "{ip: 10.0.0.39}"})
          .Field("socket", &S::socket, "Where it listens.", {.example = "/run/web.sock"})
          .Field("url", &S::url, "Where it listens, too.", {.example = "http://127.0.0.1:9001"})
          .Inline(&S::temporary, TemporaryFields)
          .AtMostOneOf({"socket", "url"})
          .Check([](const S& spec, const Node& node, Problems& problems) {
            if (!spec.interval || spec.deadline <= *spec.interval) return;
            const Node deadline = node.Find("deadline");
            problems
                .Error(ProblemCode::kRule, (deadline ? deadline : node).span(),
                       "`deadline` is longer than `interval`")
                .Also(node.Find("interval").span(), "asked again after this long")
                .Help("answers would overtake each other");
          });
  return table;
}

const KindTable& ExampleKinds() {
  static const KindTable* table = [] {
    auto* kinds = new KindTable;
    kinds->Add(
        {.name = "Example",
         .summary = "A thing for tests.",
         .schema = &ExampleFields().Erase(),
         .claims =
             [](const void* spec) {
               return std::vector<std::string>{Cat("service ", static_cast<const ExampleSpec*>(spec)->name)};
             },
         .operations = {{"restart", &RestartFields().Erase(), "Restarts it."}},
         .example = "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\nspec: {name: web}\n"});
    kinds->Add(
        {.name = "Quiet", .summary = "A thing without operations.", .schema = &RestartFields().Erase()});
    return kinds;
  }();
  return *table;
}

std::string ExampleDocument(std::string_view name, std::string_view spec_lines, std::string_view head_lines) {
  std::string out =
      Cat("apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: ", name, "}\n", head_lines, "spec:\n");
  for (const std::string& line : Split(Trim(spec_lines), '\n')) Append(out, "  ", line, "\n");
  return out;
}

}  // namespace holdfast::specs
