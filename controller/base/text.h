// Words for handling text: joining, cutting, quoting, guessing what was meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast {

namespace internal {
void AppendPiece(std::string& to, std::string_view piece);
void AppendPiece(std::string& to, char piece);
void AppendPiece(std::string& to, bool piece);
void AppendPiece(std::string& to, long long piece);
void AppendPiece(std::string& to, unsigned long long piece);
void AppendPiece(std::string& to, double piece);
template <class T>
void AppendAny(std::string& to, const T& piece) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, char> || std::is_floating_point_v<T>)
    AppendPiece(to, piece);
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
    AppendPiece(to, static_cast<long long>(piece));
  else if constexpr (std::is_integral_v<T>)
    AppendPiece(to, static_cast<unsigned long long>(piece));
  else
    AppendPiece(to, std::string_view(piece));
}
}  // namespace internal

// Cat("GET ", path, ": ", 404) joins texts and numbers.
template <class... T>
std::string Cat(const T&... pieces) {
  std::string out;
  (internal::AppendAny(out, pieces), ...);
  return out;
}
template <class... T>
void Append(std::string& to, const T&... pieces) {
  (internal::AppendAny(to, pieces), ...);
}

std::string Join(std::span<const std::string> pieces, std::string_view between);
// "a", "a and b", "a, b and c"; beyond `most` pieces: "a, b and 7 more".
std::string Enumerate(std::span<const std::string> pieces, size_t most = 5);
// "1 service", "3 services".
std::string Count(size_t number, std::string_view singular, std::string_view plural = {});
std::vector<std::string> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);
std::string Lower(std::string_view text);

// One line, printable, at most `most` bytes: for foreign text in messages and logs. Control characters and
// broken UTF-8 become `?`; what was cut off is told as "… (+812 bytes)".
std::string Excerpt(std::string_view foreign, size_t most = 200);

// How a POSIX shell must be given `word` so that it arrives as one argument with exactly these bytes.
std::string ShellQuoted(std::string_view word);
std::string ShellLine(std::span<const std::string> argv);

// The candidate that was probably meant, or "" when none is close.
std::string_view DidYouMean(std::string_view written, std::span<const std::string_view> candidates);

// The number of code points; invalid bytes count as one each.
size_t CodePoints(std::string_view utf8);
bool IsValidUtf8(std::string_view text);

}  // namespace holdfast
