#include "reconcilers/clients/control/supervisord.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/control/proc.h"
#include "reconcilers/clients/control/supervisord_wire.h"
#include "reconcilers/clients/control/xmlrpc.h"
#include "reconcilers/clients/gather.h"

namespace holdfast::clients {

namespace {

constexpr size_t kMostProcBytes = 1 << 20;
constexpr int kMostTries = 3;  // when the one who asked for all was cancelled

// As supervisord addresses it: the group is left out when it has the program's own name.
std::string AddressOf(const ProcessInfo& info) {
  return info.group.empty() || info.group == info.name ? info.name : Cat(info.group, ":", info.name);
}
std::string KeyOf(const SupervisordEndpoint& endpoint) {
  return Cat(endpoint.Text(), " ", endpoint.user, " ", endpoint.password.name);
}

bool IsFault(const XmlRpcAnswer& answer, int64_t code) { return answer.fault && answer.fault->code == code; }

}  // namespace

std::string ProgramAddress(std::string program) {
  const size_t colon = program.find(':');
  if (colon != std::string::npos && program.substr(0, colon) == program.substr(colon + 1))
    program.resize(colon);
  return program;
}

std::string SupervisordEndpoint::Text() const {
  return unix_socket.empty() ? url : Cat("unix://", unix_socket);
}

bool SupervisordEndpoint::IsLocal() const {
  return !unix_socket.empty() || url.starts_with("http://127.") || url.starts_with("http://localhost") ||
         url.starts_with("http://[::1]");
}

SupervisordEndpoint EndpointOf(const XmlRpcCall& call) {
  SupervisordEndpoint endpoint{call.unix_socket, call.url, "", {}};
  if (call.auth) endpoint.user = call.auth->user, endpoint.password = call.auth->password;
  return endpoint;
}

// What is known of one supervisord.
class Supervisors::Endpoint {
 public:
  Endpoint(World world, Secrets& secrets, SupervisordEndpoint endpoint, size_t& new_ones)
      : world_(world),
        secrets_(secrets),
        endpoint_(std::move(endpoint)),
        new_ones_(new_ones),
        reads_(Overlap::kOneByOne, kMostPerCall,
               [this](std::vector<Ask> asks) { return Read(std::move(asks)); }) {}

  Task<Observed<ProcessInfo>> Look(std::string program, absl::Time not_older_than);
  // One multicall; the errors name the endpoint.
  Task<Result<std::vector<XmlRpcAnswer>>> Call(std::vector<XmlRpcRequest> requests);
  absl::Time DaemonStart(int64_t pid);
  int64_t daemon_pid() const { return daemon_pid_; }
  bool is_new() const { return is_new_; }
  void NoLongerNew();

 private:
  struct Ask {
    std::string program;
    absl::Time not_older_than;
  };
  struct Entry {
    Observed<ProcessInfo> seen;
    absl::Time sent_at = absl::InfinitePast();
  };
  using Found = absl::flat_hash_map<std::string, Entry>;

  const Entry* Fresh(const std::string& program, absl::Time not_older_than) const;
  Task<std::vector<Observed<ProcessInfo>>> Read(std::vector<Ask> asks);
  Task<Status> ReadListing();
  // Asks for each by name, and gives those that supervisord does not know.
  Task<Result<std::vector<std::string>>> ReadByName(std::vector<std::string> names);
  void ProveAbsent(const std::string& name);
  bool IsListingCheaper(size_t wanted) const;
  void Keep(ProcessInfo info, absl::Time sent_at);
  void NoteDaemon(const XmlRpcAnswer& answer);

