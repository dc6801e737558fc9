// A text that takes one pointer where it is empty.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

// Reads like a std::string_view; copies and compares by value. For messages that mostly are not there.
class BoxedText {
 public:
  BoxedText() = default;
  BoxedText(std::string text)  // NOLINT: `message = Cat(…)`
      : text_(text.empty() ? nullptr : std::make_unique<const std::string>(std::move(text))) {}
  BoxedText(std::string_view text) : BoxedText(std::string(text)) {}  // NOLINT
  BoxedText(const char* text) : BoxedText(std::string(text)) {}       // NOLINT
  BoxedText(const BoxedText& other) : BoxedText(other.view()) {}
  BoxedText(BoxedText&&) noexcept = default;
  BoxedText& operator=(BoxedText other) noexcept {
    text_ = std::move(other.text_);
    return *this;
  }

  std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
  operator std::string_view() const { return view(); }  // NOLINT: it is one
  bool empty() const { return text_ == nullptr; }
  template <std::convertible_to<std::string_view> T>
  bool operator==(const T& other) const {
    return view() == std::string_view(other);
  }

 private:
  std::unique_ptr<const std::string> text_;
};

}  // namespace holdfast
