#pragma once

#include <boost/asio/awaitable.hpp>

#include "shard/mailbox.hpp"
#include "shard/shard.hpp"

namespace iggy::server {

/// A piece of work that runs on the shard that owns a log, whichever shard asks for it. It lives in
/// the frame of the coroutine that awaits it; a hop costs two letters and no coroutine. At home,
/// work that need not wait finishes without suspending.
class shard_request : private letter {
public:
    /// Runs on `owner` and returns on `home`, the shard of the caller.
    boost::asio::awaitable<void> run(shard& home, shard& owner) {
        if (begin(home, owner) == storage::progress::pending) {
            co_await sleeper_.sleep();
        }
    }

    /// The same in two steps, for callers that save the coroutine frame: only when `begin` says
    /// pending is `wait` awaited, and at once.
    storage::progress begin(shard& home, shard& owner);
    boost::asio::awaitable<void> wait() { return sleeper_.sleep(); }

protected:
    ~shard_request() = default;

    /// Does the work, on the owner's thread. When it says pending, `finish` is called later.
    virtual storage::progress start() = 0;
    /// The work that was pending has ended. On the owner's thread.
    void finish() noexcept;
    shard& owner() const noexcept { return *owner_; }

private:
    void deliver() noexcept override;

    shard* home_ = nullptr;
    shard* owner_ = nullptr;
    bool going_home_ = false;
    storage::sleeper sleeper_;
};

}  // namespace iggy::server
