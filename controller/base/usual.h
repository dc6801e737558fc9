// A value that takes one pointer where it is the usual one.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "controller/base/boxed.h"

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

  const T& operator*() const { return value_ ? *value_ : kUsual(); }
  const T* operator->() const { return &**this; }

  // To change it in place; takes a T's memory from then on.
  T& Edit() {
    if (!value_) value_ = kUsual();
    return *value_;
  }
  // A new T{}, to be filled by who reads one in.
  T& emplace() { return value_.emplace(); }

  bool operator==(const Usual& other) const { return **this == *other; }

 private:
  struct Given {};
  Usual(Given, T given) {
    if constexpr (requires { given == kUsual(); })
      if (given == kUsual()) return;
    value_ = std::move(given);
  }

  Boxed<T> value_;
};

}  // namespace holdfast
