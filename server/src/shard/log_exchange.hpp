#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include <iggy/base/ids.hpp>

namespace iggy::server {

/// Where shards say which of their logs had better be with another one. Two that want each other's
/// place are to swap, so that no shard gets more logs than it had. Any thread.
class log_exchange {
public:
    using clock = std::chrono::steady_clock;

    /// `log`, which shard `from` has, had better be with shard `to`: holds for a moment. The log
    /// that is to come in return, if one was said to.
    std::optional<log_uid> wish(log_uid log, std::size_t from, std::size_t to,
                                clock::time_point now);
    /// `log` has moved: it is left alone for a while, twice as long each time, so that clients
    /// without a place of their own cannot keep it moving.
    void note_move(log_uid log, clock::time_point now);

private:
    struct wanted {
        log_uid log;
        std::size_t from = 0;
        std::size_t to = 0;
        clock::time_point until;
    };
    struct rest {
        clock::duration length{};
        clock::time_point until;
    };

    std::mutex mutex_;
    std::vector<wanted> wanted_;
    std::unordered_map<log_uid, rest> rests_;
};

}  // namespace iggy::server
