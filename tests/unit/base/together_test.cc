#include "controller/base/together.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace holdfast {
namespace {

namespace asio = boost::asio;

Task<void> Turns(int turns, std::string name, std::string* told) {
  for (int i = 0; i < turns; ++i)
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  *told += name;
}
Task<void> Throws() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  throw std::runtime_error("a piece");
}
Task<void> All(std::vector<Task<void>> pieces, std::string* told) {
  co_await Together(std::move(pieces));
  *told += "!";
}

// What was told, in its order, until nothing is left to do.
std::string AfterAll(std::vector<Task<void>> pieces, std::string& told) {
  asio::io_context io;
  asio::co_spawn(io, All(std::move(pieces), &told), asio::detached);
  io.run();
  return told;
}

TEST(Together, ReturnsWhenTheSlowestHasAndRunsThemSideBySide) {
  std::string told;
  std::vector<Task<void>> pieces;
  pieces.push_back(Turns(5, "a", &told));
  pieces.push_back(Turns(1, "b", &told));
  pieces.push_back(Turns(0, "c", &told));
  EXPECT_EQ(AfterAll(std::move(pieces), told), "cba!");
}

TEST(Together, OfNothingOrOfWhatIsDoneAtOnceIsDoneAtOnce) {
  std::string told;
  EXPECT_EQ(AfterAll({}, told), "!");
  std::vector<Task<void>> one, two;
  one.push_back(Turns(0, "a", &told));
  EXPECT_EQ(AfterAll(std::move(one), told), "!a!");
  two.push_back(Turns(0, "b", &told));
  two.push_back(Turns(0, "c", &told));
  EXPECT_EQ(AfterAll(std::move(two), told), "!a!bc!");
}

TEST(Together, APieceThatThrowsCountsAsReturned) {
  std::string told;
  std::vector<Task<void>> pieces;
  pieces.push_back(Throws());
  pieces.push_back(Turns(5, "a", &told));
  EXPECT_EQ(AfterAll(std::move(pieces), told), "a!");
}

}  // namespace
}  // namespace holdfast
