// The questions that can be asked of a running daemon, one row per route.
#pragma once

#include <absl/time/time.h>

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
#include "controller/world/http_query.h"
#include "metrics/metrics.h"

namespace holdfast {

// References to what outlives the server.
struct ApiContext {
  Engine& engine;
  Site& site;
  const Metrics& metrics;
  Clock& clock;
  Files& files;  // for process_*
  std::string version;
};

// Engine thread only; lives as long as the server.
class Api {
 public:
  explicit Api(ApiContext context);
  // Never throws. Every error is a document {formatVersion, error: {code, message, remedy}}. Only who comes
  // by the unix socket may change something: the kernel says who that is.
  Task<HttpReply> Answer(HttpQuery query);

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
