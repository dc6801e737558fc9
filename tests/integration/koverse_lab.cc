#include "tests/integration/koverse_lab.h"

#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "controller/base/json.h"
#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

constexpr absl::Duration kServes = absl::Minutes(3);  // eleven Java machines on two shared cores
constexpr absl::Duration kEnds = absl::Minutes(1);
constexpr absl::Duration kTool = absl::Minutes(2);
constexpr std::string_view kBlockCopies = "2";

const std::vector<std::string> kZookeepers = {"127.0.0.21", "127.0.0.22", "127.0.0.23"};
const std::vector<std::string> kWorkers = {"127.0.0.31", "127.0.0.32"};
constexpr std::string_view kMaster = "127.0.0.41";

std::string Jars(std::string_view of) { return Cat(HOLDFAST_KOVERSE_JARS, "/", of); }

std::vector<std::string> Named(std::string_view service, const std::vector<std::string>& hosts) {
  std::vector<std::string> names;
  for (const std::string& host : hosts) names.push_back(Cat(service, "_", host));
  return names;
}
std::vector<std::string> Together(std::initializer_list<std::vector<std::string>> lists) {
  std::vector<std::string> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

std::string HostOfProgram(const std::string& program) {
  const size_t mark = program.find('_');
  return mark == std::string::npos ? std::string(kMaster) : program.substr(mark + 1);
}

std::string HadoopXml(const std::vector<std::pair<std::string, std::string>>& properties) {
  std::string text = "<configuration>\n";
  for (const auto& [name, value] : properties)
    Append(text, "<property><name>", name, "</name><value>", value, "</value></property>\n");
  return Cat(text, "</configuration>\n");
}

// Writes down every change of state that supervisord tells its listeners of.
constexpr std::string_view kWitness = R"(import sys, time
while True:
    sys.stdout.write("READY\n"); sys.stdout.flush()
    head = dict(word.split(":") for word in sys.stdin.readline().split())
    body = dict(word.split(":") for word in sys.stdin.read(int(head["len"])).split())
    with open(sys.argv[1], "a") as out:
        out.write("%.6f %s %s\n" % (time.time(), head["eventname"].split("_")[-1], body["processname"]))
    sys.stdout.write("RESULT 2\nOK"); sys.stdout.flush()
)";

// Of a long log only what it ends with.
std::string End(const std::string& text) {
  constexpr size_t kMost = 4000;
  return text.size() <= kMost ? text : text.substr(text.size() - kMost);
}

std::string PostgresqlBin() {
  for (const char* version : {"17", "16", "15", "14"})
    if (HasProgram(Cat("/usr/lib/postgresql/", version, "/bin/postgres")))
      return Cat("/usr/lib/postgresql/", version, "/bin/");
  return {};
}
std::string PostgresqlUser() { return geteuid() == 0 ? "postgres" : ""; }

}  // namespace

std::string KoverseLab::WhyNot() {
  if (std::getenv("HOLDFAST_FULL") == nullptr) return "the koverse stack runs in `./check full` only";
  for (const char* of : {"hadoop", "accumulo"})
    if (!std::filesystem::exists(Jars(of)))
      return Cat(Jars(of), " is not there; `tests/setup full` fetches it");
  for (const char* program : {"java", "supervisord", "python3"})
    if (!HasProgram(program)) return Cat(program, " is not installed");
  if (PostgresqlBin().empty()) return "postgresql is not installed";
  if (ReadWhole("/usr/share/java/zookeeper.jar").empty()) return "zookeeper is not installed";
  return {};
}

const std::vector<std::vector<std::string>>& KoverseLab::Layers() {
  static const std::vector<std::vector<std::string>> layers = {
      Together({Named("zookeeper", kZookeepers), {"namenode"}, Named("datanode", kWorkers), {"postgresql"}}),
      Together({{"master"}, Named("tserver", kWorkers)}),
      {"gc", "monitor"}};
  return layers;
}
std::vector<std::string> KoverseLab::All() { return Together({Layers()[0], Layers()[1], Layers()[2]}); }

