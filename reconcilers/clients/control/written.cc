#include "reconcilers/clients/control/written.h"

namespace holdfast::control {
namespace {

using specs::FieldTable;

const FieldTable<SshVia>& SshViaFields() {
  static const FieldTable<SshVia> table =
      FieldTable<SshVia>(
          "Through OpenSSH's client, which honours the configuration, keys and known hosts of our user.")
          .Field("user", &SshVia::user, "Who to be over there; left out: as the ssh configuration says.",
                 {.example = "ops"})
          .Field("host", &SshVia::host,
                 "Where to connect; left out: the target's own host. `{host}` stands for it.",
                 {.example = "\"{host}.internal\""})
          .Field("port", &SshVia::port, "Port; left out: as the ssh configuration says.",
                 {.min = 1, .max = 65535})
          .Field("identityFile", &SshVia::identity_file, "Private key file.")
          .Field("knownHosts", &SshVia::known_hosts, "Known-hosts file; unknown hosts are refused.");
  return table;
}

}  // namespace

const FieldTable<SupervisordControl>& SupervisordFields() {
  static const FieldTable<SupervisordControl> table =
      FieldTable<SupervisordControl>("A program of a supervisord, by its XML-RPC interface.")
          .Field("socket", &SupervisordControl::socket, "Path of supervisord's unix socket.",
                 {.pattern = "/.*", .pattern_says = "an absolute path", .example = "/run/supervisor.sock"})
          .Field("url", &SupervisordControl::url, "Its HTTP server.",
                 {.pattern = "http://[^ /]+/?",
                  .pattern_says = "http://HOST:PORT",
                  .example = "\"http://{host}:9001\""})
          .Field("program", &SupervisordControl::program, "NAME, or GROUP:NAME for a member of a group.",
                 {.required = true,
                  .pattern = "[^\\s*]+",
                  .pattern_says = "one program, no `*`",
                  .example = "flask:flask_01"})
          .Field("user", &SupervisordControl::user, "User of the HTTP server.")
          .Field("password", &SupervisordControl::password, "Where its password is kept.")
          .ExactlyOneOf({"socket", "url"})
          .Needs("password", "user");
  return table;
}

const FieldTable<SystemdControl>& SystemdFields() {
  static const FieldTable<SystemdControl> table =
      FieldTable<SystemdControl>("A unit of systemd.")
          .Field("unit", &SystemdControl::unit, "The unit; without a suffix it is a service.",
                 {.required = true,
                  .pattern = "[A-Za-z0-9:_.@{}\\\\-]+",
                  .pattern_says = "a unit's name",
                  .example = "zookeeper"});
  return table;
}

const FieldTable<SysvControl>& SysvFields() {
  static const FieldTable<SysvControl> table =
      FieldTable<SysvControl>("A System V script, by `service NAME start|stop|status`.")
          .Field("service", &SysvControl::service, "The script's name.",
                 {.required = true,
                  .pattern = "[A-Za-z0-9_.@{}-]+",
                  .pattern_says = "a script's name",
                  .example = "koverse-server"})
          .Field("pidFile", &SysvControl::pid_file,
                 "Where the number of its process is written; left out: as its status tells it, if it does. "
                 "Without either, runs cannot be told apart and none is killed.",
                 {.pattern = "/.*", .pattern_says = "an absolute path", .example = "/run/app.pid"});
  return table;
}

const FieldTable<CommandControl>& CommandFields() {
  static const FieldTable<CommandControl> table =
      FieldTable<CommandControl>("Three programs; never through a shell.")
          .Field("start", &CommandControl::start, "Starts it and returns.",
                 {.required = true, .example = "[/opt/app/bin/app, start]"})
          .Field("stop", &CommandControl::stop, "Stops it and returns.",
                 {.required = true, .example = "[/opt/app/bin/app, stop]"})
          .Field("status", &CommandControl::status,
                 "Exit code 0: it runs; 3: stopped; 1 or 2: died; any other: not known.",
                 {.required = true, .example = "[/opt/app/bin/app, status]"})
          .Field("pidFile", &CommandControl::pid_file,
                 "Where the number of its process is written; left out: as its status tells it, if it does. "
                 "Without either, runs cannot be told apart and none is killed.",
                 {.pattern = "/.*", .pattern_says = "an absolute path", .example = "/run/app.pid"});
  return table;
}

std::vector<specs::Alternative> ViaAlternatives() {
  return {specs::Word<LocalVia>("local", "On this machine."), specs::Key<SshVia>("ssh", SshViaFields)};
}

}  // namespace holdfast::control
