// A text that takes one pointer where it is empty.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

// Reads like a std::string_view; copies and compares by value. For messages that mostly are not there.
class BoxedText {
 public:
  BoxedText() = default;
  BoxedText(std::string_view text) {  // NOLINT: `message = Cat(…)`
    if (text.empty()) return;
    size_and_text_ = std::make_unique_for_overwrite<char[]>(sizeof(size_t) + text.size());
    const size_t size = text.size();
    std::memcpy(size_and_text_.get(), &size, sizeof(size));
    std::memcpy(size_and_text_.get() + sizeof(size), text.data(), size);
  }
  BoxedText(const std::string& text) : BoxedText(std::string_view(text)) {}  // NOLINT
  BoxedText(const char* text) : BoxedText(std::string_view(text)) {}         // NOLINT
  BoxedText(const BoxedText& other) : BoxedText(other.view()) {}
  BoxedText(BoxedText&&) noexcept = default;
  BoxedText& operator=(BoxedText other) noexcept {
    size_and_text_ = std::move(other.size_and_text_);
    return *this;
  }

  std::string_view view() const {
    if (!size_and_text_) return {};
    size_t size = 0;
    std::memcpy(&size, size_and_text_.get(), sizeof(size));
    return {size_and_text_.get() + sizeof(size), size};
  }
  operator std::string_view() const { return view(); }  // NOLINT: it is one
  bool empty() const { return size_and_text_ == nullptr; }
  template <std::convertible_to<std::string_view> T>
  bool operator==(const T& other) const {
    return view() == std::string_view(other);
  }

 private:
  std::unique_ptr<char[]> size_and_text_;  // in one piece of memory
};

}  // namespace holdfast
