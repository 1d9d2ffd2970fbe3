#pragma once

#include <atomic>

#include <iggy/base/time.hpp>
#include <iggy/protocol/system.hpp>
#include <iggy/storage/data_directory.hpp>

#include "catalog/catalog.hpp"
#include "config/server_config.hpp"
#include "service/passwords.hpp"
#include "session/client_registry.hpp"
#include "shard/shard_map.hpp"
#include "stats/process_stats.hpp"

namespace iggy::server {

/// What commands work on. Made by `server` before the first request and unchanged after it, apart
/// from what its members say; every shard reads it.
struct service {
    const server_config& config;
    storage::clock_function now;
    storage::data_directory& data;
    shard_map& shards;
    client_registry& clients;
    process_stats& process;
    timestamp started;
    catalog* places = nullptr;  ///< streams, topics, partitions, users; the first shard's
    protocol::cluster_metadata cluster;
    std::atomic<bool> stopping{false};
    password_threads passwords{};  ///< end after all requests
};

}  // namespace iggy::server
