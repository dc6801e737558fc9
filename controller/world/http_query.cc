#include "controller/world/http_query.h"

#include <string>

#include "controller/base/json.h"

namespace holdfast {
namespace {

std::string_view First(const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs)
    if (key == name) return value;
  return {};
}

}  // namespace

std::string_view HttpQuery::Header(std::string_view name) const { return First(headers, name); }
std::string_view HttpQuery::Parameter(std::string_view name) const { return First(parameters, name); }

HttpReply ErrorReply(int status, std::string_view code, std::string_view message, std::string_view remedy) {
  json::object error;
  error["code"] = JsonView(code);
  error["message"] = JsonView(message);
  error["remedy"] = JsonView(remedy);
  json::object body;
  body["formatVersion"] = 1;
  body["error"] = std::move(error);
  return {.status = status, .body = Pretty(body)};
}

}  // namespace holdfast
