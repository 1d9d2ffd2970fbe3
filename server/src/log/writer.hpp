#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "log/log.hpp"

namespace iggy::server::log {

/// The sinks of the log, the thread that feeds them, and the thread that deletes old files. Made
/// by `start`, destroyed by `stop`, which waits for the lines that are queued.
class writer {
public:
    static text_result<std::unique_ptr<writer>> make(const options& wanted);
    virtual ~writer() = default;
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    /// Queues a finished line; drops the oldest queued one when there is no room.
    virtual void write(level severity, std::string_view line) = 0;

protected:
    writer() = default;
};

}  // namespace iggy::server::log
