// One request on its way through the routes.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/sandbox/elasticsearch/answers.h"
#include "examples/sandbox/elasticsearch/cluster.h"
#include "examples/sandbox/elasticsearch/filtered_json.h"

namespace holdfast::sandbox::elasticsearch {

struct Call {
  Cluster& cluster;
  const Ground& ground;
  uint32_t node;  // that is asked
  const Request& request;
  By by;
  std::vector<std::string> path;  // its words
  std::vector<std::pair<std::string, std::string>> query;

  std::string_view Parameter(std::string_view name, std::string_view otherwise = {}) const {
    for (const auto& [key, value] : query)
      if (key == name) return value;
    return otherwise;
  }
  // "?flat_settings" and "?flat_settings=true" alike.
  bool Is(std::string_view name) const {
    for (const auto& [key, value] : query)
      if (key == name) return value != "false";
    return false;
  }
  FilteredJson Document() const { return FilteredJson(Parameter("filter_path")); }
};

Answer Refuse(int status, std::string_view type, std::string_view reason);
Answer Answered(FilteredJson& document);
std::string TransportAddress(const Node& node);
// Settings as an object of objects, or flat.
void PutSettings(FilteredJson& out, const Call& call, std::string_view key, const Texts& settings);

// One per route.
Answer TellRoot(Call& call);
Answer TellSettings(Call& call);
Answer PutSettingsRoute(Call& call);
Answer PutIndexSettings(Call& call);
Answer TellState(Call& call);
Answer TellHealth(Call& call);
Answer TellNodes(Call& call);
Answer TellStats(Call& call);
Answer TellRecovery(Call& call);
Answer TellPending(Call& call);
Answer TellSnapshots(Call& call);
Answer Explain(Call& call);
Answer RerouteRoute(Call& call);
Answer FlushRoute(Call& call);
Answer SyncedFlush(Call& call);
Answer ExcludeVotersRoute(Call& call);
Answer ClearVoters(Call& call);

}  // namespace holdfast::sandbox::elasticsearch
