// A value that takes one pointer where it is the usual one.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace holdfast {

// A T as it is when nobody has given it a value.
template <class T>
const T& Ungiven() {
  static const T value{};
  return value;
}

// Reads like a pointer to a const T, and there is always one; copies and compares by value. For what mostly
// is as `kUsual` says, in things that there are many of.
template <class T, const T& (*kUsual)() = Ungiven<T>>
class Usual {
 public:
  Usual() = default;
  template <class U>
    requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Usual>)
  Usual(U&& given) : Usual(Given(), T(std::forward<U>(given))) {}  // NOLINT: `host = "db1"`
  Usual(const Usual& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Usual(Usual&&) noexcept = default;
  Usual& operator=(const Usual& other) {
    if (this != &other) value_ = other.value_ ? std::make_unique<T>(*other.value_) : nullptr;
    return *this;
  }
  Usual& operator=(Usual&&) noexcept = default;

  const T& operator*() const { return value_ ? *value_ : kUsual(); }
  const T* operator->() const { return &**this; }

  // To change it in place; takes a T's memory from then on.
  T& Edit() {
    if (!value_) value_ = std::make_unique<T>(kUsual());
    return *value_;
  }
  // A new T{}, to be filled by who reads one in.
  T& emplace() { return *(value_ = std::make_unique<T>()); }

  bool operator==(const Usual& other) const { return **this == *other; }

 private:
  struct Given {};
  Usual(Given, T given) {
    if constexpr (requires { given == kUsual(); })
      if (given == kUsual()) return;
    value_ = std::make_unique<T>(std::move(given));
  }

  std::unique_ptr<T> value_;
};

}  // namespace holdfast
