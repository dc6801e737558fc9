#include <cstdint>

#include "controller/base/text.h"
#include "reconcilers/clients/probe/answers.h"

namespace holdfast::clients {

namespace {

using Level = ProbeAnswer::Level;

constexpr uint32_t kProtocol3 = 196608;
constexpr size_t kHeader = 5;  // a letter and a length that counts itself
constexpr std::string_view kCannotConnectNow = "57P03";

std::string BigEndian(uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}
uint32_t LengthAt(std::string_view bytes) {
  uint32_t number = 0;
  for (const char c : bytes.substr(1, 4)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

// The field of an ErrorResponse that begins with `type`: 'C' the SQLSTATE, 'M' the message.
std::string Field(std::string_view message, char type) {
  for (std::string_view rest = message; !rest.empty() && rest.front() != '\0';) {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) return {};
    if (rest.front() == type) return Excerpt(rest.substr(1, end - 1), 120);
    rest.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

std::string PostgresqlStartup(const PostgresqlProbe& probe) {
  std::string body = BigEndian(kProtocol3);
  for (const std::string& word : {std::string("user"), probe.user, std::string("database"), probe.database,
                                  std::string("application_name"), std::string("holdfast")}) {
    body += word;
    body += '\0';
  }
  body += '\0';
  return BigEndian(static_cast<uint32_t>(body.size() + 4)) + body;
}

bool IsWholePostgresql(std::string_view bytes) {
  if (bytes.size() < kHeader) return false;
  if (bytes.front() != 'E' && bytes.front() != 'R') return true;  // nothing that we know: judge it as it is
  return bytes.front() == 'R' || bytes.size() >= size_t{1} + LengthAt(bytes);
}

ProbeAnswer ReadPostgresql(std::string_view bytes, std::string_view whom) {
  ProbeAnswer answer;
  const uint32_t length = bytes.size() < kHeader ? 0 : LengthAt(bytes);
  if (bytes.size() < kHeader || length < 4 || (bytes.front() != 'R' && bytes.front() != 'E')) {
    answer.level = Level::kWrong;
    answer.detail = Cat(whom, ": not PostgreSQL: ", Excerpt(bytes, 60));
    return answer;
  }
  // Being asked for credentials, or let in, is all that is needed to know that it takes connections.
  answer.level = Level::kServing;
  answer.detail = Cat(whom, ": PostgreSQL accepts connections");
  if (bytes.front() == 'R') return answer;
  const std::string_view message = bytes.substr(kHeader, length - 4);
  const std::string state = Field(message, 'C'), text = Field(message, 'M');
  answer.facts["sqlstate"] = state;
  answer.facts["message"] = text;
  if (state.empty()) {
    answer.level = Level::kWrong;
    answer.detail = Cat(whom, ": an error without a code: ", Excerpt(bytes, 60));
  } else if (state == kCannotConnectNow) {
    // Starting, recovering and shutting down all end by themselves, however long it takes.
    answer.level = Level::kStarting;
    answer.detail = Cat(whom, ": ", text);
  } else {
    Append(answer.detail, " (refused this one: ", text, ")");
  }
  return answer;
}

}  // namespace holdfast::clients
