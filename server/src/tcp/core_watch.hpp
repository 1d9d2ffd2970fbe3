#pragma once

#include <iggy/base/ids.hpp>

namespace iggy::server {

/// Notices that the client of a connection is steadily at work on another core than the shard that
/// has its log.
class core_watch {
public:
    /// Called with each request: whether it is time to look where both are, which costs a system
    /// call.
    bool is_due() noexcept { return ++requests_ % requests_a_look == 0; }
    /// What was seen; whether it has been the same for so long that the log had better move.
    bool note(log_uid log, int client_core, int shard_core) noexcept {
        const bool apart = client_core >= 0 && client_core != shard_core;
        const bool same = log == log_ && client_core == client_core_;
        times_ = !apart ? 0 : same ? times_ + 1 : 1;
        log_ = log;
        client_core_ = client_core;
        return times_ >= times_least;
    }

private:
    static constexpr unsigned requests_a_look = 8;
    static constexpr unsigned times_least = 4;

    unsigned requests_ = 0;
    unsigned times_ = 0;  // in a row
    log_uid log_;
    int client_core_ = -1;
};

}  // namespace iggy::server
