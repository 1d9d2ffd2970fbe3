#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "shard/mailbox.hpp"
#include "shard/shard_map.hpp"

namespace iggy::server {

/// A piece of work that runs on the shard that owns a log, whichever shard asks for it. It lives in
/// the frame of the coroutine that awaits it; a hop costs two letters and no coroutine. At home,
/// work that need not wait finishes without suspending.
class shard_request : private letter {
public:
    explicit shard_request(log_uid log) : log_{log} {}

    /// Runs where the log is and returns on `home`, the shard of the caller.
    boost::asio::awaitable<void> run(shard& home, shard_map& shards) {
        if (begin(home, shards.owner_of(log_), shards) == storage::progress::pending) {
            co_await sleeper_.sleep();
        }
    }

    /// The same in two steps, for callers that save the coroutine frame: only when `begin` says
    /// pending is `wait` awaited, and at once. `owner`: what `shards` says of the log.
    storage::progress begin(shard& home, shard& owner, shard_map& shards);
    boost::asio::awaitable<void> wait() { return sleeper_.sleep(); }

protected:
    ~shard_request() = default;

    /// Does the work, on the owner's thread. `log` is null when it is not open. When it says
    /// pending, `finish` is called later.
    virtual storage::progress start(storage::engine_log* log) = 0;
    /// The work that was pending has ended. On the owner's thread.
    void finish() noexcept;
    shard& owner() const noexcept { return *owner_; }
    shard_map& shards() const noexcept { return *shards_; }
    log_uid log() const noexcept { return log_; }

private:
    void deliver() noexcept override;
    std::optional<storage::progress> try_start();

    log_uid log_;
    shard_map* shards_ = nullptr;
    shard* home_ = nullptr;
    shard* owner_ = nullptr;
    bool going_home_ = false;
    storage::sleeper sleeper_;
};

}  // namespace iggy::server
