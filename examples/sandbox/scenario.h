// What a simulated world consists of, as people write it.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/base/status.h"
#include "examples/sandbox/hosts.h"
#include "examples/sandbox/scenario_account.h"
#include "specs/field_table.h"
#include "specs/problem.h"

namespace holdfast::sandbox {

// ── how a program's processes behave ──
struct Normal {};
struct ExitsAtOnce {};
struct Missing {};
struct IgnoresTerm {};
struct Unkillable {};
struct Dies {
  absl::Duration after = absl::Seconds(10);
};
struct Freezes {
  absl::Duration after = absl::Seconds(10);
};
struct StopsIn {
  absl::Duration time = absl::Seconds(20);
};
using Behaviour = std::variant<Normal, ExitsAtOnce, Missing, IgnoresTerm, Unkillable, Dies, Freezes, StopsIn>;
Program Behaving(Program plain, const Behaviour& behaviour);
// `exitsAtOnce` or `{dies: 10s}`: as in a scenario.
Result<Behaviour> ParseBehaviour(std::string_view text);

// ── as written ──
struct ProgramSpec {
  std::string name;  // may be a range, then `listen` is one of as many
  std::string service;
  Speaks speaks = Speaks::kNothing;
  std::string listen;
  std::vector<std::string> needs;
  absl::Duration comes_up = absl::Seconds(1);
  absl::Duration goes_down = absl::Milliseconds(300);
  Behaviour behaviour;
  bool autostart = false;
  absl::Duration startsecs = absl::Seconds(1);
  absl::Duration stopwaitsecs = absl::Seconds(10);
  int startretries = 3;
};
struct SupervisordSpec {
  std::string socket;
  std::string listen;
  std::string user, password;
};
struct HostSpec {
  std::string name;
  SupervisordSpec supervisord;
  std::vector<ProgramSpec> programs;
};
struct ScenarioSpec {
  std::vector<HostSpec> hosts;
  std::optional<AccountSpec> account;
};
const specs::FieldTable<ScenarioSpec>& ScenarioFields();

// ── as served ──
struct Supervisord {
  std::string host;
  std::string endpoint;        // as Program::endpoint
  std::string socket, listen;  // a path and address:port, or "": not there
  std::string user, password;  // over TCP; "" = anybody may ask
};
struct Role {
  Program plain;  // as it is without the behaviour
  Behaviour behaviour;
};
struct Scenario {
  std::vector<Supervisord> supervisords;
  std::vector<Role> roles;
  std::optional<AccountSpec> account;
};

struct ReadScenario {
  Scenario scenario;  // only when it is not broken
  std::vector<specs::Diagnostic> problems;
  enum class Is { kFine, kBroken } is = Is::kFine;
};
// Pure.
ReadScenario ParseScenario(std::string path, std::string bytes);

inline constexpr size_t kMostPrograms = 10'000;

}  // namespace holdfast::sandbox
