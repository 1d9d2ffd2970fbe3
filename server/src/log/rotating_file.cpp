#include "log/rotating_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace iggy::server::log {
namespace {

using time_point = rotating_file::time_point;

/// Counts local hours; only used to see that one is not the other.
std::int64_t local_hour(std::time_t seconds) {
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return (std::int64_t{local.tm_year} * 366 + local.tm_yday) * 24 + local.tm_hour;
}

struct rotated_copy {
    std::uint32_t number;
    std::filesystem::path path;
    std::uint64_t bytes;
    time_point modified;
};

std::filesystem::path copy_path(const std::filesystem::path& live, std::uint32_t number) {
    std::filesystem::path path = live;
    path += "." + std::to_string(number);
    return path;
}

/// The rotated copies of `live`, the newest first.
std::vector<rotated_copy> copies_of(const std::filesystem::path& live) {
    const std::string prefix = live.filename().string() + ".";
    std::vector<rotated_copy> copies;
    std::error_code failed;
    for (std::filesystem::directory_iterator at{live.parent_path(), failed}, end;
         !failed && at != end; at.increment(failed)) {
        const std::string name = at->path().filename().string();
        std::uint32_t number = 0;
        const char* last = name.data() + name.size();
        struct stat status{};
        if (!name.starts_with(prefix) ||
            std::from_chars(name.data() + prefix.size(), last, number).ptr != last ||
            name != prefix + std::to_string(number) || number == 0 ||
            ::stat(at->path().c_str(), &status) != 0) {
            continue;
        }
        const auto modified = std::chrono::seconds{status.st_mtim.tv_sec};
        copies.push_back(
            {number, at->path(), static_cast<std::uint64_t>(status.st_size), time_point{modified}});
    }
    std::ranges::sort(copies, {}, &rotated_copy::number);
    return copies;
}

}  // namespace

rotating_file::rotating_file(std::filesystem::path path, rotation_policy policy)
    : path_{std::move(path)}, policy_{policy} {}

rotating_file::rotating_file(rotating_file&& other) noexcept
    : path_{std::move(other.path_)},
      policy_{other.policy_},
      fd_{std::exchange(other.fd_, -1)},
      bytes_{other.bytes_},
      hour_{other.hour_} {}

rotating_file::~rotating_file() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

text_result<rotating_file> rotating_file::open(std::filesystem::path path, rotation_policy policy,
                                               time_point now) {
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) {
        return text_error{"cannot create the log directory " + path.parent_path().string() + ": " +
                          failed.message() + "; check system.logging.path and its permissions"};
    }
    rotating_file file{std::move(path), policy};
    if (!file.reopen(now)) {
        return text_error{"cannot open the log file " + file.path_.string() + ": " +
                          std::generic_category().message(errno) +
                          "; check system.logging.path and its permissions"};
    }
    return file;
}

bool rotating_file::reopen(time_point now) {
    constexpr mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP;
    const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode);
    struct stat status{};
    if (fd < 0) {
        return false;
    }
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = fd;
    if (::fstat(fd_, &status) != 0) {
        status.st_size = 0;
    }
    bytes_ = static_cast<std::uint64_t>(status.st_size);
    // A file from before belongs to the hour of its last line.
    hour_ =
        local_hour(bytes_ > 0 ? status.st_mtim.tv_sec : std::chrono::system_clock::to_time_t(now));
    return true;
}

void rotating_file::rotate(time_point now) {
    const auto copies = copies_of(path_);
    // From the oldest on, so that each name is free when it is needed.
    for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy) {
        ::rename(copy->path.c_str(), copy_path(path_, copy->number + 1).c_str());
    }
    ::rename(path_.c_str(), copy_path(path_, 1).c_str());
    if (!reopen(now)) {
        bytes_ = 0;  // goes on in the renamed file until it is full again
    }
    hour_ = local_hour(std::chrono::system_clock::to_time_t(now));
    clean(now);
}

void rotating_file::write(std::string_view text, time_point now) {
    if (policy_.file_bytes_max != 0 && bytes_ > 0 &&
        (bytes_ >= policy_.file_bytes_max ||
         local_hour(std::chrono::system_clock::to_time_t(now)) != hour_)) {
        rotate(now);
    }
    char line_break = '\n';
    std::array<iovec, 2> parts{iovec{const_cast<char*>(text.data()), text.size()},
                               iovec{&line_break, 1}};
    ssize_t written = 0;
    do {
        written = ::writev(fd_, parts.data(), static_cast<int>(parts.size()));
    } while (written < 0 && errno == EINTR);
    if (written > 0) {
        bytes_ += static_cast<std::uint64_t>(written);
    }
}

removed_files rotating_file::clean(time_point now) const {
    removed_files removed;
    std::uint64_t kept_bytes = 0;
    bool over = false;
    for (const rotated_copy& copy : copies_of(path_)) {
        const bool old = now - copy.modified > policy_.retention;
        over = over ||
               (policy_.total_bytes_max != 0 && kept_bytes + copy.bytes > policy_.total_bytes_max);
        if (!old && !over) {
            kept_bytes += copy.bytes;
        } else if (::unlink(copy.path.c_str()) == 0) {
            ++removed.count;
            removed.bytes += copy.bytes;
        }
    }
    return removed;
}

}  // namespace iggy::server::log
