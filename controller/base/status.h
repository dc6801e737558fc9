// How a call says that it could not do its work: a house code and a sentence that names the thing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace holdfast {

// The house meanings decide how the engine goes on; see IsTerminal.
enum class Code {
  kOk,
  kInvalidArgument,     // the spec is wrong: stop until it changes
  kNotFound,            // proven not to be there
  kPermissionDenied,    // slow retry, and tell someone
  kUnauthenticated,     // slow retry, and tell someone
  kFailedPrecondition,  // the world forbids it now
  kUnavailable,         // passing: back off with jitter
  kDeadlineExceeded,    // passing; after a write it may have been applied
  kResourceExhausted,   // passing
  kAborted,             // passing: someone else was first
  kLocal,     // our own machine's fault (no route, no file descriptors, no DNS): says nothing about the world
  kInternal,  // our bug
};

std::string_view CodeName(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  const Status& status() const& { return *this; }
  Status&& status() && { return std::move(*this); }
  bool operator==(const Status&) const = default;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

inline Status InvalidArgument(std::string m) { return {Code::kInvalidArgument, std::move(m)}; }
inline Status NotFound(std::string m) { return {Code::kNotFound, std::move(m)}; }
inline Status PermissionDenied(std::string m) { return {Code::kPermissionDenied, std::move(m)}; }
inline Status Unauthenticated(std::string m) { return {Code::kUnauthenticated, std::move(m)}; }
inline Status FailedPrecondition(std::string m) { return {Code::kFailedPrecondition, std::move(m)}; }
inline Status Unavailable(std::string m) { return {Code::kUnavailable, std::move(m)}; }
inline Status DeadlineExceeded(std::string m) { return {Code::kDeadlineExceeded, std::move(m)}; }
inline Status ResourceExhausted(std::string m) { return {Code::kResourceExhausted, std::move(m)}; }
inline Status Aborted(std::string m) { return {Code::kAborted, std::move(m)}; }
inline Status Local(std::string m) { return {Code::kLocal, std::move(m)}; }
inline Status Internal(std::string m) { return {Code::kInternal, std::move(m)}; }

// "ServiceStack/site: observe: connection refused": context is put in front on the way up. Ok stays ok.
Status Annotate(Status status, std::string_view context);

// True when trying again without a change of spec or credentials cannot help.
bool IsTerminal(Code code);

// A value, or the status that says why there is none. Default-constructible, because co_spawn needs T().
template <class T>
class [[nodiscard]] Result {
 public:
  Result() : status_(Code::kInternal, "a result that was never set") {}
  Result(Status status)
      : status_(std::move(status)) {  // NOLINT(google-explicit-constructor): `return Unavailable(…)`
    if (status_.ok()) status_ = Internal("a result without a value");
  }
  Result(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor): `return value`

  bool ok() const { return value_.has_value(); }
  const Status& status() const& { return status_; }
  Status&& status() && { return std::move(status_); }
  // Only after ok().
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

namespace internal {
inline void TakeValue(Status&&) {}
template <class T>
T TakeValue(Result<T>&& result) {
  return *std::move(result);
}
}  // namespace internal

}  // namespace holdfast

// `auto x = HF_TRY(Read(path));` and `HF_TRY(Check(x));`: the value, or return the status to the caller.
#define HF_TRY(expression)                                 \
  ({                                                       \
    auto hf_try_ = (expression);                           \
    if (!hf_try_.ok()) return std::move(hf_try_).status(); \
    ::holdfast::internal::TakeValue(std::move(hf_try_));   \
  })

// The same in a coroutine: `auto x = HF_CO_TRY(co_await Read(path));`
#define HF_CO_TRY(expression)                                 \
  ({                                                          \
    auto hf_try_ = (expression);                              \
    if (!hf_try_.ok()) co_return std::move(hf_try_).status(); \
    ::holdfast::internal::TakeValue(std::move(hf_try_));      \
  })
