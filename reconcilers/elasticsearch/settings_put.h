// One PUT of cluster settings: everything that it must say to be right, whatever the version.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/action.h"
#include "reconcilers/elasticsearch/filters.h"
#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// What the effective settings exclude, whoever wrote it, without keys that exclude nothing.
Filter TokensInForce(const View& view);
// Each token once, as a comma list without blanks.
std::string TokensText(const std::vector<std::string>& tokens);

class SettingsPut {
 public:
  explicit SettingsPut(const View& view) : view_(view) {}

  // Persistent. A transient value of the same key would shadow it, so it is taken away in the same request
  // (from 5.0; before that it is set to the same).
  void Set(std::string key, std::string value);
  // Takes the key away; where that is not possible (before 5.0) it is set to `otherwise`.
  void Clear(std::string key, std::string otherwise);
  // The whole of the exclude filters. Several servers keep in force only those keys that a request changed,
  // and compare texts: so every key that is to stay is changed too, by writing its last token twice or once.
  void Exclude(const Filter& wanted);
  bool empty() const { return persistent_.empty(); }

  // To the endpoint that `view` came from.
  Action Build(const Spec& spec) const;

 private:
  const View& view_;
  std::map<std::string, std::optional<std::string>> persistent_;
};

// How the requests of a spec are made: URL of the endpoint, credentials, certificates.
HttpCall CallTo(const Spec& spec, const View& view, std::string method, std::string path_and_query);

}  // namespace holdfast::elasticsearch
