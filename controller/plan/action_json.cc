#include "controller/plan/action_json.h"

#include <boost/json/string.hpp>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {
namespace {

json::value StringJson(std::string_view text) { return json::value(JsonView(text)); }

json::value TextJson(const Text& text) {
  json::array pieces;
  for (const auto& piece : text.pieces) {
    if (const auto* plain = std::get_if<std::string>(&piece))
      pieces.push_back(StringJson(*plain));
    else
      pieces.push_back(json::object{{"secret", StringJson(std::get<SecretRef>(piece).name)}});
  }
  return pieces;
}

json::value ReachJson(const Reach& where) {
  return json::object{{"host", StringJson(where.host)},
                      {"user", StringJson(where.user)},
                      {"port", where.port},
                      {"identityFile", StringJson(where.identity_file)},
                      {"knownHosts", StringJson(where.known_hosts)}};
}

json::value AuthJson(const std::optional<BasicAuth>& auth) {
  if (!auth) return nullptr;
  return json::object{{"user", StringJson(auth->user)}, {"password", StringJson(auth->password.name)}};
}

json::value Body(const HttpCall& call) {
  json::array headers;
  for (const auto& [name, value] : call.headers)
    headers.push_back(json::array{StringJson(name), TextJson(value)});
  return json::object{{"method", StringJson(call.method)},
                      {"url", StringJson(call.url)},
                      {"unixSocket", StringJson(call.unix_socket)},
                      {"caFile", StringJson(call.ca_file)},
                      {"headers", std::move(headers)},
                      {"auth", AuthJson(call.auth)},
                      {"body", TextJson(call.body)}};
}

json::value Body(const XmlRpcCall& call) {
  json::array params;
  for (const auto& param : call.params) {
    if (const auto* text = std::get_if<std::string>(&param))
      params.push_back(StringJson(*text));
    else if (const auto* flag = std::get_if<bool>(&param))
      params.push_back(*flag);
    else
      params.push_back(std::get<int64_t>(param));
  }
  return json::object{{"unixSocket", StringJson(call.unix_socket)},
                      {"url", StringJson(call.url)},
                      {"auth", AuthJson(call.auth)},
                      {"method", StringJson(call.method)},
                      {"params", std::move(params)},
                      {"onlyIfIncarnation", StringJson(call.only_if_incarnation)}};
}

json::array WordsJson(const std::vector<std::string>& words) {
  json::array out;
  for (const std::string& word : words) out.push_back(StringJson(word));
  return out;
}

json::value Body(const Command& command) {
  json::array argv, codes;
  for (const Text& word : command.argv) argv.push_back(TextJson(word));
  for (int code : command.done_codes) codes.push_back(code);
  json::value only_if = nullptr;
  if (command.only_if)
    only_if = json::object{{"argv", WordsJson(command.only_if->argv)},
                           {"output", StringJson(command.only_if->output)}};
  return json::object{{"where", ReachJson(command.where)},
                      {"argv", std::move(argv)},
                      {"input", TextJson(command.input)},
                      {"doneCodes", std::move(codes)},
                      {"onlyIf", std::move(only_if)}};
}

json::value Body(const Signal& signal) {
  return json::object{{"where", ReachJson(signal.where)},
                      {"pid", signal.pid},
                      {"incarnation", StringJson(signal.incarnation)},
                      {"number", signal.number}};
}

json::value Body(const AwsCall& call) {
  return json::object{{"account", StringJson(call.account)},    {"region", StringJson(call.region)},
                      {"profile", StringJson(call.profile)},    {"endpoint", StringJson(call.endpoint)},
                      {"service", StringJson(call.service)},    {"operation", StringJson(call.operation)},
                      {"parameters", TextJson(call.parameters)}};
}

// Reading: each reader notes the first thing that is wrong and gives a default from then on.
class Reader {
 public:
  const json::value& Member(const json::value& of, std::string_view name) {
    static const json::value kNothing;
    const json::object* object = of.if_object();
    const json::value* found = object == nullptr ? nullptr : object->if_contains(JsonView(name));
    if (found == nullptr) Wrong(Cat("no member \"", name, "\""));
    return found == nullptr ? kNothing : *found;
  }
  std::string String(const json::value& value) {
    if (const json::string* text = value.if_string()) return std::string(text->data(), text->size());
    Wrong("a text is not a string");
    return {};
  }
  std::string String(const json::value& of, std::string_view name) { return String(Member(of, name)); }
  int64_t Number(const json::value& value) {
    if (const int64_t* number = value.if_int64()) return *number;
    if (const uint64_t* number = value.if_uint64()) return static_cast<int64_t>(*number);
    Wrong("a number is not an integer");
    return 0;
  }
  const json::array& List(const json::value& value) {
    static const json::array kNone;
    if (const json::array* list = value.if_array()) return *list;
    Wrong("a list is not an array");
    return kNone;
  }
  Text ReadText(const json::value& value) {
    Text text;
    for (const json::value& piece : List(value)) {
      if (piece.is_string())
        text.pieces.emplace_back(String(piece));
      else
        text.pieces.emplace_back(SecretRef{String(piece, "secret")});
    }
    return text;
  }
  Reach ReadReach(const json::value& value) {
    return {.host = String(value, "host"),
            .user = String(value, "user"),
            .port = static_cast<uint16_t>(Number(Member(value, "port"))),
            .identity_file = String(value, "identityFile"),
            .known_hosts = String(value, "knownHosts")};
  }
  std::optional<BasicAuth> ReadAuth(const json::value& value) {
    if (value.is_null()) return std::nullopt;
    return BasicAuth{.user = String(value, "user"), .password = {String(value, "password")}};
  }
  void Wrong(std::string what) {
    if (status_.ok()) status_ = InvalidArgument(Cat("an action that is not understood: ", what));
  }
  const Status& status() const { return status_; }

