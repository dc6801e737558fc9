#include "specs/field_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "specs/document.h"
#include "specs/node_selector.h"
#include "tests/unit/specs/example_kind.h"
#include "tests/unit/specs/golden.h"

namespace holdfast::specs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

struct Outcome {
  ExampleSpec spec;
  std::vector<Diagnostic> problems;
};

Outcome Decode(std::string text, const DecodeContext& context = {.where = "Example.spec"}) {
  Problems problems;
  Outcome out;
  const auto tree = Tree::Parse(std::make_shared<Source>(Source{"a.yaml", std::move(text)}), problems);
  if (tree) ExampleFields().Decode(tree->documents().at(0), out.spec, problems, context);
  out.problems = problems.Take();
  return out;
}

// What is wrong, one short line each: "HF0206 2:7 `port` is too small (allowed: 1–65535) [help]".
std::vector<std::string> Wrong(std::string text) {
  std::vector<std::string> out;
  for (const Diagnostic& d : Decode(std::move(text)).problems) {
    std::string line = Cat(CodeText(d.code), " ", d.span.line, ":", d.span.column, " ", d.message);
    if (!d.label.empty()) Append(line, " (", d.label, ")");
    if (!d.help.empty()) Append(line, " [", d.help, "]");
    out.push_back(line);
  }
  return out;
}

constexpr char kEverything[] = R"(
name: web
port: 8080
most: 5000000000
weight: 2.5
loud: true
unit: web@blue
deadline: 10s
interval: 1m30s
share: 75%
maxUnavailable: 25%
memory: 512mb
hosts: ["dn[01-03]", nn1]
colour: red
colours: [green, red]
tags: [a, b]
labels: {team: search, empty: ""}
limits: {cpu: 2}
probe: {port: 8081, path: /health}
parts:
  - {name: cache, hosts: "c[1-2]", probe: {redis: {deadline: 500ms}}, settle: 0.5}
  - {name: front, probe: {http: {}}}
probes: {one: {port: 1}}
control: {systemd: {unit: nginx}}
onManualStop: {hold: 1h}
readyWhen: 50%
password: {valueFrom: {exec: [sops, -d, "/etc/x"]}}
after: Example/storage
start: [systemctl, start, "--now", ""]
notify: ops
selector: {ip: 10.0.0.39, attributes: {zone: spot}}
until: 2026-11-23T19:00:00+01:00
reason: disk
socket: /run/web.sock
)";

