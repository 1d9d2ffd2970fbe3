#include "machine_probe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "recorder.hpp"

namespace iggy::bench {
namespace {

using seconds = std::chrono::duration<double>;

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 30;
constexpr std::size_t sync_bytes = 4096;

double per_second(std::uint64_t bytes, clock::time_point begin) {
    return static_cast<double>(bytes) / seconds{clock::now() - begin}.count();
}

/// Copies between two areas of `size` bytes, a block at a time.
double copy_rate(std::size_t size, std::chrono::nanoseconds time) {
    std::vector<char> from(size, 'x');
    std::vector<char> to(size, 'y');
    const auto begin = clock::now();
    std::uint64_t copied = 0;
    for (std::size_t at = 0; clock::now() - begin < time; at = (at + block_bytes) % size) {
        std::memcpy(to.data() + at, from.data() + at, block_bytes);
        asm volatile("" : : "r"(to.data()) : "memory");  // the copy is wanted for its own sake
        copied += block_bytes;
    }
    return per_second(copied, begin);
}

/// A file without a name: the system removes it when it is closed.
class nameless_file {
public:
    static result<nameless_file> make(const std::string& place) {
        std::string path = place + "/iggy-bench-probe-XXXXXX";
        const int fd = ::mkostemp(path.data(), O_CLOEXEC);
        if (fd < 0) {
            return failure{
                fmt::format("cannot make a file in {}: {}", place, std::strerror(errno))};
        }
        ::unlink(path.c_str());
        return nameless_file{fd};
    }
    nameless_file(nameless_file&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    nameless_file& operator=(nameless_file&&) = delete;
    ~nameless_file() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    int fd() const noexcept { return fd_; }

private:
    explicit nameless_file(int fd) noexcept : fd_{fd} {}
    int fd_;
};

failure failed(const char* what) {
    return {fmt::format("{} failed on the disk: {}", what, std::strerror(errno))};
}

result<done_t> write_block(int fd, std::uint64_t at, const std::vector<char>& block,
                           std::size_t size) {
    if (::pwrite(fd, block.data(), size, static_cast<off_t>(at)) != static_cast<ssize_t>(size)) {
        return failed("a write");
    }
    return done;
}

/// Fills the file, then syncs it; returns how long it became.
result<std::uint64_t> probe_append(int fd, std::chrono::nanoseconds time, disk_figures& into) {
    const std::vector<char> block(block_bytes, 'x');
    const auto begin = clock::now();
    std::uint64_t end = 0;
    while (end < file_bytes_max && clock::now() - begin < time) {
        if (const auto written = write_block(fd, end, block, block_bytes); !written) {
            return written.error();
        }
        end += block_bytes;
    }
    into.append = per_second(end, begin);
    if (::fdatasync(fd) != 0) {
        return failed("a sync");
    }
    into.append_and_sync = per_second(end, begin);
    return end;
}

result<done_t> probe_read(int fd, std::uint64_t end, std::chrono::nanoseconds time,
                          disk_figures& into) {
    std::vector<char> block(block_bytes);
    const auto begin = clock::now();
    std::uint64_t moved = 0;
    for (std::uint64_t at = 0; clock::now() - begin < time; at = (at + block_bytes) % end) {
        if (::pread(fd, block.data(), block_bytes, static_cast<off_t>(at)) !=
            static_cast<ssize_t>(block_bytes)) {
            return failed("a read");
        }
        moved += block_bytes;
    }
    into.cached_read = per_second(moved, begin);
    return done;
}

result<done_t> probe_syncs(int fd, std::uint64_t at, std::uint64_t step,
                           std::chrono::nanoseconds time, latency_histogram& into) {
    const std::vector<char> block(sync_bytes, 'z');
    const auto begin = clock::now();
    for (auto before = begin; before - begin < time; at += step) {
        if (const auto written = write_block(fd, at, block, sync_bytes); !written) {
            return written.error();
        }
        if (::fdatasync(fd) != 0) {
            return failed("a sync");
        }
        const auto now = clock::now();
        into.add(now - before);
        before = now;
    }
    return done;
}

}  // namespace

memory_figures probe_memory(std::chrono::nanoseconds each) {
    constexpr std::size_t beyond_caches = 128 * block_bytes;
    memory_figures figures;
    figures.cached_copy = copy_rate(block_bytes, each);
    figures.uncached_copy = copy_rate(beyond_caches, each);
    return figures;
}

result<disk_figures> probe_disk(const std::string& place, std::chrono::nanoseconds each) {
    const auto file = nameless_file::make(place);
    if (!file) {
        return file.error();
    }
    disk_figures figures;
    const auto end = probe_append(file->fd(), each, figures);
    if (!end) {
        return end.error();
    }
    if (const auto read = probe_read(file->fd(), *end, each, figures); !read) {
        return read.error();
    }
    if (const auto synced = probe_syncs(file->fd(), *end, sync_bytes, each, figures.sync_of_append);
        !synced) {
        return synced.error();
    }
    if (const auto synced = probe_syncs(file->fd(), 0, 0, each, figures.sync_of_overwrite);
        !synced) {
        return synced.error();
    }
    return figures;
}

}  // namespace iggy::bench
