#pragma once

#include <vector>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/ids.hpp>

#include "shard/shard_map.hpp"

namespace iggy::server {

/// Removes all messages and stored offsets of the logs, on the shards that own them; called on
/// `home`. Errors: the first failure; the logs after it are left as they are.
boost::asio::awaitable<storage::result<done_t>> purge_logs(shard& home, shard_map& shards,
                                                           std::vector<log_uid> logs);

}  // namespace iggy::server
