#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "log/level.hpp"

namespace iggy::server::log {

/// What a line of the log tells besides its text.
struct line_head {
    std::chrono::system_clock::time_point at;
    level severity;
    std::string_view thread;
    std::size_t thread_columns;  ///< width to which the thread's name is filled up on the left
    std::string_view target;
};

/// `2026-01-02T03:04:05.678901Z  INFO shard-0 server::tcp: text`, without a line break: those of
/// the text, and other control characters, are shown as escapes, so that nobody can forge lines.
std::string format_line(const line_head& head, std::string_view text);

}  // namespace iggy::server::log
