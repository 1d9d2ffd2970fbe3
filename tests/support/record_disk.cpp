// A library to preload (LD_PRELOAD): writes down every change that a process makes below one
// directory, with its bytes and its time, so that a test can rebuild what a power cut would have
// left at any moment.
//
// RECORD_DISK_ROOT is the directory, RECORD_DISK_TO the file that gets the records, one after the
// other, in the order in which the calls ended. A record is `header`, two paths and the bytes,
// little endian; tests/system/recorded_disk.py reads it. Calls through io_uring are not seen.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "preloaded.hpp"

namespace {

using preloaded::absolute;
using preloaded::next_of;
using preloaded::path_of;

enum class kind : std::uint32_t { open = 1, write, resize, sync, make_directory, rename, remove };

struct header {
    std::uint64_t begin_ns = 0;  // CLOCK_MONOTONIC before the call
    std::uint64_t end_ns = 0;    // and after it
    kind what{};
    std::uint32_t path_bytes = 0;
    std::uint32_t second_path_bytes = 0;
    std::uint32_t data_bytes = 0;
    std::uint64_t inode = 0;
    std::uint64_t position = 0;  // of a write; new size of a resize
};
static_assert(sizeof(header) == 48);

std::uint64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
}

class recorder {
public:
    static recorder& the() {
        static recorder* const one = new recorder;  // outlives every thread
        return *one;
    }

    bool covers(std::string_view path) const {
        return to_ >= 0 && path.substr(0, root_.size()) == root_;
    }

    void write_down(header head, std::string_view path, std::string_view second,
                    const iovec* parts = nullptr, int count = 0, std::size_t data_bytes = 0) {
        head.end_ns = now();
        head.path_bytes = static_cast<std::uint32_t>(path.size());
        head.second_path_bytes = static_cast<std::uint32_t>(second.size());
        head.data_bytes = static_cast<std::uint32_t>(data_bytes);
        std::vector<char> bytes;
        const auto add = [&bytes](const void* from, std::size_t size) {
            const auto* const first = static_cast<const char*>(from);
            bytes.insert(bytes.end(), first, first + size);
        };
        add(&head, sizeof head);
        add(path.data(), path.size());
        add(second.data(), second.size());
        for (int at = 0; at < count && data_bytes > 0; ++at) {
            const std::size_t size = std::min(parts[at].iov_len, data_bytes);
            add(parts[at].iov_base, size);
            data_bytes -= size;
        }
        const std::lock_guard guard{mutex_};
        for (std::size_t done = 0; done < bytes.size();) {
            const ssize_t written = ::write(to_, bytes.data() + done, bytes.size() - done);
            if (written < 0) {
                std::perror("record_disk: the record cannot be written");
                std::abort();
            }
            done += static_cast<std::size_t>(written);
        }
    }

private:
    recorder() {
        const char* const root = ::getenv("RECORD_DISK_ROOT");
        const char* const to = ::getenv("RECORD_DISK_TO");
        if (root != nullptr && to != nullptr) {
            root_ = root;
            to_ = next_of<int(const char*, int, ...)>("open")(
                to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        }
    }

    std::mutex mutex_;
    std::string root_;
    int to_ = -1;
};

std::uint64_t inode_of(int fd) {
    struct stat status{};
    return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

/// Writes a call on an open file down, if it went well.
template <class Call>
auto on_file(kind what, int fd, std::uint64_t position, Call call, const iovec* parts = nullptr,
             int count = 0) {
    header head;
    head.what = what;
    head.begin_ns = now();
    head.position = position;
    const auto outcome = call();
    const int reason = errno;
    if (outcome >= 0) {
        if (const std::string path = path_of(fd); recorder::the().covers(path)) {
            head.inode = inode_of(fd);
            recorder::the().write_down(head, path, {}, parts, count,
                                       parts != nullptr ? static_cast<std::size_t>(outcome) : 0);
        }
    }
    errno = reason;
    return outcome;
}

/// Writes a call on names down, if it went well.
template <class Call>
int on_names(kind what, const std::string& path, const std::string& second, Call call) {
    header head;
    head.what = what;
    head.begin_ns = now();
    const int outcome = call();
    const int reason = errno;
    if (outcome >= 0 && recorder::the().covers(path)) {
        if (what == kind::open) {
            head.inode = inode_of(outcome);
        }
        recorder::the().write_down(head, path, second);
    }
    errno = reason;
    return outcome;
}

}  // namespace

int preloaded::open_file(int directory, const char* path, int flags, mode_t mode) {
    static auto* const next = next_of<int(int, const char*, int, ...)>("openat");
    const bool may_create = (flags & O_CREAT) != 0;
    const auto call = [&] { return next(directory, path, flags, mode); };
    if (!may_create) {
        return call();
    }
    const int fd = on_names(kind::open, absolute(directory, path), {}, call);
    if (fd >= 0 && (flags & O_TRUNC) != 0) {
        on_file(kind::resize, fd, 0, [] { return 0; });
    }
    return fd;
}

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
    static auto* const next = next_of<ssize_t(int, const void*, size_t)>("write");
    struct stat status{};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        !recorder::the().covers(path_of(fd))) {
        return next(fd, data, size);
    }
    const off_t position = ::lseek(fd, 0, SEEK_CUR);
    const iovec part{const_cast<void*>(data), size};
    return on_file(
        kind::write, fd, static_cast<std::uint64_t>(position), [&] { return next(fd, data, size); },
        &part, 1);
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t position) {
    static auto* const next = next_of<ssize_t(int, const iovec*, int, off_t)>("pwritev");
    return on_file(
        kind::write, fd, static_cast<std::uint64_t>(position),
        [&] { return next(fd, parts, count, position); }, parts, count);
}

