#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <iggy/base/text_error.hpp>

#include "log/level.hpp"
#include "log/rotating_file.hpp"

/// The log of the process. Lines are formatted by their thread and written by another one, through
/// a bounded queue that drops the oldest when it is full: logging never waits for a disk. Lines
/// from before `start` are kept in memory and written by it. All functions are thread-safe.
namespace iggy::server::log {

/// Where lines go and which ones.
struct options {
    std::string filter = "info";  ///< list of `level` and `target=level`
    bool to_stdout = true;
    bool to_file = false;
    std::filesystem::path file;  ///< the live file; copies are `FILE.1`, `FILE.2`, …
    rotation_policy rotation;
    std::chrono::nanoseconds clean_every = std::chrono::hours{1};
};

/// Begins to write, first the lines that were kept. Errors: the file cannot be opened.
text_result<done_t> start(const options& wanted);

/// Writes what is queued and ends the threads of the log. When it never started, the warnings and
/// errors that were kept go to the standard error, so that a failed start explains itself.
void stop();

/// The filter for lines before `start`; `info` unless set.
void set_early_filter(std::string_view filter);

/// The name of the calling thread in its lines and for the system (which keeps 15 characters).
void set_thread_name(std::string_view name);

/// Whether a line would be written: a few nanoseconds when not.
bool enabled(level severity, std::string_view target) noexcept;

/// Writes a line if it is enabled.
void write(level severity, std::string_view target, std::string_view text);

/// Formats and writes. `target` names the part of the server: `server::tcp`.
template <class... Args>
void trace(std::string_view target, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(level::trace, target)) {
        write(level::trace, target, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void debug(std::string_view target, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(level::debug, target)) {
        write(level::debug, target, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void info(std::string_view target, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(level::info, target)) {
        write(level::info, target, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void warn(std::string_view target, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(level::warn, target)) {
        write(level::warn, target, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void error(std::string_view target, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(level::error, target)) {
        write(level::error, target, fmt::format(format, std::forward<Args>(args)...));
    }
}

}  // namespace iggy::server::log
