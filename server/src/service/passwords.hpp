#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/text_error.hpp>

#include "shard/shard.hpp"

/// Hashing passwords takes tens of milliseconds, so it is done on a helper thread of the shard.
namespace iggy::server {

boost::asio::awaitable<bool> verify_slowly(shard& here, std::string password, std::string hash);
boost::asio::awaitable<text_result<std::string>> hash_slowly(shard& here, std::string password);

}  // namespace iggy::server
