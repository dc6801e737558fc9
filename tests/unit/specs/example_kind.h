// A kind that has every type of field, for tests of the language.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "specs/field_table.h"
#include "specs/kind_table.h"
#include "specs/node_selector.h"
#include "specs/temporary.h"

namespace holdfast::specs {

struct Systemd {
  std::string unit;
};
struct Sysv {
  std::string service;
};
struct Heal {};
struct Hold {
  absl::Duration length;
};
struct All {};
struct Majority {};

struct RedisProbe {
  int port = 6379;
  absl::Duration deadline = absl::Seconds(2);
};
struct HttpProbe {
  int port = 80;
  std::string path = "/";
};
struct Part {
  std::string name;
  Hosts hosts;
  std::optional<std::variant<RedisProbe, HttpProbe>> probe;
  std::optional<double> settle;
};
enum class Colour { kRed, kGreen };

struct ExampleSpec {
  std::string name;
  std::optional<int> port;
  int64_t most = 1;
  double weight = 1.5;
  bool loud = false;
  std::string unit;
  absl::Duration deadline = absl::Seconds(5);
  std::optional<absl::Duration> interval;
  Percentage share{50};
  CountOrPercentage max_unavailable{int64_t{1}};
  Size memory{1 << 30};
  Hosts hosts;
  Colour colour = Colour::kGreen;
  std::vector<Colour> colours;
  std::vector<std::string> tags;
  std::map<std::string, std::string> labels;
  std::map<std::string, int> limits;
  HttpProbe probe;
  std::vector<Part> parts;
  std::map<std::string, RedisProbe> probes;
  std::optional<std::variant<Systemd, Sysv>> control;
  std::variant<Heal, Hold> on_manual_stop;
  std::variant<All, Majority, CountOrPercentage> ready_when;
  Secret password;
  std::optional<Ref> after;
  Argv start;
  StringOrList notify;
  std::optional<NodeSelector> selector;
  Temporary temporary;
  std::string socket, url;
};
const FieldTable<ExampleSpec>& ExampleFields();

struct Restart {
  std::optional<absl::Time> started_before;
};
const FieldTable<Restart>& RestartFields();

// `Example`, which claims "service <name>" and can be restarted, and `Quiet`, which has no operations and no
// claims.
const KindTable& ExampleKinds();

// A whole document around the lines of a spec.
std::string ExampleDocument(std::string_view name, std::string_view spec_lines,
                            std::string_view head_lines = "");

}  // namespace holdfast::specs