int ftruncate(int fd, off_t size) noexcept {
    static auto* const next = next_of<int(int, off_t)>("ftruncate");
    return on_file(kind::resize, fd, static_cast<std::uint64_t>(size),
                   [&] { return next(fd, size); });
}

int fdatasync(int fd) {
    static auto* const next = next_of<int(int)>("fdatasync");
    return on_file(kind::sync, fd, 0, [&] { return next(fd); });
}

int fsync(int fd) {
    static auto* const next = next_of<int(int)>("fsync");
    return on_file(kind::sync, fd, 0, [&] { return next(fd); });
}

int mkdirat(int directory, const char* path, mode_t mode) noexcept {
    static auto* const next = next_of<int(int, const char*, mode_t)>("mkdirat");
    return on_names(kind::make_directory, absolute(directory, path), {},
                    [&] { return next(directory, path, mode); });
}

int mkdir(const char* path, mode_t mode) noexcept {
    static auto* const next = next_of<int(const char*, mode_t)>("mkdir");
    return on_names(kind::make_directory, absolute(AT_FDCWD, path), {},
                    [&] { return next(path, mode); });
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
    static auto* const next = next_of<int(int, const char*, int, const char*)>("renameat");
    return on_names(kind::rename, absolute(from_directory, from), absolute(to_directory, to),
                    [&] { return next(from_directory, from, to_directory, to); });
}

int rename(const char* from, const char* to) noexcept {
    static auto* const next = next_of<int(const char*, const char*)>("rename");
    return on_names(kind::rename, absolute(AT_FDCWD, from), absolute(AT_FDCWD, to),
                    [&] { return next(from, to); });
}

int unlinkat(int directory, const char* path, int flags) noexcept {
    static auto* const next = next_of<int(int, const char*, int)>("unlinkat");
    return on_names(kind::remove, absolute(directory, path), {},
                    [&] { return next(directory, path, flags); });
}

int unlink(const char* path) noexcept {
    static auto* const next = next_of<int(const char*)>("unlink");
    return on_names(kind::remove, absolute(AT_FDCWD, path), {}, [&] { return next(path); });
}
}
