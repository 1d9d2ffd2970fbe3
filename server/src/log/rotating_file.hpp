#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include <iggy/base/text_error.hpp>

namespace iggy::server::log {

/// When a log file is rotated and which copies are kept.
struct rotation_policy {
    std::uint64_t file_bytes_max = 0;   ///< 0: never rotated, neither by size nor by the hour
    std::uint64_t total_bytes_max = 0;  ///< of the rotated copies; 0: no limit
    std::chrono::nanoseconds retention{};
};

/// What a clean-up removed.
struct removed_files {
    std::size_t count = 0;
    std::uint64_t bytes = 0;
};

/// A log file that is renamed to `NAME.1` (older copies to `.2`, `.3`, …) when it is full or the
/// local hour changes between two writes. Not thread-safe.
class rotating_file {
public:
    using time_point = std::chrono::system_clock::time_point;

    /// Opens `path` for appending, creates its directories. Errors name the path and the reason.
    static text_result<rotating_file> open(std::filesystem::path path, rotation_policy policy,
                                           time_point now);

    rotating_file(rotating_file&& other) noexcept;
    rotating_file& operator=(rotating_file&&) = delete;
    ~rotating_file();

    /// Appends `text` and a line break. What the disk refuses is lost.
    void write(std::string_view text, time_point now);

    /// Deletes the copies that are older than the retention, then the oldest ones until the rest
    /// fits the total. The live file is neither counted nor deleted.
    removed_files clean(time_point now) const;

    const std::filesystem::path& path() const { return path_; }

private:
    rotating_file(std::filesystem::path path, rotation_policy policy);
    bool reopen(time_point now);
    void rotate(time_point now);

    std::filesystem::path path_;
    rotation_policy policy_;
    int fd_ = -1;
    std::uint64_t bytes_ = 0;
    std::int64_t hour_ = 0;
};

}  // namespace iggy::server::log
