#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>

#include "shard/shard_map.hpp"

namespace iggy::server {

/// Whether `ended` becomes true in time; asked again every few milliseconds.
bool ends_within(std::chrono::seconds patience, const std::function<bool()>& ended);

/// Closes the logs on their shards, each with a recovery point, so that the next start has nothing
/// to scan. Blocks. Returns what failed.
std::vector<std::string> close_all(shard_map& shards, const std::vector<log_uid>& logs);

}  // namespace iggy::server