KoverseLab::KoverseLab() {
  for (const std::string& host : kWorkers) {
    ports_.blocks[host] = FreePort();
    ports_.calls[host] = FreePort();
  }
}

std::string KoverseLab::Ensemble() const {
  std::string text;
  for (const std::string& host : kZookeepers)
    Append(text, text.empty() ? "" : ",", host, ":", ports_.zookeeper);
  return text;
}

// ── what each program is configured with ──

void KoverseLab::WriteHadoop() const {
  // The jars bring no web applications along; empty ones are enough.
  for (const char* part : {"hdfs", "datanode", "secondary", "journal"})
    lab.Write(Cat("hdfs/webapps/", part, "/WEB-INF/web.xml"), "<web-app/>\n");
  std::filesystem::create_directories(lab.Path("hdfs/webapps/static"));
  const std::string core = HadoopXml({{"fs.defaultFS", Cat("hdfs://", kMaster, ":", ports_.namenode_calls)},
                                      {"hadoop.tmp.dir", lab.Path("hdfs/tmp")}});
  const std::string logging =
      "log4j.rootLogger=INFO,A\nlog4j.appender.A=org.apache.log4j.ConsoleAppender\n"
      "log4j.appender.A.layout=org.apache.log4j.PatternLayout\n"
      "log4j.appender.A.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n\n";
  const std::vector<std::pair<std::string, std::string>> common = {
      {"dfs.replication", std::string(kBlockCopies)},
      {"dfs.namenode.safemode.extension", "0"},
      {"dfs.heartbeat.interval", "1"},
      {"dfs.namenode.heartbeat.recheck-interval", "1000"},
      {"dfs.namenode.datanode.registration.ip-hostname-check", "false"},
      {"dfs.namenode.http-address", Cat(kMaster, ":", ports_.namenode)},
      {"dfs.namenode.rpc-bind-host", std::string(kMaster)},
      {"dfs.namenode.name.dir", Cat("file://", lab.Path("hdfs/nn"))},
      {"dfs.permissions.enabled", "false"}};
  lab.Write("hdfs/conf-namenode/core-site.xml", core);
  lab.Write("hdfs/conf-namenode/log4j.properties", logging);
  lab.Write("hdfs/conf-namenode/hdfs-site.xml", HadoopXml(common));
  for (const std::string& host : kWorkers) {
    // A NameNode knows a DataNode by the address that it comes from, which is 127.0.0.1 for all of them here,
    // and by its port for blocks; clients are sent there.
    auto properties = common;
    properties.insert(properties.end(),
                      {{"dfs.datanode.data.dir", lab.Path(Cat("hdfs/data-", host))},
                       {"dfs.datanode.address", Cat("127.0.0.1:", ports_.blocks.at(host))},
                       {"dfs.datanode.http.address", Cat(host, ":", ports_.datanode)},
                       {"dfs.datanode.ipc.address", Cat("127.0.0.1:", ports_.calls.at(host))},
                       {"dfs.datanode.hostname", "127.0.0.1"}});
    const std::string folder = Cat("hdfs/conf-datanode_", host);
    lab.Write(Cat(folder, "/core-site.xml"), core);
    lab.Write(Cat(folder, "/log4j.properties"), logging);
    lab.Write(Cat(folder, "/hdfs-site.xml"), HadoopXml(properties));
  }
}

void KoverseLab::WriteZookeeper() const {
  std::string members;
  for (size_t n = 0; n < kZookeepers.size(); ++n)
    Append(members, "server.", n + 1, "=", kZookeepers[n], ":", ports_.peers, ":", ports_.election, "\n");
  for (size_t n = 0; n < kZookeepers.size(); ++n) {
    const std::string folder = Cat("zookeeper_", kZookeepers[n]);
    lab.Write(Cat(folder, "/data/myid"), Cat(n + 1, "\n"));
    lab.Write(Cat(folder, "/zoo.cfg"),
              Cat("tickTime=500\ninitLimit=60\nsyncLimit=20\ndataDir=", lab.Path(Cat(folder, "/data")),
                  "\nclientPort=", ports_.zookeeper, "\nclientPortAddress=", kZookeepers[n],
                  "\nadmin.enableServer=false\n", members));
  }
}

