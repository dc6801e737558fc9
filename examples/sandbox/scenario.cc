#include "examples/sandbox/scenario.h"

#include <boost/asio/ip/address_v4.hpp>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "controller/base/text.h"
#include "specs/node.h"
#include "specs/values.h"

namespace holdfast::sandbox {
namespace {

using specs::Node;
using specs::ProblemCode;
using specs::Problems;

struct Address {
  std::string host;
  uint16_t port = 0;
};

// Nothing when it is not one.
std::optional<Address> ReadAddress(const std::string& text) {
  constexpr int kMostPort = 65535, kMostDigits = 5;
  const size_t colon = text.rfind(':');
  const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (digits.empty() || digits.size() > kMostDigits) return std::nullopt;
  int port = 0;
  for (char digit : digits) port = port * 10 + (digit - '0');
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v4(text.substr(0, colon), error);
  if (error || !address.is_loopback() || port < 1 || port > kMostPort) return std::nullopt;
  return Address{text.substr(0, colon), static_cast<uint16_t>(port)};
}

class Reader {
 public:
  explicit Reader(Problems& problems) : problems_(problems) {}

  Scenario Read(const ScenarioSpec& spec, const Node& root) {
    auto node = root.Find("hosts").begin();
    for (const HostSpec& host : spec.hosts) {
      ReadHost(host, *node);
      ++node;
    }
    CheckNeeds();
    if (spec.account) {
      const Node account = root.Find("account");
      ClaimAddress(spec.account->listen, account.Find("listen"));
      ClaimNames(account);
      out_.account = spec.account;
    }
    return std::move(out_);
  }

 private:
  // True when nobody had it before.
  bool Claim(const std::string& what, const Node& node) {
    const auto [found, fresh] = claimed_.emplace(what, node);
    if (!fresh)
      problems_.Error(ProblemCode::kSameName, node.span(), Cat(what, " is given twice"))
          .Also(found->second.span(), "first here")
          .Help("change one of them");
    return fresh;
  }

  // Of each sort of things in the account a name is given once.
  void ClaimNames(const Node& account) {
    for (const char* sort : {"tables", "groups", "alarms"})
      if (const Node list = account.Find(sort))
        for (const Node one : list)
          Claim(Cat("the name ", one.Find("name").text(), " among the account's ", sort), one.Find("name"));
  }

  void ReadHost(const HostSpec& host, const Node& node) {
    if (!Claim(Cat("the host ", host.name), node.Find("name"))) return;
    const Node daemon = node.Find("supervisord");
    const SupervisordSpec& spec = host.supervisord;
    const std::string endpoint = spec.socket.empty() ? Cat("http://", spec.listen) : spec.socket;
    const Supervisord supervisord{host.name, endpoint, spec.socket, spec.listen, spec.user, spec.password};
    if (!spec.socket.empty()) Claim(Cat("the socket ", spec.socket), daemon.Find("socket"));
    if (!spec.listen.empty()) ClaimAddress(spec.listen, daemon.Find("listen"));
    auto program = node.Find("programs").begin();
    for (const ProgramSpec& one : host.programs) {
      ReadProgram(supervisord, one, *program);
      ++program;
    }
    out_.supervisords.push_back(supervisord);
  }

  std::optional<Address> ClaimAddress(const std::string& text, const Node& node) {
    const auto address = ReadAddress(text);
    if (!address)
      problems_
          .Error(ProblemCode::kBadHosts, node.span(),
                 Cat("`", text, "` is not an address of loopback with a port"))
          .Help("for example: listen: 127.0.0.31:7680");
    else if (!Claim(Cat("the address ", text), node))
      return std::nullopt;
    return address;
  }

  std::optional<std::vector<std::string>> Expand(const std::string& range, const Node& node) {
    std::vector<std::string> names;
    const Status status = specs::ExpandHosts(range, names);
    if (status.ok()) return names;
    problems_.Error(ProblemCode::kBadHosts, node.span(), status.message());
    return std::nullopt;
  }

