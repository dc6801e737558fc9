// The questions that can be asked of a running daemon, one row per route.
#pragma once

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/api/documents.h"
#include "controller/api/exposition.h"
#include "controller/base/json.h"
#include "controller/base/task.h"
#include "controller/engine/engine.h"
#include "controller/source/site.h"
#include "controller/world/clock.h"
#include "controller/world/files.h"
#include "metrics/metrics.h"

namespace holdfast {

// References to what outlives the server.
struct ApiContext {
  Engine& engine;
  Site& site;
  const Metrics& metrics;
  Clock& clock;
  Files& files;          // for process_*
  std::string version;
};

// One request, already taken apart and found well-formed.
struct ApiQuery {
  std::string method = "GET";
  std::string path;                              // decoded, without the query: "/api/v1/why/ServiceStack/site"
  std::map<std::string, std::string> parameters; // decoded
  std::string body;
  // Who asks by unix socket: "user lena (uid 1000)". Nobody when it came by TCP: such a one may only look.
  std::optional<Actor> actor;
};

struct ApiReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

// Engine thread only; lives as long as the server.
class Api {
 public:
  explicit Api(ApiContext context);
  // Never throws. Every error is a document {formatVersion, error: {code, message, remedy}}.
  Task<ApiReply> Answer(ApiQuery query);

  // Rounds overdue by more than this: /-/healthy answers 503.
  static constexpr absl::Duration kOverdue = absl::Seconds(30);
  static constexpr int kMostHistory = 10'000;

 private:
  struct Route;
  static std::span<const Route> Routes();
  friend std::string RoutesMarkdown();

  DocumentFrame Frame() const;
  ProcessPages OwnPages() const;
  bool EverythingSeen();

  ApiContext context_;
  enum class Ready { kNotYet, kYes } ready_ = Ready::kNotYet;  // never goes back
};

// The table of docs/api.md.
std::string RoutesMarkdown();

}  // namespace holdfast
