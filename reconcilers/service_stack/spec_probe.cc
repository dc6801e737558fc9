#include "reconcilers/service_stack/spec_parts.h"

namespace holdfast::stack {
namespace {

using specs::FieldTable;

constexpr std::string_view kHostDoc =
    "Where to ask; left out: the target's own host, or this machine. `{host}` stands for it.";
constexpr std::string_view kDeadlineDoc = "How long a whole answer may take.";

template <class P>
FieldTable<P>& Common(FieldTable<P>& table) {
  return table.Field("host", &P::host, kHostDoc, {.example = "127.0.0.1"})
      .Field("deadline", &P::deadline, kDeadlineDoc,
             {.min = absl::Milliseconds(100), .max = absl::Minutes(1), .example = "2s"});
}
template <class P>
FieldTable<P>& Port(FieldTable<P>& table, const specs::FieldOptions& options = {.min = 1, .max = 65535}) {
  return table.Field("port", &P::port, "Port on which it listens.", options);
}

}  // namespace

const std::vector<int>& OnlyOk() {
  static const std::vector<int> codes = {200};
  return codes;
}
const std::vector<int>& OnlyZero() {
  static const std::vector<int> codes = {0};
  return codes;
}
const std::string& RootPath() {
  static const std::string path = "/";
  return path;
}
const std::string& PostgresqlsOwn() {
  static const std::string name = "postgres";
  return name;
}

const FieldTable<NoProbe>& NoProbeFields() {
  static const FieldTable<NoProbe> table("Nothing is asked.");
  return table;
}

const FieldTable<HttpProbe>& HttpProbeFields() {
  static const FieldTable<HttpProbe> table = [] {
    FieldTable<HttpProbe> t("Sends an HTTP GET request.");
    Port(Common(t))
        .Field("path", &HttpProbe::path, "Path with query.",
               {.pattern = "/[^ ]*", .pattern_says = "a path that begins with /", .example = "/healthz"})
        .Field("tls", &HttpProbe::tls, "Speak HTTPS; the certificate is verified.")
        .Field("caFile", &HttpProbe::ca_file,
               "PEM file with the authorities to trust instead of the system's.")
        .Field("status", &HttpProbe::status, "Status codes that mean that it serves.",
               {.min = 100, .max = 599, .min_items = 1, .max_items = 50})
        .Field("bodyMatches", &HttpProbe::body_matches,
               "Regular expression (RE2) that must be found in the body.")
        .Field("pointer", &HttpProbe::pointer, "JSON pointer into the body.",
               {.pattern = "/.*", .pattern_says = "a JSON pointer", .example = "/status/state"})
        .Field("equals", &HttpProbe::equals, "What must stand where `pointer` points.",
               {.example = "STARTED"})
        .Needs("pointer", "equals")
        .Needs("equals", "pointer");
    return t;
  }();
  return table;
}

const FieldTable<TcpProbe>& TcpProbeFields() {
  static const FieldTable<TcpProbe> table = [] {
    FieldTable<TcpProbe> t("Connects, sends what is given, and waits for what is expected.");
    Port(Common(t), {.required = true, .min = 1, .max = 65535, .example = "9997"})
        .Field("send", &TcpProbe::send, "Text to send once connected.")
        .Field("expect", &TcpProbe::expect,
               "Regular expression (RE2) that must be found in the answer. Without one a connection is "
               "enough, which a frozen process grants too.");
    return t;
  }();
  return table;
}

const FieldTable<CommandProbe>& CommandProbeFields() {
  static const FieldTable<CommandProbe> table =
      FieldTable<CommandProbe>("Runs a program where the service runs; never through a shell.")
          .Field("argv", &CommandProbe::argv, "The program and its arguments.",
                 {.required = true, .example = "[/usr/lib/nagios/plugins/check_x, -H, \"{host}\"]"})
          .Field("exitCodes", &CommandProbe::exit_codes, "Exit codes that mean that it serves.",
                 {.min = 0, .max = 254, .min_items = 1, .max_items = 50})
          .Field("outputMatches", &CommandProbe::output_matches,
                 "Regular expression (RE2) that must be found in the output.")
          .Field("deadline", &CommandProbe::deadline, kDeadlineDoc,
                 {.min = absl::Milliseconds(100), .max = absl::Minutes(1), .example = "10s"});
  return table;
}

const FieldTable<PostgresqlProbe>& PostgresqlProbeFields() {
  static const FieldTable<PostgresqlProbe> table = [] {
    FieldTable<PostgresqlProbe> t("Begins a PostgreSQL session; a request for a password is an answer.");
    Port(Common(t))
        .Field("user", &PostgresqlProbe::user, "Role that is named; it needs no rights and no password.")
        .Field("database", &PostgresqlProbe::database, "Database that is named.");
    return t;
  }();
  return table;
}

const FieldTable<RedisProbe>& RedisProbeFields() {
  static const FieldTable<RedisProbe> table = [] {
    FieldTable<RedisProbe> t("Asks a Redis server PING; `-LOADING` is starting, `-NOAUTH` is an answer.");
    Port(Common(t)).Field("socket", &RedisProbe::socket, "Path of a unix socket instead of host and port.");
    return t;
  }();
  return table;
}

const FieldTable<ZookeeperProbe>& ZookeeperProbeFields() {
  static const FieldTable<ZookeeperProbe> table = [] {
    FieldTable<ZookeeperProbe> t(
        "Asks a ZooKeeper server `srvr` for its Mode; `ruok` says yes without a quorum.");
    Port(Common(t));
    return t;
  }();
  return table;
}

const FieldTable<HdfsNamenodeProbe>& HdfsNamenodeProbeFields() {
  static const FieldTable<HdfsNamenodeProbe> table = [] {
    FieldTable<HdfsNamenodeProbe> t("Reads a NameNode's state, safe mode and missing blocks by HTTP.");
    Port(Common(t));
    return t;
  }();
  return table;
}

const FieldTable<HdfsDatanodeProbe>& HdfsDatanodeProbeFields() {
  static const FieldTable<HdfsDatanodeProbe> table = [] {
    FieldTable<HdfsDatanodeProbe> t("Reads a DataNode's volumes by HTTP.");
    Port(Common(t));
    return t;
  }();
  return table;
}

const FieldTable<AccumuloProbe>& AccumuloProbeFields() {
  static const FieldTable<AccumuloProbe> table = [] {
    FieldTable<AccumuloProbe> t(
        "Calls a server of Accumulo as its clients do; a frozen one accepts connections and does not "
        "answer.");
    Port(Common(t), {.required = true, .min = 1, .max = 65535, .example = "9997"})
        .Enum("server", &AccumuloProbe::server,
              {{"tserver", AccumuloServer::kTserver},
               {"master", AccumuloServer::kMaster},
               {"gc", AccumuloServer::kGc}},
              "Which of Accumulo's servers it is: each answers to calls of its own.");
    return t;
  }();
  return table;
}

std::vector<specs::Alternative> ProbeAlternatives() {
  return {specs::Word<NoProbe>("none", "Nothing is asked: a process that runs counts as serving."),
          specs::Key<HttpProbe>("http", HttpProbeFields),
          specs::Key<TcpProbe>("tcp", TcpProbeFields),
          specs::Key<CommandProbe>("command", CommandProbeFields),
          specs::Key<PostgresqlProbe>("postgresql", PostgresqlProbeFields),
          specs::Key<RedisProbe>("redis", RedisProbeFields),
          specs::Key<ZookeeperProbe>("zookeeper", ZookeeperProbeFields),
          specs::Key<HdfsNamenodeProbe>("hdfsNamenode", HdfsNamenodeProbeFields),
          specs::Key<HdfsDatanodeProbe>("hdfsDatanode", HdfsDatanodeProbeFields),
          specs::Key<AccumuloProbe>("accumulo", AccumuloProbeFields)};
}

}  // namespace holdfast::stack
