// A library to preload (LD_PRELOAD): lets every n-th call of a process on files below one directory
// fail, as a bad disk, a full one or a process without memory or descriptors would.
//
// FAIL_DISK_ROOT is the directory, FAIL_DISK_EVERY is n, FAIL_DISK_LOG a file that gets a line for
// each call that failed, and FAIL_DISK_SWITCH a path: calls fail while a file is there. A failed
// call has done nothing, except that every third write does half of its work instead of failing.
// Calls through io_uring are not seen.

#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "preloaded.hpp"

namespace {

using preloaded::absolute;
using preloaded::next_of;
using preloaded::path_of;

std::string variable(const char* name) {
    const char* const value = ::getenv(name);
    return value != nullptr ? value : "";
}

class faults {
public:
    static faults& the() {
        static faults* const one = new faults;  // outlives every thread
        return *one;
    }

    /// The errno with which this call has to fail; 0 if it may go on.
    int next(std::string_view call, std::string_view path, std::initializer_list<int> reasons) {
        if (every_ == 0 || path.substr(0, root_.size()) != root_ ||
            ::access(switch_.c_str(), F_OK) != 0) {
            return 0;
        }
        const std::uint64_t number = calls_.fetch_add(1) + 1;
        if (number % every_ != 0) {
            return 0;
        }
        const std::size_t failed = failed_.fetch_add(1);
        const int reason = reasons.begin()[failed % reasons.size()];
        const std::string line = std::string{call} + ' ' + std::string{path.substr(root_.size())} +
                                 ' ' + std::to_string(reason) + '\n';
        // What cannot be noted is missed by the test, which counts the lines.
        [[maybe_unused]] const auto noted =
            next_of<ssize_t(int, const void*, size_t)>("write")(log_, line.data(), line.size());
        return reason;
    }

private:
    faults() {
        if (const std::string every = variable("FAIL_DISK_EVERY"); !every.empty()) {
            every_ = std::stoull(every);
            log_ = next_of<int(const char*, int, ...)>("open")(
                variable("FAIL_DISK_LOG").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        }
    }

    std::string root_ = variable("FAIL_DISK_ROOT");
    std::string switch_ = variable("FAIL_DISK_SWITCH");
    std::uint64_t every_ = 0;
    int log_ = -1;
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::size_t> failed_{0};
};

constexpr int half = -1;  // in the place of an errno: the write does half of its work

/// Calls `next(arguments...)` unless it is this call's turn to fail.
template <class Next, class... Arguments>
auto unless_its_turn(std::string_view call, const std::string& path,
                     std::initializer_list<int> reasons, Next* next, Arguments... arguments)
    -> decltype(next(arguments...)) {
    if (const int reason = faults::the().next(call, path, reasons); reason != 0) {
        errno = reason;
        return -1;
    }
    return next(arguments...);
}

}  // namespace

int preloaded::open_file(int directory, const char* path, int flags, mode_t mode) {
    static auto* const next = next_of<int(int, const char*, int, ...)>("openat");
    return unless_its_turn("open", absolute(directory, path), {EMFILE, EIO, ENOMEM}, next,
                           directory, path, flags, mode);
}

extern "C" {

ssize_t pwritev(int fd, const iovec* parts, int count, off_t position) {
    static auto* const next = next_of<ssize_t(int, const iovec*, int, off_t)>("pwritev");
    const int reason = faults::the().next("write", path_of(fd), {EIO, half, ENOSPC});
    if (reason == 0) {
        return next(fd, parts, count, position);
    }
    if (reason != half) {
        errno = reason;
        return -1;
    }
    // The parts before the middle and a piece of the one that it is in.
    std::vector<iovec> kept{parts, parts + count};
    std::size_t left = 0;
    for (const iovec& part : kept) {
        left += part.iov_len;
    }
    left = (left + 1) / 2;
    for (iovec& part : kept) {
        part.iov_len = std::min(part.iov_len, left);
        left -= part.iov_len;
    }
    return next(fd, kept.data(), count, position);
}

ssize_t pread(int fd, void* into, size_t size, off_t position) {
    static auto* const next = next_of<ssize_t(int, void*, size_t, off_t)>("pread");
    return unless_its_turn("read", path_of(fd), {EIO}, next, fd, into, size, position);
}

ssize_t preadv2(int fd, const iovec* parts, int count, off_t position, int flags) {
    static auto* const next = next_of<ssize_t(int, const iovec*, int, off_t, int)>("preadv2");
    return unless_its_turn("read", path_of(fd), {EIO, EAGAIN}, next, fd, parts, count, position,
                           flags);
}

int ftruncate(int fd, off_t size) noexcept {
    static auto* const next = next_of<int(int, off_t)>("ftruncate");
    return unless_its_turn("resize", path_of(fd), {EIO, ENOSPC}, next, fd, size);
}

int fallocate(int fd, int mode, off_t position, off_t size) {
    static auto* const next = next_of<int(int, int, off_t, off_t)>("fallocate");
    return unless_its_turn("allocate", path_of(fd), {ENOSPC, EIO}, next, fd, mode, position, size);
}

int fdatasync(int fd) {
    static auto* const next = next_of<int(int)>("fdatasync");
    return unless_its_turn("sync", path_of(fd), {EIO, ENOSPC}, next, fd);
}

int fsync(int fd) {
    static auto* const next = next_of<int(int)>("fsync");
    return unless_its_turn("sync", path_of(fd), {EIO}, next, fd);
}

int mkdirat(int directory, const char* path, mode_t mode) noexcept {
    static auto* const next = next_of<int(int, const char*, mode_t)>("mkdirat");
    return unless_its_turn("mkdir", absolute(directory, path), {ENOSPC, EIO}, next, directory, path,
                           mode);
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
    static auto* const next = next_of<int(int, const char*, int, const char*)>("renameat");
    return unless_its_turn("rename", absolute(from_directory, from), {EIO, ENOSPC}, next,
                           from_directory, from, to_directory, to);
}

int unlinkat(int directory, const char* path, int flags) noexcept {
    static auto* const next = next_of<int(int, const char*, int)>("unlinkat");
    return unless_its_turn("unlink", absolute(directory, path), {EIO}, next, directory, path,
                           flags);
}
}
