#include <absl/strings/numbers.h>

#include <array>
#include <optional>
#include <vector>

#include "controller/base/text.h"
#include "reconcilers/clients/probe/answers.h"

namespace holdfast::clients {

namespace {

using Level = ProbeAnswer::Level;

std::string Encoded(const std::vector<std::string>& words) {
  std::string out = Cat("*", words.size(), "\r\n");
  for (const std::string& word : words) Append(out, "$", word.size(), "\r\n", word, "\r\n");
  return out;
}

// Takes one reply off the front: a line with its sign, or a bulk text with '$' in front. Nothing when it is
// not whole.
std::optional<std::string> TakeReply(std::string_view& bytes) {
  const size_t line = bytes.find("\r\n");
  if (line == std::string_view::npos) return std::nullopt;
  std::string_view head = bytes.substr(0, line);
  if (!head.starts_with('$')) {
    bytes.remove_prefix(line + 2);
    return std::string(head);
  }
  int64_t length = 0;
  if (!absl::SimpleAtoi(absl::string_view(head.data() + 1, head.size() - 1), &length) || length < -1 ||
      length > static_cast<int64_t>(Probes::kMostAnswerBytes)) {
    bytes.remove_prefix(line + 2);
    return std::string("?");
  }
  const size_t size = length < 0 ? 0 : static_cast<size_t>(length) + 2;
  if (bytes.size() < line + 2 + size) return std::nullopt;
  std::string text = Cat("$", length < 0 ? "" : bytes.substr(line + 2, static_cast<size_t>(length)));
  bytes.remove_prefix(line + 2 + size);
  return text;
}

size_t QuestionsIn(const RedisProbe& probe) {
  return 1 + (probe.password.name.empty() ? 0 : 1) + (probe.expected_role.empty() ? 0 : 1);
}

struct ErrorRow {
  std::string_view begins;
  Level level;
  std::string_view fact, value, remedy;
};
constexpr std::array kErrors = {
    ErrorRow{"-LOADING", Level::kStarting, "loading", "yes", "loading its data"},
    ErrorRow{"-NOAUTH", Level::kServing, "auth", "required", "answers, and asks for a password"},
    ErrorRow{"-NOPERM", Level::kServing, "auth", "limited", "answers; this user may not do that"},
    ErrorRow{"-MASTERDOWN", Level::kWrong, "masterLink", "down", "a replica that has lost its master"},
    ErrorRow{"-BUSY", Level::kWrong, "busy", "yes", "busy running a script"},
    ErrorRow{"-MISCONF", Level::kWrong, "persistence", "failing", "cannot write its data to disk"},
    ErrorRow{"-WRONGPASS", Level::kWrong, "auth", "wrong", "wrong password: correct probe.redis.password"},
    ErrorRow{"-DENIED", Level::kWrong, "auth", "denied",
             "in protected mode: probe it on its own host, or give it a password"},
};

void ReadError(std::string_view reply, std::string_view whom, ProbeAnswer& answer) {
  for (const ErrorRow& row : kErrors) {
    if (!reply.starts_with(row.begins)) continue;
    answer.level = row.level;
    answer.facts[std::string(row.fact)] = std::string(row.value);
    answer.detail = Cat(whom, ": Redis ", row.remedy);
    return;
  }
  answer.level = Level::kWrong;
  answer.detail = Cat(whom, ": Redis says ", Excerpt(reply, 80));
}

std::string InfoLine(std::string_view info, std::string_view name) {
  for (const std::string& line : Split(info, '\n'))
    if (line.starts_with(name)) return std::string(Trim(std::string_view(line).substr(name.size())));
  return {};
}

void ReadReplication(std::string_view info, const RedisProbe& probe, std::string_view whom,
                     ProbeAnswer& answer) {
  answer.facts["role"] = InfoLine(info, "role:");
  if (const std::string link = InfoLine(info, "master_link_status:"); !link.empty())
    answer.facts["masterLink"] = link;
  if (answer.facts["role"] == probe.expected_role) return;
  answer.level = Level::kWrong;
  answer.detail = Cat(whom, ": Redis is ", Excerpt(answer.facts["role"], 20), ", not ", probe.expected_role);
}

}  // namespace

std::string RedisQuestions(const RedisProbe& probe, std::string_view password) {
  std::string out;
  if (!probe.password.name.empty()) {
    std::vector<std::string> auth = {"AUTH"};
    if (!probe.user.empty()) auth.push_back(probe.user);
    auth.emplace_back(password);
    out += Encoded(auth);
  }
  out += Encoded({"PING"});
  if (!probe.expected_role.empty()) out += Encoded({"INFO", "replication"});
  return out;
}

bool IsWholeRedis(std::string_view bytes, const RedisProbe& probe) {
  for (size_t i = 0; i < QuestionsIn(probe); ++i)
    if (!TakeReply(bytes)) return false;
  return true;
}

ProbeAnswer ReadRedis(std::string_view bytes, const RedisProbe& probe, std::string_view whom) {
  ProbeAnswer answer;
  answer.level = Level::kServing;
  answer.detail = Cat(whom, ": Redis answers");
  std::string_view rest = bytes;
  for (size_t i = 0; i < QuestionsIn(probe); ++i) {
    const std::optional<std::string> reply = TakeReply(rest);
    if (!reply || reply->empty() || std::string_view("+-$").find(reply->front()) == std::string_view::npos) {
      answer.level = Level::kWrong;
      answer.detail = Cat(whom, ": not Redis: ", Excerpt(bytes, 60));
      return answer;
    }
    if (reply->front() == '-') {
      ReadError(*reply, whom, answer);
      return answer;
    }
    if (reply->front() == '$') ReadReplication(*reply, probe, whom, answer);
  }
  return answer;
}

}  // namespace holdfast::clients