void KoverseLab::WriteAccumulo() const {
  lab.Write(
      "accumulo/accumulo.properties",
      Cat("instance.volumes=hdfs://", kMaster, ":", ports_.namenode_calls,
          "/accumulo\ninstance.zookeeper.host=", Ensemble(),
          "\ninstance.zookeeper.timeout=10s\ninstance.secret=lab\ngeneral.rpc.timeout=20s\n"
          "tserver.memory.maps.native.enabled=false\ntserver.memory.maps.max=16M\n"
          "tserver.cache.data.size=4M\ntserver.cache.index.size=4M\ntserver.cache.summary.size=4M\n"
          "tserver.total.mutation.queue.max=4M\ntserver.wal.max.size=16M\ntserver.wal.replication=",
          kBlockCopies, "\ntserver.wal.sort.buffer.size=4M\nmanager.recovery.delay=2s\ngc.cycle.start=5s\n",
          "manager.port.client=", ports_.master, "\ntserver.port.client=", ports_.tserver,
          "\ngc.port.client=", ports_.gc, "\nmonitor.port.client=", ports_.monitor, "\n"));
  lab.Write("accumulo/accumulo-client.properties",
            Cat("instance.name=lab\ninstance.zookeepers=", Ensemble(),
                "\nauth.type=password\nauth.principal=root\nauth.token=secret\n"));
  lab.Write("accumulo/core-site.xml", ReadWhole(lab.Path("hdfs/conf-namenode/core-site.xml")));
  lab.Write(
      "accumulo/log4j2.properties",
      "rootLogger.level=info\nrootLogger.appenderRef.c.ref=C\nappender.c.type=Console\nappender.c.name=C\n"
      "appender.c.layout.type=PatternLayout\nappender.c.layout.pattern=%d{ISO8601} [%c{1}] %-5p: %m%n\n");
}

std::vector<std::string> KoverseLab::Hdfs(const std::string& folder, const std::string& main_class) const {
  return {"/usr/bin/java",
          "--add-opens",
          "java.base/java.lang=ALL-UNNAMED",
          "-Xmx160m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-cp",
          Cat(lab.Path(Cat("hdfs/conf-", folder)), ":", lab.Path("hdfs"), ":", Jars("hadoop"), "/*"),
          Cat("org.apache.hadoop.hdfs.server.", main_class)};
}

