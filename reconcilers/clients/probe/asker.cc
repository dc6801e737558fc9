#include "reconcilers/clients/probe/asker.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "reconcilers/clients/probe/answers.h"

namespace holdfast::clients {

namespace {

using How = Exchanged::How;
using Level = ProbeAnswer::Level;

constexpr int kMayNotRun = 126, kNoProgram = 127;
constexpr absl::Duration kAliveCheck = absl::Seconds(2);

ProbeAnswer Unanswered(Level level, std::string detail) {
  ProbeAnswer answer;
  answer.level = level;
  answer.detail = std::move(detail);
  return answer;
}

bool Contains(const std::vector<int>& codes, int code) { return std::ranges::count(codes, code) > 0; }

}  // namespace

Asker::Asker(World world, Ssh& ssh, Secrets& secrets, ProbePlace place, absl::Duration deadline)
    : world_(world),
      ssh_(ssh),
      secrets_(secrets),
      place_(std::move(place)),
      until_(world.clock.Steady() + deadline) {}

bool Asker::IsElsewhere() const {
  return place_.from == ProbePlace::From::kOnHost && !place_.where.host.empty();
}
absl::Duration Asker::Left() const { return until_ - world_.clock.Steady(); }

Task<ProbeAnswer> Asker::Http(HttpProbe probe, std::string what) {
  if (const std::string problem = RegexProblem(probe.body_regex); !problem.empty())
    co_return Unanswered(Level::kUnknown, Cat(what, ": bodyRegex: ", problem));
  if (IsElsewhere() && probe.scheme != "http")
    co_return Unanswered(Level::kUnknown,
                         Cat(what, ": https cannot be asked on the host itself; declare a command probe"));
  const Fetched fetched = co_await Fetch(probe, Probes::kMostAnswerBytes);
  if (auto without = WithoutAnswer(fetched.exchanged, what)) co_return *std::move(without);
  co_return ReadHttp(fetched.response, probe, what);
}

Task<ProbeAnswer> Asker::Tcp(TcpProbe probe, std::string what) {
  if (const std::string problem = RegexProblem(probe.expect_regex); !problem.empty())
    co_return Unanswered(Level::kUnknown, Cat(what, ": expect: ", problem));
  Talk talk{place_, probe.port, probe.send, {}};
  const std::string expect = probe.expect_regex;
  talk.is_enough = [expect](std::string_view bytes) {
    return expect.empty() || (!bytes.empty() && Matches(expect, bytes));
  };
  const Exchanged exchanged =
      co_await Converse(world_, ssh_, std::move(talk), {Left(), Probes::kMostAnswerBytes});
  if (exchanged.how == How::kPartial || exchanged.how == How::kTooLong)
    co_return Unanswered(Level::kWrong,
                         Cat(what, ": does not match ", expect, ": ", Excerpt(exchanged.bytes, 60)));
  if (auto without = WithoutAnswer(exchanged, what)) co_return *std::move(without);
  if (!expect.empty() && !Matches(expect, exchanged.bytes))
    co_return Unanswered(Level::kWrong,
                         Cat(what, ": does not match ", expect, ": ", Excerpt(exchanged.bytes, 60)));
  co_return Unanswered(Level::kServing,
                       Cat(what, expect.empty() ? ": accepts connections" : ": answers as expected"));
}

Task<ProbeAnswer> Asker::Command(CommandProbe probe, std::string what) {
  if (const std::string problem = RegexProblem(probe.output_regex); !problem.empty())
    co_return Unanswered(Level::kUnknown, Cat(what, ": outputRegex: ", problem));
  if (probe.argv.empty()) co_return Unanswered(Level::kUnknown, "an empty command");
  const bool is_remote = !place_.where.host.empty();
  const absl::Duration reserve = is_remote ? std::min(kAliveCheck, Left() / 3) : absl::ZeroDuration();
  CommandLine line{As(probe.become, probe.argv), "", {}};
  const Result<Exit> ran =
      co_await ssh_.Run(place_.where, std::move(line), {Left() - reserve, Probes::kMostAnswerBytes});
  if (!ran.ok()) {
    // ssh's 255 without a reason has the same code as a time-out, but comes earlier, and says nothing about
    // the program.
    const bool is_late = ran.status().code() == Code::kDeadlineExceeded && Left() <= reserve;
    if (!is_late) co_return Unanswered(Level::kUnknown, Cat(what, ": ", ran.status().message()));
    CommandLine trivial{{"true"}, "", {}};
    const Result<Exit> alive =
        is_remote ? co_await ssh_.Run(place_.where, std::move(trivial), {Left(), Probes::kMostAnswerBytes})
                  : Exit{0, 0};
    if (!alive.ok()) co_return Unanswered(Level::kUnknown, Cat(what, ": ", ran.status().message()));
    co_return Unanswered(Level::kConnects, Cat(what, ": runs, but did not end in time"));
  }
  ProbeAnswer answer = Unanswered(Level::kWrong, Cat(what, ": exit code ", ran->code));
  answer.facts["code"] = Cat(ran->code);
  const std::string& said = Trim(ran->output).empty() ? ran->errors : ran->output;
  if (!Trim(said).empty()) Append(answer.detail, ": ", Excerpt(Trim(said), 80));
  if (ran->signal != 0 || (is_remote && ran->code == kNoProgram) || ran->code == kMayNotRun)
    answer.level = Level::kUnknown;
  else if (Contains(probe.starting_codes, ran->code))
    answer.level = Level::kStarting;
  else if (!Contains(probe.serving_codes, ran->code))
    answer.level = Level::kWrong;
  else if (!probe.output_regex.empty() && !Matches(probe.output_regex, ran->output))
    answer.detail =
        Cat(what, ": the output does not match ", probe.output_regex, ": ", Excerpt(Trim(ran->output), 60));
  else
    answer.level = Level::kServing;
  co_return answer;
}

Task<ProbeAnswer> Asker::Postgresql(PostgresqlProbe probe, std::string what) {
  if (probe.user.find('\0') != std::string::npos || probe.database.find('\0') != std::string::npos)
    co_return Unanswered(Level::kUnknown, Cat(what, ": user and database cannot contain NUL"));
  Talk talk{place_, probe.port, PostgresqlStartup(probe), IsWholePostgresql};
  const Exchanged exchanged =
      co_await Converse(world_, ssh_, std::move(talk), {Left(), Probes::kMostAnswerBytes});
  if (auto without = WithoutAnswer(exchanged, what)) co_return *std::move(without);
  co_return ReadPostgresql(exchanged.bytes, what);
}

Task<ProbeAnswer> Asker::Redis(RedisProbe probe, std::string what) {
  std::string password;
  if (!probe.password.name.empty()) {
    const Result<std::string> resolved = secrets_.Resolve(probe.password);
    if (!resolved.ok()) co_return Unanswered(Level::kUnknown, Cat(what, ": ", resolved.status().message()));
    password = *resolved;
  }
  Talk talk{place_, probe.port, RedisQuestions(probe, password), {}};
  talk.is_enough = [probe](std::string_view bytes) { return IsWholeRedis(bytes, probe); };
  const Exchanged exchanged =
      co_await Converse(world_, ssh_, std::move(talk), {Left(), Probes::kMostAnswerBytes});
  if (auto without = WithoutAnswer(exchanged, what)) co_return *std::move(without);
  co_return ReadRedis(exchanged.bytes, probe, what);
}

Task<ProbeAnswer> Asker::Zookeeper(ZookeeperProbe probe, std::string what) {
  Talk talk{place_, probe.port, "srvr", {}};
  const Exchanged exchanged =
      co_await Converse(world_, ssh_, std::move(talk), {Left(), Probes::kMostAnswerBytes});
  if (auto without = WithoutAnswer(exchanged, what)) co_return *std::move(without);
  co_return ReadZookeeper(exchanged.bytes, what);
}

Task<std::variant<std::string, ProbeAnswer>> Asker::Json(std::string path, uint16_t port, std::string what) {
  HttpProbe probe;
  probe.port = port;
  probe.path = std::move(path);
  Fetched fetched = co_await Fetch(std::move(probe), Probes::kMostJmxBytes);
  if (auto without = WithoutAnswer(fetched.exchanged, what)) co_return *std::move(without);
  if (fetched.response.status != 200)
    co_return Unanswered(Level::kWrong, Cat(what, ": HTTP ", fetched.response.status));
  co_return std::move(fetched.response.body);
}

Task<ProbeAnswer> Asker::NameNode(NameNodeProbe probe, std::string what) {
  const auto system = co_await Json("/jmx?qry=Hadoop:service=NameNode,name=FSNamesystem*", probe.port, what);
  if (const auto* without = std::get_if<ProbeAnswer>(&system)) co_return *without;
  const auto status = co_await Json("/jmx?qry=Hadoop:service=NameNode,name=NameNodeStatus", probe.port, what);
  if (const auto* without = std::get_if<ProbeAnswer>(&status)) co_return *without;
  co_return ReadNameNode(std::get<std::string>(system), std::get<std::string>(status), what);
}

Task<ProbeAnswer> Asker::DataNode(DataNodeProbe probe, std::string what) {
  const auto dataset =
      co_await Json("/jmx?qry=Hadoop:service=DataNode,name=FSDatasetState*", probe.port, what);
  if (const auto* without = std::get_if<ProbeAnswer>(&dataset)) co_return *without;
  co_return ReadDataNode(std::get<std::string>(dataset), what);
}

Task<ProbeAnswer> Asker::Accumulo(AccumuloMonitorProbe probe, std::string what) {
  const auto manager = co_await Json("/rest/manager", probe.port, what);
  if (const auto* without = std::get_if<ProbeAnswer>(&manager)) co_return *without;
  co_return ReadAccumuloMonitor(std::get<std::string>(manager), what);
}

Task<ProbeAnswer> Asker::AccumuloServer(AccumuloServerProbe probe, std::string what) {
  Talk talk{place_, probe.port, AccumuloCall(probe), IsWholeAccumulo};
  const Exchanged exchanged =
      co_await Converse(world_, ssh_, std::move(talk), {Left(), Probes::kMostAnswerBytes});
  if (auto without = WithoutAnswer(exchanged, what)) co_return *std::move(without);
  co_return ReadAccumuloServer(exchanged.bytes, what);
}

}  // namespace holdfast::clients
