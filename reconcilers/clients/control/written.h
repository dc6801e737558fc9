// How people write who starts and stops a process, and how its host is reached.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "controller/base/boxed.h"
#include "controller/base/usual.h"
#include "specs/field_table.h"
#include "specs/values.h"

namespace holdfast::control {

// ── how a host is reached ──
struct LocalVia {
  bool operator==(const LocalVia&) const = default;
};
struct SshVia {
  std::string user;
  std::string host;  // "" = the target's own; `{host}` stands for it
  int port = 0;
  std::string identity_file;
  std::string known_hosts;
  bool operator==(const SshVia&) const = default;
};
using Via = std::variant<LocalVia, SshVia>;
std::vector<specs::Alternative> ViaAlternatives();

enum class Become : uint8_t { kNobody, kSudo };

// ── who starts and stops the process; words in braces, such as `{host}`, stand for the target's own ──
struct SupervisordControl {
  std::string socket, program;
  Usual<std::string> url, user;
  Boxed<specs::Secret> password;
  bool operator==(const SupervisordControl&) const = default;
};
struct SystemdControl {
  std::string unit;
  bool operator==(const SystemdControl&) const = default;
};
struct SysvControl {
  std::string service;
  Usual<std::string> pid_file;
  bool operator==(const SysvControl&) const = default;
};
struct CommandControl {
  specs::Argv start, stop, status;
  Usual<std::string> pid_file;
  bool operator==(const CommandControl&) const = default;
};
const specs::FieldTable<SupervisordControl>& SupervisordFields();
const specs::FieldTable<SystemdControl>& SystemdFields();
const specs::FieldTable<SysvControl>& SysvFields();
const specs::FieldTable<CommandControl>& CommandFields();

}  // namespace holdfast::control