 private:
  Status status_;
};

HttpCall ReadHttp(Reader& read, const json::value& body) {
  HttpCall call{.method = read.String(body, "method"),
                .url = read.String(body, "url"),
                .unix_socket = read.String(body, "unixSocket"),
                .ca_file = read.String(body, "caFile"),
                .auth = read.ReadAuth(read.Member(body, "auth")),
                .body = read.ReadText(read.Member(body, "body"))};
  for (const json::value& header : read.List(read.Member(body, "headers"))) {
    const json::array& pair = read.List(header);
    if (pair.size() != 2)
      read.Wrong("a header is not a pair");
    else
      call.headers.emplace_back(read.String(pair[0]), read.ReadText(pair[1]));
  }
  return call;
}

XmlRpcCall ReadXmlRpc(Reader& read, const json::value& body) {
  XmlRpcCall call{.unix_socket = read.String(body, "unixSocket"),
                  .url = read.String(body, "url"),
                  .auth = read.ReadAuth(read.Member(body, "auth")),
                  .method = read.String(body, "method"),
                  .only_if_incarnation = read.String(body, "onlyIfIncarnation")};
  for (const json::value& param : read.List(read.Member(body, "params"))) {
    if (param.is_bool())
      call.params.emplace_back(param.get_bool());
    else if (param.is_string())
      call.params.emplace_back(read.String(param));
    else
      call.params.emplace_back(read.Number(param));
  }
  return call;
}

Command ReadCommand(Reader& read, const json::value& body) {
  Command command{.where = read.ReadReach(read.Member(body, "where")),
                  .input = read.ReadText(read.Member(body, "input"))};
  for (const json::value& word : read.List(read.Member(body, "argv")))
    command.argv.push_back(read.ReadText(word));
  command.done_codes.clear();
  for (const json::value& code : read.List(read.Member(body, "doneCodes")))
    command.done_codes.push_back(static_cast<int>(read.Number(code)));
  if (const json::value& only_if = read.Member(body, "onlyIf"); !only_if.is_null()) {
    command.only_if.emplace();
    for (const json::value& word : read.List(read.Member(only_if, "argv")))
      command.only_if->argv.push_back(read.String(word));
    command.only_if->output = read.String(only_if, "output");
  }
  return command;
}

Signal ReadSignal(Reader& read, const json::value& body) {
  return {.where = read.ReadReach(read.Member(body, "where")),
          .pid = read.Number(read.Member(body, "pid")),
          .incarnation = read.String(body, "incarnation"),
          .number = static_cast<int>(read.Number(read.Member(body, "number")))};
}

AwsCall ReadAws(Reader& read, const json::value& body) {
  return {.account = read.String(body, "account"),
          .region = read.String(body, "region"),
          .profile = read.String(body, "profile"),
          .endpoint = read.String(body, "endpoint"),
          .service = read.String(body, "service"),
          .operation = read.String(body, "operation"),
          .parameters = read.ReadText(read.Member(body, "parameters"))};
}

constexpr const char* kNames[] = {"http", "xmlrpc", "command", "signal", "aws"};

}  // namespace

json::value ToJson(const Action& action) {
  json::object out;
  out[kNames[action.index()]] = std::visit([](const auto& which) { return Body(which); }, action);
  return out;
}

Result<Action> ActionFromJson(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr || object->size() != 1)
    return InvalidArgument("an action that is not understood: not an object of one member");
  const std::string_view name = Chars(object->begin()->key());
  const json::value& body = object->begin()->value();
  Reader read;
  Action action;
  if (name == kNames[0])
    action = ReadHttp(read, body);
  else if (name == kNames[1])
    action = ReadXmlRpc(read, body);
  else if (name == kNames[2])
    action = ReadCommand(read, body);
  else if (name == kNames[3])
    action = ReadSignal(read, body);
  else if (name == kNames[4])
    action = ReadAws(read, body);
  else
    return InvalidArgument(Cat("an action that is not understood: \"", Excerpt(name, 40), "\""));
  HF_TRY(read.status());
  return action;
}

json::value ToJson(const Lease& lease) {
  return json::object{{"object", StringJson(lease.object)},
                      {"before", StringJson(lease.before)},
                      {"wrote", StringJson(lease.wrote)},
                      {"restore", ToJson(lease.restore)},
                      {"why", StringJson(lease.why)}};
}

Result<Lease> LeaseFromJson(const json::value& value) {
  Reader read;
  Lease lease{.object = read.String(value, "object"),
              .before = read.String(value, "before"),
              .wrote = read.String(value, "wrote"),
              .why = read.String(value, "why")};
  const json::value& restore = read.Member(value, "restore");
  HF_TRY(read.status());
  lease.restore = HF_TRY(ActionFromJson(restore));
  return lease;
}

}  // namespace holdfast
