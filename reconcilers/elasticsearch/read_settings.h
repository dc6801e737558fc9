// What _cluster/settings says.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "reconcilers/elasticsearch/read_flat.h"
#include "reconcilers/elasticsearch/read_json.h"

namespace holdfast::elasticsearch {

class SettingsReader : public JsonReader {
 public:
  void Begin() override;
  int Key(int place, std::string_view key) override;
  int Element(int place) override;
  void Open(int place) override;
  void Close(int place) override;
  void Value(int place, const Scalar& value) override;

  using Flat = std::map<std::string, std::string>;
  Flat persistent, transient, defaults;
  // A scope that is empty may be left out of the answer, but an answer without an object is none.
  bool is_object = false;

 private:
  Flat& Scope(int place);
  FlatKeys flat_;
};

}  // namespace holdfast::elasticsearch
