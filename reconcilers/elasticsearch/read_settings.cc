#include "reconcilers/elasticsearch/read_settings.h"

namespace holdfast::elasticsearch {

namespace {
enum Place : int { kDocument = JsonReader::kRoot, kPersistent, kTransient, kDefaults };
}  // namespace

void SettingsReader::Begin() { *this = SettingsReader(); }

SettingsReader::Flat& SettingsReader::Scope(int place) {
  if (place == kPersistent) return persistent;
  return place == kTransient ? transient : defaults;
}

int SettingsReader::Key(int place, std::string_view key) {
  if (place == kDocument) {
    flat_.Clear();
    if (key == "persistent") return kPersistent;
    if (key == "transient") return kTransient;
    return key == "defaults" ? static_cast<int>(kDefaults) : kSkip;
  }
  flat_.Key(key);
  return flat_.in_list() ? kSkip : place;
}

int SettingsReader::Element(int place) {
  if (place == kDocument) return kSkip;
  flat_.OpenList();
  return place;
}

void SettingsReader::Open(int place) {
  if (place == kDocument)
    is_object = true;
  else
    flat_.Open();
}

void SettingsReader::Close(int place) {
  if (place != kDocument && flat_.Close()) Scope(place)[flat_.key()] = flat_.list();
}

void SettingsReader::Value(int place, const Scalar& value) {
  if (place == kDocument) return;
  if (flat_.in_list())
    flat_.Item(value);
  else if (!value.IsNull())
    Scope(place)[flat_.key()] = value.text;
}

}  // namespace holdfast::elasticsearch
