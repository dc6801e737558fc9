// A row of the API's table: a path with what it tells or changes. Private to controller/api.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/api/api.h"

namespace holdfast {

// One row per question. `key` is what follows the path: KIND/NAME, or nothing.
struct Api::Route {
  enum class Key { kNone, kOptional, kRequired };
  enum class Verb { kGet, kPost };
  using Tell = HttpReply (*)(Api& api, const HttpQuery& query, const std::optional<ResourceKey>& key);
  using Change = Task<Result<std::string>> (*)(Api* api, json::object body, Actor by);

  Verb verb = Verb::kGet;
  std::string_view path;
  Key key = Key::kNone;
  std::string_view doc;
  Tell tell = nullptr;
  Change change = nullptr;

  // What the route tells.
  static HttpReply Scrape(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply Healthy(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply IsReady(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply TellStatus(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key);
  static HttpReply TellPlan(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key);
  static HttpReply Why(Api& api, const HttpQuery&, const std::optional<ResourceKey>& key);
  static HttpReply History(Api& api, const HttpQuery& query, const std::optional<ResourceKey>& key);
  static HttpReply Changes(Api& api, const HttpQuery& query, const std::optional<ResourceKey>&);
  static HttpReply Leases(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply Problems(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  static HttpReply Version(Api& api, const HttpQuery&, const std::optional<ResourceKey>&);
  // What the route changes; the answer is a sentence.
  static Task<Result<std::string>> Suspend(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> Resume(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> StopAll(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> StartAll(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> Apply(Api* api, json::object body, Actor by);
  static Task<Result<std::string>> Look(Api* api, json::object body, Actor by);
};

}  // namespace holdfast