  void ReadProgram(const Supervisord& supervisord, const ProgramSpec& spec, const Node& node) {
    const auto names = Expand(spec.name, node.Find("name"));
    if (!names) return;
    std::vector<std::string> listen;
    if (!spec.listen.empty()) {
      auto expanded = Expand(spec.listen, node.Find("listen"));
      if (!expanded) return;
      listen = *std::move(expanded);
      if (listen.size() != names->size()) {
        problems_
            .Error(
                ProblemCode::kWrongCount, node.Find("listen").span(),
                Cat(Count(names->size(), "program"), " and ", Count(listen.size(), "address", "addresses")))
            .Also(node.Find("name").span(), "these programs")
            .Help("both are ranges of the same size");
        return;
      }
    }
    if (out_.roles.size() + names->size() > kMostPrograms) {
      problems_.Error(ProblemCode::kOutOfBounds, node.span(), Cat("more than ", kMostPrograms, " programs"));
      return;
    }
    for (size_t i = 0; i < names->size(); ++i) {
      Program program = ProgramOf(supervisord, spec);
      program.name = (*names)[i];
      if (program.service.empty()) program.service = program.name;
      Claim(Cat("the program ", program.name, " of ", supervisord.host), node.Find("name"));
      if (!listen.empty()) {
        const auto address = ClaimAddress(listen[i], node.Find("listen"));
        if (!address) return;
        program.address = address->host;
        program.port = address->port;
      }
      services_.insert(program.service);
      out_.roles.push_back({std::move(program), spec.behaviour});
    }
    for (Node need : node.Find("needs")) needs_.push_back(need);
  }

  static Program ProgramOf(const Supervisord& supervisord, const ProgramSpec& spec) {
    Program program;
    program.service = spec.service;
    program.host = supervisord.host;
    program.endpoint = supervisord.endpoint;
    program.speaks = spec.speaks;
    program.needs = spec.needs;
    program.comes_up = spec.comes_up;
    program.goes_down = spec.goes_down;
    program.startsecs = spec.startsecs;
    program.stopwaitsecs = spec.stopwaitsecs;
    program.startretries = spec.startretries;
    if (spec.autostart) program.autostart = Program::AutoStart::kYes;
    return program;
  }

  void CheckNeeds() {
    const std::vector<std::string_view> known(services_.begin(), services_.end());
    for (const Node& need : needs_) {
      if (services_.contains(std::string(need.text()))) continue;
      const std::string_view meant = DidYouMean(need.text(), known);
      problems_
          .Error(ProblemCode::kDependencyMissing, need.span(),
                 Cat("there is no service `", Excerpt(need.text(), 60), "`"))
          .Labelled(meant.empty() ? "" : Cat("did you mean `", meant, "`?"))
          .Help("name a program's `service`, or its `name`");
    }
  }

  Problems& problems_;
  Scenario out_;
  std::map<std::string, Node> claimed_;
  std::set<std::string> services_;
  std::vector<Node> needs_;
};

}  // namespace

ReadScenario ParseScenario(std::string path, std::string bytes) {
  const auto source = std::make_shared<const specs::Source>(specs::Source{std::move(path), std::move(bytes)});
  Problems problems;
  ReadScenario out;
  if (const auto tree = specs::Tree::Parse(source, problems)) {
    const std::vector<Node> documents = tree->documents();
    if (documents.size() != 1) {
      const specs::Span where = documents.empty() ? specs::Span{.source = source} : documents[1].span();
      problems.Error(ProblemCode::kNothingThere, where,
                     Cat("a scenario is one document; here are ", documents.size()));
    } else {
      ScenarioSpec spec;
      if (ScenarioFields().Decode(documents[0], spec, problems, {.where = "the scenario"}) &&
          problems.errors() == 0)
        out.scenario = Reader(problems).Read(spec, documents[0]);
    }
  }
  if (problems.errors() > 0) out.is = ReadScenario::Is::kBroken;
  out.problems = problems.Take();
  specs::Order(out.problems);
  return out;
}

}  // namespace holdfast::sandbox
