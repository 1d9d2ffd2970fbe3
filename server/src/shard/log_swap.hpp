#pragma once

#include <memory>

#include <iggy/storage/engine.hpp>

#include "shard/mailbox.hpp"
#include "shard/shard_map.hpp"

namespace iggy::server {

/// Two shards swap a log each, as they are: no file is closed and nothing is synced. When one of
/// them is not there any more or has something on its way, both stay. Requests go after a log that
/// moved (`shard_request`). Deletes itself when it is over.
class log_swap final : private letter {
public:
    /// `mine` is with `here`, whose thread calls this, and `theirs` with `there`.
    static void begin(shard_map& shards, shard& here, log_uid mine, shard& there, log_uid theirs);

private:
    log_swap(shard_map& shards, shard& here, log_uid mine, shard& there, log_uid theirs)
        : shards_{shards}, here_{here}, there_{there}, mine_{mine}, theirs_{theirs} {}

    enum class step : std::uint8_t { fetch, exchange, deliver };

    void deliver() noexcept override;
    void fetch();
    void exchange();
    void hand_over(std::unique_ptr<storage::engine_log> log, shard& to, step following);
    void take_in(shard& to);
    void end();

    shard_map& shards_;
    shard& here_;
    shard& there_;
    log_uid mine_;
    log_uid theirs_;
    step next_ = step::fetch;
    std::unique_ptr<storage::engine_log> carried_;
};

}  // namespace iggy::server