std::vector<std::string> KoverseLab::Accumulo(std::vector<std::string> words) const {
  std::vector<std::string> argv = {"/usr/bin/java", "-Xmx128m", "-XX:+UseSerialGC",
                                   "-XX:TieredStopAtLevel=1"};
  for (const char* package : {"lang", "util", "nio"})
    argv.insert(argv.end(), {"--add-opens", Cat("java.base/java.", package, "=ALL-UNNAMED")});
  argv.insert(argv.end(),
              {Cat("-Daccumulo.properties=file://", lab.Path("accumulo/accumulo.properties")), "-cp",
               Cat(lab.Path("accumulo"), ":", Jars("accumulo"), "/*"), "org.apache.accumulo.start.Main"});
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

std::vector<std::string> KoverseLab::CommandOf(const std::string& program) const {
  const std::string host = HostOfProgram(program);
  if (program == "namenode") return Hdfs(program, "namenode.NameNode");
  if (program.starts_with("datanode")) return Hdfs(program, "datanode.DataNode");
  if (program.starts_with("zookeeper"))
    return {"/usr/bin/java",
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar",
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            lab.Path(Cat(program, "/zoo.cfg"))};
  if (program == "postgresql")
    return {Cat(PostgresqlBin(), "postgres"),
            "-D",
            lab.Path("pg/data"),
            "-p",
            Cat(ports_.postgresql),
            "-c",
            "listen_addresses=127.0.0.41",
            "-c",
            Cat("unix_socket_directories=", lab.Path("pg")),
            "-c",
            "shared_buffers=16MB"};
  const std::string role = program == "master" ? "manager" : program.substr(0, program.find('_'));
  return Accumulo({role, "-a", host});
}

void KoverseLab::WriteSupervisord() const {
  std::string text = Cat(
      "[unix_http_server]\nfile=", endpoint_.unix_socket,
      "\nchmod=0700\n[supervisord]\nlogfile=", lab.Path("supervisord.log"), "\npidfile=", lab.Path("s.pid"),
      "\nchildlogdir=", lab.directory(),
      "\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = "
      "supervisor.rpcinterface:make_main_rpcinterface\n[eventlistener:witness]\ncommand=/usr/bin/python3 -u ",
      lab.Write("witness.py", std::string(kWitness)), " ", lab.Path("events"), "\nevents=PROCESS_STATE\n");
  for (const std::string& program : All()) {
    Append(text, "[program:", program, "]\ncommand=", Join(CommandOf(program), " "),
           "\ndirectory=", lab.directory(),
           "\nautostart=false\nautorestart=false\nstartsecs=1\nstopwaitsecs=20\n",
           "redirect_stderr=true\nstdout_logfile=", lab.Path(Cat("log/", program)), "\n");
    if (program != "postgresql") continue;
    // To TERM it waits for its clients; INT is its fast way.
    Append(text, "stopsignal=INT\n");
    if (const std::string user = PostgresqlUser(); !user.empty()) Append(text, "user=", user, "\n");
  }
  lab.Write("s.conf", text);
  std::filesystem::create_directories(lab.Path("log"));
}

// ── life ──

Exit KoverseLab::Run(const std::vector<std::string>& argv, absl::Duration longest) {
  const Result<Exit> ran = rig.Wait(rig.world.commands.Run({argv, "", {}}, {longest, 1 << 20}));
  if (!ran.ok()) ADD_FAILURE() << argv[0] << ": " << ran.status().message();
  return ran.ok() ? *ran : Exit{};
}

void KoverseLab::InitialisePostgresql() {
  std::filesystem::create_directory(lab.Path("pg"));
  if (const passwd* owner = PostgresqlUser().empty() ? nullptr : getpwnam("postgres"))
    ASSERT_EQ(chown(lab.Path("pg").c_str(), owner->pw_uid, owner->pw_gid), 0);
  ASSERT_EQ(lab.Run({PostgresqlBin() + "initdb", "-D", lab.Path("pg/data"), "-A", "trust", "-U", "postgres",
                     "--no-sync", "-E", "UTF8", "--locale=C"},
                    PostgresqlUser()),
            0)
      << lab.Log("run");
}

void KoverseLab::Prepare() {
  WriteHadoop();
  WriteZookeeper();
  WriteAccumulo();
  WriteSupervisord();
  InitialisePostgresql();
  std::vector<std::string> format = Hdfs("namenode", "namenode.NameNode");
  format.insert(format.end(), {"-format", "-force", "-nonInteractive", "-clusterid", "lab"});
  const Exit formatted = Run(format, kTool);
  ASSERT_EQ(formatted.code, 0) << End(formatted.output + formatted.errors);
  StartSupervisord();
  for (const std::string& program : Layers()[0]) StartByHand(program);
  for (const std::string& program : Layers()[0])
    ASSERT_TRUE(WaitUntil([&] { return Answer(program).level == ProbeAnswer::Level::kServing; }, kServes))
        << program << ": " << Answer(program).detail << "\n"
        << LogOf(program);
  const Exit initialised = Run(
      Accumulo({"init", "--clear-instance-name", "--instance-name", "lab", "--password", "secret"}), kTool);
  ASSERT_EQ(initialised.code, 0) << End(initialised.output + initialised.errors);
  StopSupervisord();
  std::filesystem::remove(lab.Path("events"));
}

void KoverseLab::StartSupervisord() {
  supervisord_ = lab.Start("supervisord", {"supervisord", "-n", "-c", lab.Path("s.conf")});
  ASSERT_TRUE(WaitUntil([&] { return rig.Wait(rig.clients.supervisors.Facts(endpoint_)).ok(); }))
      << lab.Log("supervisord");
}

void KoverseLab::StopSupervisord() {
  if (supervisord_ == 0) return;
  // A frozen child would hear of nothing.
  for (const pid_t one : Family(supervisord_)) kill(one, SIGCONT);
  kill(supervisord_, SIGTERM);
  WaitUntil([&] { return !IsAlive(supervisord_); }, kEnds);
  lab.Stop(supervisord_);
  supervisord_ = 0;
}

KoverseLab::~KoverseLab() {
  if (holdfast_ != 0) lab.Stop(holdfast_);
  StopSupervisord();
}

void KoverseLab::StartHoldfast() {
  holdfast_ = lab.Start("holdfast",
                        {HOLDFAST_BINARY, "run", "--specs", lab.Path("specs"), "--state", lab.Path("state"),
                         "--listen", Cat("127.0.0.1:", ports_.holdfast), "--socket", lab.Path("h.sock")});
}

// ── what is asked and seen ──

ProcessInfo KoverseLab::See(const std::string& program) {
  return ValueOf(rig.Wait(rig.clients.supervisors.Look(endpoint_, program, rig.world.clock.Now())));
}

std::map<std::string, std::string> KoverseLab::Incarnations() {
  std::map<std::string, std::string> all;
  for (const std::string& program : All())
    if (const ProcessInfo info = See(program); info.state == ProcessState::kRunning)
      all[program] = info.incarnation;
  return all;
}

void KoverseLab::StartByHand(const std::string& program) {
  XmlRpcCall call;
  call.unix_socket = endpoint_.unix_socket;
  call.method = "supervisor.startProcess";
  call.params = {program, false};
  const Outcome outcome = rig.Wait(rig.doors.Perform(call, absl::Seconds(20)));
  ASSERT_EQ(outcome.kind, Outcome::Kind::kDone) << program << ": " << outcome.detail;
}

std::vector<ProcessEvent> KoverseLab::Events() const {
  std::vector<ProcessEvent> events;
  for (const std::string& line : Split(ReadWhole(lab.Path("events")), '\n')) {
    const std::vector<std::string> words = Split(line, ' ');
    if (words.size() != 3 || words[2] == "witness") continue;
    events.push_back({absl::UnixEpoch() + absl::Seconds(std::atof(words[0].c_str())), words[1], words[2]});
  }
  return events;
}

ProbeAnswer KoverseLab::Answer(const std::string& program) {
  using Server = AccumuloServerProbe::Server;
  const ProbePlace place{.host = HostOfProgram(program)};
  Probe probe;
  if (program.starts_with("zookeeper")) probe = ZookeeperProbe{ports_.zookeeper};
  if (program == "namenode") probe = NameNodeProbe{ports_.namenode};
  if (program.starts_with("datanode")) probe = DataNodeProbe{ports_.datanode};
  if (program == "postgresql") probe = PostgresqlProbe{.port = ports_.postgresql};
  if (program == "master") probe = AccumuloServerProbe{Server::kMaster, ports_.master};
  if (program.starts_with("tserver")) probe = AccumuloServerProbe{Server::kTserver, ports_.tserver};
  if (program == "gc") probe = AccumuloServerProbe{Server::kGc, ports_.gc};
  if (program == "monitor") probe = AccumuloMonitorProbe{ports_.monitor};
  return rig.Ask(probe, place, absl::Seconds(5));
}

std::string KoverseLab::Condition(std::string_view type) {
  const Exit said =
      Run({HOLDFAST_BINARY, "status", "--socket", lab.Path("h.sock"), "-o", "json"}, absl::Seconds(20));
  const Result<json::value> parsed = ParseJson(said.output);
  const json::object* document = parsed.ok() ? parsed->if_object() : nullptr;
  const json::value* resources = document == nullptr ? nullptr : document->if_contains("resources");
  if (resources == nullptr || !resources->is_array() || resources->get_array().empty()) return {};
  for (const json::value& condition : resources->get_array()[0].at("conditions").as_array())
    if (Chars(condition.at("type").as_string()) == type)
      return std::string(Chars(condition.at("status").as_string()));
  return {};
}

std::string KoverseLab::Why() {
  const Exit said = Run({HOLDFAST_BINARY, "why", "--socket", lab.Path("h.sock"), "ServiceStack/koverse"},
                        absl::Seconds(20));
  return said.output + said.errors;
}

void KoverseLab::Apply() {
  const std::string socket = lab.Path("h.sock");
  const Exit shown = Run({HOLDFAST_BINARY, "why", "--socket", socket, "-o", "json", "ServiceStack/koverse"},
                         absl::Seconds(20));
  constexpr std::string_view kKey = "\"digest\": \"";
  const size_t begin = shown.output.find(kKey);
  ASSERT_NE(begin, std::string::npos) << shown.output;
  const std::string digest = shown.output.substr(
      begin + kKey.size(), shown.output.find('"', begin + kKey.size()) - begin - kKey.size());
  const Exit applied =
      Run({HOLDFAST_BINARY, "apply", "--socket", socket, "ServiceStack/koverse", "--digest", digest},
          absl::Seconds(20));
  EXPECT_EQ(applied.code, 0) << applied.output << applied.errors << shown.output;
}

std::string KoverseLab::AccumuloShell(const std::string& commands) {
  const std::string file = lab.Write("shell-commands", commands);
  const Exit said =
      Run(Accumulo({"shell", "--config-file", lab.Path("accumulo/accumulo-client.properties"), "-f", file}),
          kTool);
  EXPECT_EQ(said.code, 0) << End(said.output + said.errors);
  return said.output;
}

// ── what is declared ──

void KoverseLab::Declare(const std::string& state, const std::string& zombie) {
  const std::string next = lab.Write("specs/.koverse.yaml.new", SpecText(state, zombie));
  std::filesystem::rename(next, lab.Path("specs/koverse.yaml"));
}

std::string KoverseLab::SpecText(const std::string& state, const std::string& zombie) const {
  const auto service = [&](std::string_view name, std::string_view component,
                           const std::vector<std::string>& hosts, std::string_view probe,
                           std::string_view more) {
    const std::string at = hosts.size() > 1 ? "_{host}" : "";
    return Cat("        - name: ", name, "\n          component: ", component, "\n          hosts: [",
               Join(hosts, ", "), "]\n          control: {supervisord: {socket: ", endpoint_.unix_socket,
               ", program: \"", name, at, "\"}}\n          probe: {", probe,
               "}\n          restartBudget: {limit: 20, per: 1h, gap: 1s}\n", more);
  };
  const std::vector<std::string> master = {std::string(kMaster)};
  return Cat(
      "apiVersion: holdfast/v1\nkind: ServiceStack\nmetadata: {name: koverse}\n"
      "policy: {mode: {reversible: act, disruptive: act, destructive: propose}, interval: 2s}\nspec:\n",
      state, "  layers:\n    - name: storage and coordination\n      services:\n",
      service("datanode", "hdfs-datanode", kWorkers, Cat("hdfsDatanode: {port: ", ports_.datanode, "}"),
              "          maxUnavailable: 1\n          recoveryTime: 5s\n"),
      service("namenode", "hdfs-namenode", master, Cat("hdfsNamenode: {port: ", ports_.namenode, "}"), ""),
      service("zookeeper", "zookeeper", kZookeepers, Cat("zookeeper: {port: ", ports_.zookeeper, "}"),
              "          layerReadyWhen: majority\n          recoveryTime: 5s\n"),
      service("postgresql", "postgresql", master, Cat("postgresql: {port: ", ports_.postgresql, "}"), ""),
      "    - name: data services\n      services:\n",
      service("master", "accumulo-master", master,
              Cat("accumulo: {server: master, port: ", ports_.master, "}"), ""),
      service("tserver", "accumulo-tserver", kWorkers,
              Cat("accumulo: {server: tserver, port: ", ports_.tserver, ", deadline: 3s}"),
              Cat("          needs: [master]\n          maxUnavailable: 1\n          recoveryTime: 20s\n"
                  "          zombieAfter: 10s\n          zombie: ",
                  zombie, "\n")),
      "    - name: application\n      services:\n",
      service("monitor", "accumulo-monitor", master, Cat("http: {port: ", ports_.monitor, ", path: /}"), ""),
      service("gc", "accumulo-gc", master, Cat("accumulo: {server: gc, port: ", ports_.gc, "}"), ""));
}

}  // namespace holdfast::clients