  World world_;
  Secrets& secrets_;
  const SupervisordEndpoint endpoint_;
  Found found_;
  absl::flat_hash_set<std::string> listed_;  // the names of the last complete listing
  absl::Time listed_at_ = absl::InfinitePast();
  int64_t daemon_pid_ = 0;
  absl::Time daemon_started_at_ = absl::InfinitePast();
  size_t& new_ones_;
  bool is_new_ = false;  // counted in new_ones_
  Gather<Ask, Observed<ProcessInfo>> reads_;
};

const Supervisors::Endpoint::Entry* Supervisors::Endpoint::Fresh(const std::string& program,
                                                                 absl::Time not_older_than) const {
  const auto found = found_.find(program);
  return found != found_.end() && found->second.sent_at >= not_older_than ? &found->second : nullptr;
}

Task<Observed<ProcessInfo>> Supervisors::Endpoint::Look(std::string program, absl::Time not_older_than) {
  program = ProgramAddress(std::move(program));
  for (int tries = 0; tries < kMostTries; ++tries) {
    if (const Entry* fresh = Fresh(program, not_older_than)) co_return fresh->seen;
    std::optional<Observed<ProcessInfo>> answer = co_await reads_.Put({program, not_older_than});
    if (answer) co_return *std::move(answer);
  }
  co_return Unknown{Cat("supervisord at ", endpoint_.Text(), ": the read was given up")};
}

bool Supervisors::Endpoint::IsListingCheaper(size_t wanted) const {
  return listed_.empty() ? wanted >= kListFrom : wanted * 2 > listed_.size();
}

Task<std::vector<Observed<ProcessInfo>>> Supervisors::Endpoint::Read(std::vector<Ask> asks) {
  std::vector<std::string> names;
  absl::flat_hash_set<std::string> wanted;
  for (const Ask& ask : asks)  // an earlier exchange may have answered meanwhile
    if (Fresh(ask.program, ask.not_older_than) == nullptr && wanted.insert(ask.program).second)
      names.push_back(ask.program);
  const absl::Time begun_at = world_.clock.Now();
  Status status;
  if (!names.empty() && IsListingCheaper(names.size())) {
    status = co_await ReadListing();
    std::erase_if(names, [&](const std::string& name) { return Fresh(name, begun_at) != nullptr; });
  }
  if (status.ok() && !names.empty()) {
    const Result<std::vector<std::string>> missing = co_await ReadByName(std::move(names));
    status = missing.status();
    if (status.ok() && !missing->empty() && listed_at_ < begun_at) status = co_await ReadListing();
    for (size_t i = 0; status.ok() && i < missing->size(); ++i) ProveAbsent((*missing)[i]);
  }
  std::vector<Observed<ProcessInfo>> out;
  out.reserve(asks.size());
  for (const Ask& ask : asks) {
    const auto found = found_.find(ask.program);
    const bool is_answered =
        found != found_.end() && (found->second.sent_at >= begun_at || !wanted.contains(ask.program));
    if (is_answered)
      out.push_back(found->second.seen);
    else
      out.push_back(Unknown{
          status.ok() ? Cat("supervisord at ", endpoint_.Text(), ": contradicts itself about ", ask.program)
                      : status.message()});
  }
  co_return out;
}

Task<Result<std::vector<XmlRpcAnswer>>> Supervisors::Endpoint::Call(std::vector<XmlRpcRequest> requests) {
  Limits limits{kReadDeadline, kMostAnswerBytes};
  const absl::Time until = world_.clock.Now() + kReadDeadline;
  std::string call = EncodeMulticall(requests);
  Posted posted = co_await PostXmlRpc(world_, secrets_, endpoint_, call, limits);
  // supervisord may have closed the idle connection that was reused; reading twice is harmless.
  if (!posted.body.ok() && posted.body.status().code() == Code::kUnavailable && posted.sent == Sent::kMaybe &&
      world_.clock.Now() < until)
    posted = co_await PostXmlRpc(world_, secrets_, endpoint_, std::move(call), limits);
  if (!posted.body.ok()) co_return posted.body.status();
  Result<std::vector<XmlRpcAnswer>> answers = DecodeMulticall(*posted.body, requests.size());
  if (!answers.ok()) co_return Annotate(answers.status(), Cat("supervisord at ", endpoint_.Text()));
  co_return answers;
}

Task<Status> Supervisors::Endpoint::ReadListing() {
  const absl::Time sent_at = world_.clock.Now();
  std::vector<XmlRpcRequest> requests = {{"supervisor.getPID", {}}, {"supervisor.getAllProcessInfo", {}}};
  const Result<std::vector<XmlRpcAnswer>> answers = co_await Call(std::move(requests));
  if (!answers.ok()) co_return answers.status();
  const XmlRpcAnswer& listing = (*answers)[1];
  if (listing.fault)
    co_return FailedPrecondition(Cat("supervisord at ", endpoint_.Text(), ": ", FaultText(*listing.fault)));
  NoteDaemon((*answers)[0]);
  std::vector<ProcessInfo> infos;
  // A list of one is taken for an answer's wrapping by the codec; then it is the one itself.
  const json::array* list = listing.value.if_array();
  const json::array one = list == nullptr ? json::array{listing.value} : json::array{};
  for (const json::value& value : list == nullptr ? one : *list) {
    std::optional<ProcessInfo> info = ReadProcessInfo(value);
    if (!info)
      co_return FailedPrecondition(
          Cat("supervisord at ", endpoint_.Text(), ": a listing that cannot be read"));
    infos.push_back(*std::move(info));
  }
  listed_.clear();
  for (ProcessInfo& info : infos) {
    listed_.insert(AddressOf(info));
    Keep(std::move(info), sent_at);
  }
  // What left the configuration must not be kept for ever.
  absl::erase_if(found_, [&](const auto& entry) {
    return entry.second.sent_at < sent_at && !listed_.contains(entry.first);
  });
  listed_at_ = sent_at;
  co_return Status();
}

Task<Result<std::vector<std::string>>> Supervisors::Endpoint::ReadByName(std::vector<std::string> names) {
  const absl::Time sent_at = world_.clock.Now();
  std::vector<XmlRpcRequest> requests = {{"supervisor.getPID", {}}};
  for (const std::string& name : names) requests.push_back({"supervisor.getProcessInfo", {name}});
  Result<std::vector<XmlRpcAnswer>> answers = co_await Call(std::move(requests));
  if (!answers.ok()) co_return answers.status();
  NoteDaemon(answers->front());
  std::vector<std::string> missing;
  for (size_t i = 0; i < names.size(); ++i) {
    const XmlRpcAnswer& answer = (*answers)[i + 1];
    if (IsFault(answer, kBadName)) {
      missing.push_back(names[i]);
    } else if (std::optional<ProcessInfo> info =
                   answer.fault ? std::nullopt : ReadProcessInfo(answer.value)) {
      Keep(*std::move(info), sent_at);
    } else {
      const std::string why = answer.fault ? FaultText(*answer.fault) : "an answer that cannot be read";
      found_[names[i]] = {Unknown{Cat("supervisord at ", endpoint_.Text(), ": ", names[i], ": ", why)},
                          sent_at};
    }
  }
  co_return missing;
}

void Supervisors::Endpoint::ProveAbsent(const std::string& name) {
  if (listed_.contains(name)) return;  // it says both yes and no
  std::vector<std::string_view> names(listed_.begin(), listed_.end());
  std::ranges::sort(names);
  std::string_view meant = DidYouMean(name, names);
  for (std::string_view candidate : names)
    if (meant.empty() && candidate.ends_with(Cat(":", name))) meant = candidate;
  std::string proof = Cat("supervisord at ", endpoint_.Text(), " has no program ", name, " among its ",
                          listed_.size(), meant.empty() ? "" : "; did you mean ", meant);
  found_[name] = {Absent{std::move(proof), listed_at_}, listed_at_};
}

void Supervisors::Endpoint::Keep(ProcessInfo info, absl::Time sent_at) {
  info.daemon_pid = daemon_pid_;
  info.daemon_started_at = daemon_started_at_;
  std::string address = AddressOf(info);
  found_[std::move(address)] = {Observed<ProcessInfo>(std::move(info), sent_at), sent_at};
}

void Supervisors::Endpoint::NoteDaemon(const XmlRpcAnswer& answer) {
  const int64_t pid = answer.fault || !answer.value.is_int64() ? 0 : answer.value.get_int64();
  if (pid == daemon_pid_) return;
  daemon_pid_ = pid;
  daemon_started_at_ = DaemonStart(pid);
  if (!is_new_) ++new_ones_;
  is_new_ = true;
}

void Supervisors::Endpoint::NoLongerNew() {
  if (is_new_) --new_ones_;
  is_new_ = false;
}

absl::Time Supervisors::Endpoint::DaemonStart(int64_t pid) {
  if (pid <= 0 || !endpoint_.IsLocal()) return absl::InfinitePast();
  const Result<std::string> stat = world_.files.Read(Cat("/proc/", pid, "/stat"), kMostProcBytes);
  const Result<std::string> machine = world_.files.Read("/proc/stat", kMostProcBytes);
  if (!stat.ok() || !machine.ok()) return absl::InfinitePast();
  const auto process = ParseProcStat(*stat);
  const auto boot = ParseBootTime(*machine);
  return process && boot ? StartTime(*boot, process->start_ticks) : absl::InfinitePast();
}

Supervisors::Supervisors(World world, Secrets& secrets) : world_(world), secrets_(secrets) {}
Supervisors::~Supervisors() = default;

Supervisors::Endpoint& Supervisors::Of(const SupervisordEndpoint& endpoint) {
  std::unique_ptr<Endpoint>& made = endpoints_[KeyOf(endpoint)];
  if (!made) made = std::make_unique<Endpoint>(world_, secrets_, endpoint, new_ones_);
  return *made;
}

Supervisors::Endpoint* Supervisors::Find(const SupervisordEndpoint& endpoint) const {
  const auto found = endpoints_.find(KeyOf(endpoint));
  return found == endpoints_.end() ? nullptr : found->second.get();
}

bool Supervisors::IsNew(const SupervisordEndpoint& endpoint) const {
  const Endpoint* found = new_ones_ == 0 ? nullptr : Find(endpoint);
  return found != nullptr && found->is_new();
}

void Supervisors::NoLongerNew(const SupervisordEndpoint& endpoint) {
  if (Endpoint* found = Find(endpoint)) found->NoLongerNew();
}

int64_t Supervisors::DaemonPid(const SupervisordEndpoint& endpoint) const {
  const Endpoint* found = Find(endpoint);
  return found == nullptr ? 0 : found->daemon_pid();
}

Task<Observed<ProcessInfo>> Supervisors::Look(SupervisordEndpoint endpoint, std::string program,
                                              absl::Time not_older_than) {
  return Of(endpoint).Look(std::move(program), not_older_than);
}

Task<Result<SupervisordFacts>> Supervisors::Facts(SupervisordEndpoint endpoint) {
  std::vector<XmlRpcRequest> requests = {{"supervisor.getPID", {}},
                                         {"supervisor.getState", {}},
                                         {"supervisor.getSupervisorVersion", {}},
                                         {"supervisor.getIdentification", {}}};
  Endpoint& of = Of(endpoint);
  const std::vector<XmlRpcAnswer> answers = HF_CO_TRY(co_await of.Call(std::move(requests)));
  for (const XmlRpcAnswer& answer : answers)
    if (answer.fault)
      co_return FailedPrecondition(Cat("supervisord at ", endpoint.Text(), ": ", FaultText(*answer.fault)));
  const json::object* state = answers[1].value.if_object();
  if (!answers[0].value.is_int64() || state == nullptr || !state->contains("statecode"))
    co_return FailedPrecondition(Cat("supervisord at ", endpoint.Text(), ": facts that cannot be read"));
  const auto text = [](const json::value* value) {
    return value != nullptr && value->is_string() ? Excerpt(Chars(value->get_string()), 80) : std::string();
  };
  SupervisordFacts facts;
  facts.pid = answers[0].value.get_int64();
  facts.started_at = of.DaemonStart(facts.pid);
  if (const json::value* code = state->if_contains("statecode"); code->is_int64())
    facts.state_code = code->get_int64();
  facts.state_name = text(state->if_contains("statename"));
  facts.version = text(&answers[2].value);
  facts.identification = text(&answers[3].value);
  co_return facts;
}

Task<Result<std::map<std::string, std::string>>> Supervisors::CommandsOf(SupervisordEndpoint endpoint) {
  std::vector<XmlRpcRequest> requests = {{"supervisor.getAllConfigInfo", {}}};
  const std::vector<XmlRpcAnswer> answers = HF_CO_TRY(co_await Of(endpoint).Call(std::move(requests)));
  const std::string who = Cat("supervisord at ", endpoint.Text());
  if (IsFault(answers[0], kUnknownMethod))
    co_return NotFound(Cat(who, " does not tell what it starts its programs with"));
  if (answers[0].fault) co_return FailedPrecondition(Cat(who, ": ", FaultText(*answers[0].fault)));
  const json::array* list = answers[0].value.if_array();
  const json::array one = list == nullptr ? json::array{answers[0].value} : json::array{};
  std::map<std::string, std::string> commands;
  for (const json::value& value : list == nullptr ? one : *list) {
    const json::object* program = value.if_object();
    const auto text = [&](std::string_view field) {
      const json::value* found = program == nullptr ? nullptr : program->if_contains(JsonView(field));
      return found != nullptr && found->is_string() ? std::string(Chars(found->get_string())) : std::string();
    };
    ProcessInfo info;
    info.name = text("name");
    info.group = text("group");
    std::string command = text("command");
    if (info.name.empty()) co_return FailedPrecondition(Cat(who, ": a configuration that cannot be read"));
    if (command.empty()) co_return NotFound(Cat(who, " does not tell what it starts its programs with"));
    commands[AddressOf(info)] = std::move(command);
  }
  co_return commands;
}

Task<Result<std::string>> Supervisors::TailLog(SupervisordEndpoint endpoint, std::string program,
                                               size_t most_bytes) {
  const auto most = static_cast<int64_t>(std::min(most_bytes, kMostTailBytes));
  std::vector<XmlRpcRequest> requests = {{"supervisor.tailProcessStderrLog", {program, int64_t{0}, most}},
                                         {"supervisor.tailProcessStdoutLog", {program, int64_t{0}, most}}};
  const std::vector<XmlRpcAnswer> answers = HF_CO_TRY(co_await Of(endpoint).Call(std::move(requests)));
  for (const XmlRpcAnswer& answer : answers) {
    const json::array* triple = answer.fault ? nullptr : answer.value.if_array();
    if (triple == nullptr || triple->empty() || !triple->front().is_string()) continue;
    const std::string_view text = Chars(triple->front().get_string());
    if (!Trim(text).empty()) co_return std::string(text);
  }
  if (answers[1].fault) co_return NotFound(Cat("the log of ", program, ": ", FaultText(*answers[1].fault)));
  co_return std::string();
}

}  // namespace holdfast::clients
