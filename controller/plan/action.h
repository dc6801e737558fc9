// Exactly what will be sent to the world, minus what must not be written down.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast {

// Names a secret: "file:/etc/holdfast/es-password", "env:NAME", "credential:NAME". Filled in by the door at
// the last moment; prints as <secret:file:/etc/…>.
struct SecretRef {
  std::string name;
  bool operator==(const SecretRef&) const = default;
};

// Text with holes where secrets go.
struct Text {
  std::vector<std::variant<std::string, SecretRef>> pieces;

  Text() = default;
  Text(std::string plain) { pieces.emplace_back(std::move(plain)); }    // NOLINT(google-explicit-constructor)
  Text(const char* plain) { pieces.emplace_back(std::string(plain)); }  // NOLINT(google-explicit-constructor)
  Text(SecretRef secret) { pieces.emplace_back(std::move(secret)); }    // NOLINT(google-explicit-constructor)
  bool operator==(const Text&) const = default;
};
// With secrets as <secret:NAME>.
std::string Printed(const Text& text);

// Where a command runs. An empty `host` is this machine; else OpenSSH's client reaches it.
struct Reach {
  std::string host;
  std::string user;           // "" = as the ssh configuration says
  uint16_t port = 0;          // 0 = as the ssh configuration says
  std::string identity_file;  // "" = as the ssh configuration says
  std::string known_hosts;    // "" = the user's own
  bool operator==(const Reach&) const = default;
};

struct BasicAuth {
  std::string user;
  SecretRef password;
  bool operator==(const BasicAuth&) const = default;
};

struct HttpCall {
  std::string method, url, unix_socket, ca_file;
  std::vector<std::pair<std::string, Text>> headers;
  std::optional<BasicAuth> auth;
  Text body;
  bool operator==(const HttpCall&) const = default;
};

// One call of a supervisord. Calls of one stage to the same endpoint travel together in one multicall.
struct XmlRpcCall {
  std::string unix_socket;  // either this …
  std::string url;          // … or http://host:port
  std::optional<BasicAuth> auth;
  std::string method;  // "supervisor.startProcess"
  std::vector<std::variant<std::string, bool, int64_t>> params;
  // Compare-and-act: when set, the call is refused unless getProcessInfo of params[0] still says "PID@START".
  std::string only_if_incarnation;
  bool operator==(const XmlRpcCall&) const = default;
};

// Compare-and-act for commands: refused unless `argv`, run at the same place just before, prints exactly
// `output`.
struct OnlyIf {
  std::vector<std::string> argv;
  std::string output;  // without the last newline
  bool operator==(const OnlyIf&) const = default;
};

struct Command {
  Reach where;
  std::vector<Text> argv;  // never a shell
  Text input;
  std::vector<int> done_codes = {0};  // every other exit code is a refusal; ssh's 255 is always unknown
  std::optional<OnlyIf> only_if;
  bool operator==(const Command&) const = default;
};

// The door compares the incarnation (boot and start time) just before, so that a reused pid is never hit.
struct Signal {
  Reach where;
  int64_t pid = 0;
  std::string incarnation;
  int number = 0;
  bool operator==(const Signal&) const = default;
};

// One call of an AWS service. Who it is signed by is settled at the last moment, so nothing of a credential
// is in it.
struct AwsCall {
  std::string account;  // twelve digits; the call is refused when the credentials belong to another one
  std::string region;
  std::string profile;    // "" = the first credentials that are found
  std::string endpoint;   // "" = as the environment and the shared configuration say
  std::string service;    // as the `aws` program names it: "dynamodb", "autoscaling"
  std::string operation;  // "UpdateTable"
  Text parameters;        // a JSON object as --cli-input-json takes it; secrets stand inside of its strings
  bool operator==(const AwsCall&) const = default;
};

using Action = std::variant<HttpCall, XmlRpcCall, Command, Signal, AwsCall>;

// What an operator would paste into a shell to do the same: `curl …`, `supervisorctl …`, `ssh … -- …`, `kill
// -TERM …`, `aws …`. Derived, never stored. Secrets print as <secret:NAME>.
std::string Line(const Action& action);
// SHA-256 over canonical bytes; two actions have the same digest only when they would send the same.
std::string Digest(const Action& action);

}  // namespace holdfast
