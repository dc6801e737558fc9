// Writes a JSON document piece by piece, and only what its reader asked for by `filter_path`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/json.h"

namespace holdfast::sandbox::elasticsearch {

// Patterns are separated by commas, their names by dots; `*` stands for any part of a name and `**` for any
// names,
// `\.` for a dot in a name. Objects in which nothing was asked for are left out. Patterns that begin with `-`
// take nothing away.
class FilteredJson {
 public:
  explicit FilteredJson(std::string_view filter_path);

  // In an array the key is "".
  void Begin(std::string_view key) { Open(key, '{', '}'); }
  void BeginArray(std::string_view key) { Open(key, '[', ']'); }
  void End();
  void Put(std::string_view key, std::string_view text);
  void Put(std::string_view key, const char* text) { Put(key, std::string_view(text)); }
  void Put(std::string_view key, const std::string& text) { Put(key, std::string_view(text)); }
  void Put(std::string_view key, int64_t number) { PutRaw(key, std::to_string(number)); }
  void Put(std::string_view key, int number) { Put(key, int64_t{number}); }
  void Put(std::string_view key, size_t number) { Put(key, static_cast<int64_t>(number)); }
  void PutRaw(std::string_view key, std::string_view json);
  void PutNull(std::string_view key) { PutRaw(key, "null"); }
  void PutTruth(std::string_view key, std::string_view truth) { PutRaw(key, truth); }
  void PutValue(std::string_view key, const json::value& value);

  // The whole document; everything has been ended.
  std::string Take();

 private:
  using Place = std::pair<uint16_t, uint16_t>;  // pattern, name
  struct Frame {
    char open = '{', close = '}';
    enum class Asked { kAll, kPart, kNothing } asked = Asked::kAll;
    enum class Written { kNo, kYes } written = Written::kNo;
    enum class Holds { kNothing, kSomething } holds = Holds::kNothing;
    std::string key;
    std::vector<Place> places;
  };
  Frame& Top() { return frames_[depth_ - 1]; }
  Frame::Asked Match(std::string_view key, std::vector<Place>& next);
  void Open(std::string_view key, char open, char close);
  void WriteOpenings();
  void WriteKey(Frame& in, std::string_view key);
  void Quote(std::string_view text);

  std::vector<std::vector<std::string>> patterns_;
  std::vector<Frame> frames_;
  size_t depth_ = 0;
  std::vector<Place> scratch_;
  std::string out_;
};

}  // namespace holdfast::sandbox::elasticsearch
