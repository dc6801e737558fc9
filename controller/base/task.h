// A piece of work that may wait: an Asio coroutine on the engine's thread.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace holdfast {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace holdfast