TEST(FieldTable, ReadsEveryType) {
  const Outcome read = Decode(kEverything);
  ASSERT_EQ(ProblemsText(read.problems), "");
  const ExampleSpec& spec = read.spec;
  EXPECT_EQ(spec.name, "web");
  EXPECT_EQ(spec.port, 8080);
  EXPECT_EQ(spec.most, 5'000'000'000);
  EXPECT_EQ(spec.weight, 2.5);
  EXPECT_TRUE(spec.loud);
  EXPECT_EQ(spec.deadline, absl::Seconds(10));
  EXPECT_EQ(spec.interval, absl::Seconds(90));
  EXPECT_EQ(spec.share.percent, 75);
  EXPECT_EQ(spec.max_unavailable.RoundedUp(10), 3);
  EXPECT_EQ(spec.memory.bytes, 512 << 20);
  EXPECT_THAT(spec.hosts.names, ElementsAre("dn01", "dn02", "dn03", "nn1"));
  EXPECT_THAT(spec.hosts.written, ElementsAre("dn[01-03]", "nn1"));
  EXPECT_EQ(spec.colour, Colour::kRed);
  EXPECT_THAT(spec.colours, ElementsAre(Colour::kGreen, Colour::kRed));
  EXPECT_EQ(spec.labels.at("empty"), "");
  EXPECT_EQ(spec.limits.at("cpu"), 2);
  EXPECT_EQ(spec.probe.path, "/health");
  ASSERT_EQ(spec.parts.size(), 2u);
  EXPECT_EQ(std::get<RedisProbe>(*spec.parts[0].probe).deadline, absl::Milliseconds(500));
  EXPECT_EQ(std::get<HttpProbe>(*spec.parts[1].probe).port, 80);
  EXPECT_EQ(spec.probes.at("one").port, 1);
  EXPECT_EQ(std::get<Systemd>(*spec.control).unit, "nginx");
  EXPECT_EQ(std::get<Hold>(spec.on_manual_stop).length, absl::Hours(1));
  EXPECT_EQ(std::get<CountOrPercentage>(spec.ready_when).RoundedDown(10), 5);
  EXPECT_EQ(SecretName(spec.password), "exec:sops -d /etc/x");
  EXPECT_EQ(spec.after, (Ref{"Example", "storage"}));
  EXPECT_THAT(spec.start.words, ElementsAre("systemctl", "start", "--now", ""));
  EXPECT_THAT(spec.notify.items, ElementsAre("ops"));
  EXPECT_EQ(NodeSelectorText(*spec.selector), "ip=10.0.0.39 attributes.zone=spot");
  EXPECT_EQ(spec.temporary.until, absl::FromUnixSeconds(1795456800));
}

TEST(FieldTable, KeepsDefaultsForWhatIsNotWritten) {
  const Outcome read = Decode("name: web\n");
  ASSERT_EQ(ProblemsText(read.problems), "");
  EXPECT_EQ(read.spec.port, std::nullopt);
  EXPECT_EQ(read.spec.share.percent, 50);
  EXPECT_EQ(read.spec.colour, Colour::kGreen);
  EXPECT_TRUE(std::holds_alternative<All>(read.spec.ready_when));
  EXPECT_FALSE(read.spec.password.given());
  EXPECT_EQ(read.spec.selector, std::nullopt);
}

TEST(FieldTable, TellsEverythingThatIsWrong) {
  EXPECT_THAT(Wrong("port: 0\nweight: 99\nloud: yes\ncolour: blue\n"),
              UnorderedElementsAre("HF0206 1:7 `port` is too small (allowed: 1–65535)",
                                   "HF0206 2:9 `weight` is too large (allowed: 0.5–10)",
                                   "HF0205 3:7 `loud`: only `true` and `false` are truth values [write true "
                                   "or false; for the word itself, put it in quotes where text is expected]",
                                   "HF0209 4:9 `colour`: `blue` is not one of `red` and `green`",
                                   "HF0202 1:1 `name` is missing in Example.spec [for example: name: web]"));
}

struct Case {
  const char* yaml;
  const char* says;  // its beginning
};

TEST(FieldTable, SaysWhatIsWrongWithAValue) {
  const Case cases[] = {
      {"port: [1]", "HF0201 2:7 `port` is a list here (expected a whole number)"},
      {"port:", "HF0204 2:1 `port` has no value (expected a whole number)"},
      {"port: 012", "HF0205 2:7 `port`: `012` is not the same number to every reader"},
      {"port: 0x1F", "HF0205 2:7"},
      {"port: 1_000", "HF0205 2:7"},
      {"port: \"80\"",
       "HF0221 2:7 `port`: expected a whole number (text, because of the quotes) [leave the quotes out]"},
      {"port: 80.0", "HF0221 2:7"},
      {"port: 99999999999999", "HF0206 2:7 `port`: too many digits"},
      {"weight: abc", "HF0221 2:9 `weight`: expected a number"},
      {"weight: 1e3", "HF0205 2:9"},
      {"weight: 1.0e+999", "HF0206 2:9"},
      {"loud: \"true\"", "HF0201 2:7"},
      {"unit: no",
       "HF0205 2:7 `unit` is text, but `no` is not text to every reader (read as true or false) [write it in "
       "quotes: \"no\"]"},
      {"unit: 7.10", "HF0205 2:7 `unit` is text, but `7.10` is not text to every reader (read as a number)"},
      {"unit: Web", "HF0207 2:7 `unit`: `Web` is not a unit's name [for example: web@blue]"},
      {"deadline: 30", "HF0210 2:11 `deadline`: a duration needs a unit [for example: 30s]"},
      {"deadline: 5 minutes", "HF0210 2:11 `deadline`: `5 minutes` is not a duration"},
      {"deadline: 2m", "HF0206 2:11 `deadline` is too large (allowed: 1s–1m)"},
      {"until: 2026-11-23", "HF0211 2:8"},
      {"share: 50", "HF0212 2:8 `share`: a percentage needs a unit [for example: 50%]"},
      {"share: 101%", "HF0206 2:8 `share` is too large (allowed: 0%–100%)"},
      {"maxUnavailable: -1", "HF0206 2:17"},
      {"maxUnavailable: \"1\"", "HF0212 2:17"},
      {"maxUnavailable: many", "HF0212 2:17"},
      {"memory: 512", "HF0213 2:9 `memory`: a size needs a unit [for example: 512MiB]"},
      {"memory: 1GB", "HF0213 2:9 `memory`: `1GB`: the units are"},
      {"memory: 1B", "HF0206 2:9 `memory` is too small (allowed: at least 1KiB)"},
      {"hosts: \"dn[3-1]\"", "HF0214 2:8 `hosts`: `[3-1]` runs backwards"},
      {"hosts: [a, b, a]", "HF0214 2:8 `hosts`: `a` is named twice"},
      {"hosts: []", "HF0208 2:8 `hosts`: must not be empty"},
      {"hosts: [a, \"b c\"]", "HF0214 2:12 `hosts[1]`"},
      {"colour: gren", "HF0209 2:9 `colour`: `gren` is not one of `red` and `green` (did you mean `green`?)"},
      {"tags: [a, b, c, d]", "HF0208 2:7 `tags`: has 4 entries (allowed: at most 3 entries)"},
      {"tags: [a, B]", "HF0207 2:11 `tags[1]`: `B` is not what is expected here"},
      {"labels: {a: 1}", "HF0205 2:13 `a` is text, but `1` is not text to every reader"},
      {"limits: {cpu: -1}", "HF0206 2:15 `cpu` is too small"},
      {"probe: {prot: 1}", "HF0203 2:9 unknown field `prot` in Example.spec.probe (did you mean `port`?)"},
      {"probe: 80", "HF0201 2:8 `probe` is text here (expected a mapping: HttpProbe)"},
      {"parts: [{hosts: a}]", "HF0202 2:9 `name` is missing in Example.spec.parts[0]"},
      {"parts: [{name: a, probe: {redis: {port: 0}}}]", "HF0206 2:41 `port` is too small"},
      {"parts: [{name: a, probe: {redsi: {}}}]",
       "HF0209 2:27 `probe`: `redsi` is not one of `redis` and `http` (did you mean `redis`?)"},
      {"parts: [{name: a, probe: redis}]",
       "HF0201 2:26 `probe` is text here (expected a mapping with one of `redis` and `http`)"},
      {"parts: [{name: a, colour: red}]",
       "HF0203 2:19 unknown field `colour` in Example.spec.parts[0] [`colour` is a field of Example.spec: "
       "indent it less]"},
      {"parts: [{name: a, path: /x}]",
       "HF0203 2:19 unknown field `path` in Example.spec.parts[0] [`path` belongs under `probe.http`]"},
      {"settle: 1", "HF0203 2:1 unknown field `settle` in Example.spec [`settle` belongs under `parts`]"},
      {"control: {}", "HF0215 2:10 `control`: needs exactly one of `systemd` and `sysv`"},
      {"control: {systemd: {unit: a}, sysv: {service: a}}",
       "HF0215 2:11 `control`: needs exactly one of `systemd` and `sysv` (one) [keep one of them]"},
      {"onManualStop: fight",
       "HF0209 2:15 `onManualStop`: `fight` is not `heal` or a mapping with one of `hold`"},
      {"onManualStop: {hold: 48h}", "HF0206 2:22 `hold` is too large (allowed: at most 1d)"},
      {"readyWhen: majorty",
       "HF0209 2:12 `readyWhen`: `majorty` is not `all` and `majority` or count or percentage (did you mean "
       "`majority`?)"},
      {"readyWhen: 500%", "HF0206 2:12"},
      {"password: hunter2",
       "HF0216 2:11 `password` is a secret and must not stand in a spec (say where it is kept instead)"},
      {"password: {valueFrom: {fiel: x}}",
       "HF0209 2:24 a secret cannot come from `fiel` (did you mean `file`?)"},
      {"password: {valueFrom: {exec: cat x}}", "HF0218 2:30"},
      {"password: {value: x}", "HF0203 2:12"},
      {"after: storage", "HF0217 2:8"},
      {"start: systemctl start web",
       "HF0218 2:8 `start`: a program with its arguments is a list (there is never a shell that would take "
       "this apart) [write each argument by itself: [\"systemctl\", \"start\", \"web\"]]"},
      {"start: [22]", "HF0205 2:9 `start[0]` is text, but `22`"},
      {"notify: []", "HF0208 2:9"},
      {"selector: {}",
       "HF0202 2:1 one of `name`, `ip`, `host`, `id` and `attributes` is missing in Example.spec.selector"},
      {"socket: /a\nurl: http://a",
       "HF0219 3:1 `url` cannot stand beside `socket` [keep one of `socket` and `url`]"},
      {"until: 2026-11-23T18:00:00Z", "HF0220 2:1 `until` needs `reason` beside it"},
      {"deadline: 20s\ninterval: 10s",
       "HF0290 2:11 `deadline` is longer than `interval` [answers would overtake each other]"},
  };
  for (const Case& c : cases) {
    const std::vector<std::string> wrong = Wrong(Cat("name: web\n", c.yaml, "\n"));
    ASSERT_FALSE(wrong.empty()) << c.yaml;
    EXPECT_EQ(wrong[0].substr(0, std::string_view(c.says).size()), c.says) << c.yaml << "\n" << wrong[0];
  }
}

TEST(FieldTable, CallsItsChecksOnlyWhenTheFieldsAreRight) {
  EXPECT_EQ(Wrong("name: web\ndeadline: 20s\ninterval: 10s\nport: 0\n").size(), 1u);
}

TEST(FieldTable, WritesOneCanonicalTextForEqualSpecs) {
  const std::string first = ExampleFields().Canonical(
      Decode("name: web\nmemory: 1024mb\nhosts: \"dn[1-2]\"\ninterval: 60s\nshare: 25%\n").spec);
  const std::string second = ExampleFields().Canonical(
      Decode("# moved\nshare: \"25.0%\"\ninterval: 1m   # comment\nhosts: [dn1, dn2]\n\nname: 'web'\n").spec);
  EXPECT_EQ(first, R"({"hosts":["dn1","dn2"],"interval":"1m","name":"web","share":"25%"})");
  EXPECT_EQ(first, second);
  EXPECT_NE(first, ExampleFields().Canonical(Decode("name: web\n").spec));
}

TEST(FieldTable, ReadsItsOwnCanonicalText) {
  const std::string text = ExampleFields().Canonical(Decode(kEverything).spec);
  const Outcome again = Decode(text);
  EXPECT_EQ(ProblemsText(again.problems), "");
  EXPECT_EQ(ExampleFields().Canonical(again.spec), text);
  EXPECT_THAT(text, HasSubstr(R"("onManualStop":{"hold":"1h"})"));
  EXPECT_THAT(text, HasSubstr(R"("readyWhen":"50%")"));
}

TEST(FieldTable, KeepsTextOfAnyKindThroughItsCanonicalText) {
  const std::string odd = "a\"b\\c\n\té\x01 \xE2\x82\xAC: #{}[]";
  ExampleSpec spec;
  spec.name = odd;
  const Outcome again = Decode(ExampleFields().Canonical(spec));
  EXPECT_EQ(ProblemsText(again.problems), "");
  EXPECT_EQ(again.spec.name, odd);
}

TEST(FieldTable, RefusesAMomentInTheFuture) {
  Problems problems;
  const auto tree = Tree::Parse(
      std::make_shared<Source>(Source{"a.yaml", "startedBefore: 2026-11-20T10:00:00Z\n"}), problems);
  Restart restart;
  EXPECT_TRUE(RestartFields().Decode(tree->documents()[0], restart, problems,
                                     {.now = absl::FromUnixSeconds(1'800'000'000)}));
  EXPECT_FALSE(RestartFields().Decode(tree->documents()[0], restart, problems,
                                      {.now = absl::FromUnixSeconds(1'700'000'000)}));
  EXPECT_EQ(problems.list()[0].code, ProblemCode::kInTheFuture);
}

TEST(FieldTable, ExplainsFieldsByTheirPath) {
  EXPECT_EQ(*ExampleFields().Explain("Example.spec", "parts.probe.redis.port"),
            "Example.spec.parts.probe.redis.port\n\nPort the server listens on.\n\ntype: whole number, "
            "1–65535; default 6379\nexample: port: 6379\n");
  EXPECT_THAT(*ExampleFields().Explain("Example.spec", "parts[0].probe"),
              HasSubstr("one of\n  {redis: RedisProbe}\n      Asks a Redis server PING.\n"));
  EXPECT_THAT(*ExampleFields().Explain("Example.spec", ""),
              HasSubstr("  name  (text; required)\n      Its name.\n"));
  EXPECT_EQ(ExampleFields().Explain("Example.spec", "parts.prob").status().message(),
            "Example.spec.parts has no field `prob`; did you mean `probe`?");
  EXPECT_FALSE(ExampleFields().Explain("Example.spec", "name.x").ok());
}

TEST(FieldTable, WritesItsReferencePage) {
  ExpectGolden("tests/golden/specs/example.md", KindMarkdown(*ExampleKinds().Find("Example")));
}

TEST(FieldTable, WritesItsSchema) {
  ExpectGolden("tests/golden/specs/example.schema.json",
               Pretty(DocumentSchema(*ExampleKinds().Find("Example"))));
}

TEST(TypeName, IsTheStructsOwn) {
  EXPECT_EQ(TypeName<RedisProbe>(), "RedisProbe");
  EXPECT_EQ(ExampleFields().name(), "ExampleSpec");
}

}  // namespace
}  // namespace holdfast::specs
