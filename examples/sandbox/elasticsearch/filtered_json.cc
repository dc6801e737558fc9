#include "examples/sandbox/elasticsearch/filtered_json.h"

#include <algorithm>

#include "controller/base/text.h"

namespace holdfast::sandbox::elasticsearch {
namespace {

bool Like(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  pattern.remove_prefix(star + 1);
  if (pattern.empty()) return true;
  text.remove_prefix(star);
  for (size_t skip = 0; skip <= text.size(); ++skip)
    if (Like(pattern, text.substr(skip))) return true;
  return false;
}

std::vector<std::string> Names(std::string_view pattern) {
  std::vector<std::string> names(1);
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size() && pattern[i + 1] == '.')
      names.back() += pattern[++i];
    else if (pattern[i] == '.')
      names.emplace_back();
    else
      names.back() += pattern[i];
  }
  return names;
}

}  // namespace

FilteredJson::FilteredJson(std::string_view filter_path) {
  for (const std::string& pattern : Split(filter_path, ','))
    if (!pattern.empty() && pattern[0] != '-') patterns_.push_back(Names(pattern));
  frames_.resize(1);
  depth_ = 1;
  Frame& root = frames_[0];
  root.asked = patterns_.empty() ? Frame::Asked::kAll : Frame::Asked::kPart;
  for (size_t i = 0; i < patterns_.size(); ++i) root.places.emplace_back(static_cast<uint16_t>(i), 0);
}

FilteredJson::Frame::Asked FilteredJson::Match(std::string_view key, std::vector<Place>& next) {
  next.clear();
  const Frame& in = Top();
  if (in.asked != Frame::Asked::kPart) return in.asked;
  if (in.open == '[') {
    next = in.places;
    return Frame::Asked::kPart;
  }
  bool all = false;
  for (const auto& [number, at] : in.places) {
    const std::vector<std::string>& names = patterns_[number];
    uint16_t here = at;
    if (names[here] == "**") {
      next.emplace_back(number, here);
      if (here + 1u == names.size()) all = true;
      ++here;
    }
    if (here >= names.size() || !Like(names[here], key)) continue;
    if (here + 1u == names.size())
      all = true;
    else
      next.emplace_back(number, static_cast<uint16_t>(here + 1));
  }
  return all ? Frame::Asked::kAll : next.empty() ? Frame::Asked::kNothing : Frame::Asked::kPart;
}

void FilteredJson::Open(std::string_view key, char open, char close) {
  const Frame::Asked asked = Match(key, scratch_);
  if (frames_.size() == depth_) frames_.emplace_back();
  ++depth_;
  Frame& frame = Top();
  frame.open = open, frame.close = close;
  frame.asked = asked;
  frame.written = Frame::Written::kNo;
  frame.holds = Frame::Holds::kNothing;
  frame.key.assign(key);
  frame.places.swap(scratch_);
  if (asked == Frame::Asked::kAll) WriteOpenings();
}

void FilteredJson::WriteOpenings() {
  size_t first = depth_;
  while (first > 0 && frames_[first - 1].written == Frame::Written::kNo) --first;
  for (size_t i = first; i < depth_; ++i) {
    if (i > 0) WriteKey(frames_[i - 1], frames_[i].key);
    out_ += frames_[i].open;
    frames_[i].written = Frame::Written::kYes;
  }
}

void FilteredJson::WriteKey(Frame& in, std::string_view key) {
  if (in.holds == Frame::Holds::kSomething) out_ += ',';
  in.holds = Frame::Holds::kSomething;
  if (in.open == '[') return;
  Quote(key);
  out_ += ':';
}

void FilteredJson::End() {
  if (Top().written == Frame::Written::kYes) out_ += Top().close;
  --depth_;
}

void FilteredJson::Put(std::string_view key, std::string_view text) {
  if (Top().asked == Frame::Asked::kNothing || Match(key, scratch_) != Frame::Asked::kAll) return;
  WriteOpenings();
  WriteKey(Top(), key);
  Quote(text);
}

void FilteredJson::PutRaw(std::string_view key, std::string_view json) {
  if (Top().asked == Frame::Asked::kNothing || Match(key, scratch_) != Frame::Asked::kAll) return;
  WriteOpenings();
  WriteKey(Top(), key);
  out_ += json;
}

void FilteredJson::PutValue(std::string_view key, const json::value& value) {
  if (value.is_object()) {
    Begin(key);
    for (const auto& [name, member] : value.get_object()) PutValue(Chars(name), member);
    End();
  } else if (value.is_array()) {
    BeginArray(key);
    for (const json::value& element : value.get_array()) PutValue("", element);
    End();
  } else if (value.is_string()) {
    Put(key, Chars(value.get_string()));
  } else {
    PutRaw(key, Compact(value));
  }
}

std::string FilteredJson::Take() {
  if (frames_[0].written == Frame::Written::kNo) out_ += '{';
  out_ += '}';
  return std::move(out_);
}

void FilteredJson::Quote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (byte < 0x20) {
      out_ += "\\u00";
      out_ += kHex[byte >> 4];
      out_ += kHex[byte & 15];
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

}  // namespace holdfast::sandbox::elasticsearch
