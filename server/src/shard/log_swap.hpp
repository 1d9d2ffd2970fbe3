#pragma once

#include <memory>

#include <iggy/storage/engine.hpp>

#include "shard/mailbox.hpp"
#include "shard/shard_map.hpp"

namespace iggy::server {

/// Two shards swap a log each, as they are: nothing is written or synced. When one of the two is
/// not there any more or has something on its way, both stay. Requests go after a log that moved
/// (`shard_request`). Deletes itself when it is over.
class log_swap final : private letter {
public:
    /// `mine` is with `here`, whose thread calls this, and `theirs` with `there`.
    static void begin(shard_map& shards, shard& here, log_uid mine, shard& there, log_uid theirs);

private:
    log_swap(shard_map& shards, shard& here, shard& there, log_uid theirs)
        : shards_{shards}, here_{here}, there_{there}, theirs_{theirs} {}

    static std::unique_ptr<storage::engine_log> take_out(shard_map& shards, shard& from,
                                                         log_uid log);
    void deliver() noexcept override;
    void exchange();
    void hand_over(std::unique_ptr<storage::engine_log> log, shard& to);
    void take_in(shard& to);

    shard_map& shards_;
    shard& here_;
    shard& there_;
    log_uid theirs_;
    bool going_home_ = false;
    std::unique_ptr<storage::engine_log> carried_;
};

}  // namespace iggy::server
