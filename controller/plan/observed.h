// What is known of a thing: seen, proven absent, or unknown with a reason.
#pragma once

#include <absl/time/time.h>

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace holdfast {

// Error, time-out, truncated, never asked.
struct Unknown {
  std::string reason;
  bool operator==(const Unknown&) const = default;
};

// Needs a complete listing and one targeted read; an empty answer alone is Unknown.
struct Absent {
  std::string proof;
  absl::Time at;
  bool operator==(const Absent&) const = default;
};

template <class T>
struct Known {
  T value;
  absl::Time at;  // when the read was sent, not answered
  bool operator==(const Known&) const = default;
};

// What Decide may be given: there is no Unknown in it.
template <class T>
using Fact = std::variant<Known<T>, Absent>;

// There is no operator* and no value_or: to use one, all three cases must be named.
template <class T>
class Observed {
 public:
  Observed() : is_(Unknown{"never looked"}) {}            // the default is the safe one
  Observed(Unknown unknown) : is_(std::move(unknown)) {}  // NOLINT(google-explicit-constructor)
  Observed(Absent absent) : is_(std::move(absent)) {}     // NOLINT(google-explicit-constructor)
  Observed(Known<T> known) : is_(std::move(known)) {}     // NOLINT(google-explicit-constructor)
  Observed(T value, absl::Time at) : is_(Known<T>{std::move(value), at}) {}

  // observed.Match([](const Known<T>&) {…}, [](const Absent&) {…}, [](const Unknown&) {…}): an overload that
  // is missing does not compile, and a generic one is refused because it would take the unknown by accident.
  template <class OnKnown, class OnAbsent, class OnUnknown>
  decltype(auto) Match(OnKnown&& on_known, OnAbsent&& on_absent, OnUnknown&& on_unknown) const {
    static_assert(
        std::is_invocable_v<OnKnown, const Known<T>&> && !std::is_invocable_v<OnKnown, const Unknown&>,
        "the first case takes const Known<T>&");
    static_assert(
        std::is_invocable_v<OnAbsent, const Absent&> && !std::is_invocable_v<OnAbsent, const Unknown&>,
        "the second case takes const Absent&");
    static_assert(
        std::is_invocable_v<OnUnknown, const Unknown&> && !std::is_invocable_v<OnUnknown, const Absent&>,
        "the third case takes const Unknown&");
    if (const auto* known = std::get_if<Known<T>>(&is_)) return on_known(*known);
    if (const auto* absent = std::get_if<Absent>(&is_)) return on_absent(*absent);
    return on_unknown(std::get<Unknown>(is_));
  }

  // The same for the last user of a value: each case takes an rvalue.
  template <class OnKnown, class OnAbsent, class OnUnknown>
  void Consume(OnKnown&& on_known, OnAbsent&& on_absent, OnUnknown&& on_unknown) && {
    if (auto* known = std::get_if<Known<T>>(&is_))
      on_known(std::move(*known));
    else if (auto* absent = std::get_if<Absent>(&is_))
      on_absent(std::move(*absent));
    else
      on_unknown(std::move(std::get<Unknown>(is_)));
  }

  bool operator==(const Observed&) const = default;

 private:
  std::variant<Unknown, Known<T>, Absent> is_;
};

}  // namespace holdfast
