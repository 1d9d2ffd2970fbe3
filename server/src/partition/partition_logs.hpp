#pragma once

#include <functional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/ids.hpp>
#include <iggy/storage/engine.hpp>

#include "catalog/partition_owner.hpp"
#include "shard/shard_map.hpp"

namespace iggy::server {

/// Opens and drops the logs of partitions on the shards that own them, for the catalog, whose
/// thread is that of the first shard.
class partition_logs final : public partition_owner {
public:
    partition_logs(shard_map& shards, storage::log_options options)
        : shards_{shards}, options_{options} {}

    void open_logs(std::vector<log_uid> logs,
                   std::function<void(storage::result<done_t>)> opened) override;
    void drop_logs(std::vector<log_uid> logs, std::function<void()> dropped) override;

    const storage::log_options& options() const noexcept { return options_; }

private:
    shard_map& shards_;
    storage::log_options options_;
};

}  // namespace iggy::server
