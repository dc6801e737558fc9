// A text that many hold and that is there once.
#pragma once

#include <concepts>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

// Reads like a std::string_view; a copy holds the same text. Compares by value.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)  // NOLINT: `source.file = "a.yaml"`
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}  // NOLINT

  std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
  operator std::string_view() const { return view(); }  // NOLINT: it is one
  bool empty() const { return text_ == nullptr; }
  template <std::convertible_to<std::string_view> T>
  bool operator==(const T& other) const {
    return view() == std::string_view(other);
  }

 private:
  std::shared_ptr<const std::string> text_;
};

// Gives equal texts as one, for as long as this lives; what it gave lives on.
class SharedTexts {
 public:
  SharedText Of(std::string_view text) {
    const auto at = texts_.find(text);
    if (at != texts_.end()) return at->second;
    SharedText shared{std::string(text)};
    return texts_.emplace(shared.view(), shared).first->second;
  }

 private:
  std::map<std::string_view, SharedText> texts_;  // by themselves
};

}  // namespace holdfast
