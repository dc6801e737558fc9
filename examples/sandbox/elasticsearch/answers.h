// What a node of a simulated cluster answers over HTTP.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/sandbox/elasticsearch/cluster.h"

namespace holdfast::sandbox::elasticsearch {

struct Request {
  std::string method = "GET";
  std::string target;  // "/_cluster/state/nodes?filter_path=nodes.*.name"
  std::string content_type;
  std::string body;
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json; charset=UTF-8";
  std::string body;
  absl::Duration took;  // how long the asker waits for it
};

// `node` runs and answers (is up). What the request writes is done `by`.
Answer AnswerRequest(Cluster& cluster, uint32_t node, const Request& request, By by = By::kController);

}  // namespace holdfast::sandbox::elasticsearch
