#include "posix_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "write_parts.hpp"

namespace iggy::storage {

namespace {

/// Enough for a batch in one call and small enough for the stack.
constexpr std::size_t vectors_per_call = 256;
static_assert(vectors_per_call <= write_parts::vectors_max);

}  // namespace

error error_from_errno(int sys_errno, std::uint64_t position) noexcept {
    switch (sys_errno) {
        case ENOSPC:
        case EDQUOT:
            return error{errc::no_space, sys_errno, position};
        case ENOENT:
            return error{errc::not_found, sys_errno, position};
        default:
            return error{errc::io, sys_errno, position};
    }
}

result<std::size_t> posix_file::read_at(std::uint64_t position, byte_span into) {
    std::size_t moved = 0;
    while (moved < into.size()) {
        const byte_span rest = into.subspan(moved);
        const auto got =
            ::pread(fd_.get(), rest.data(), rest.size(), static_cast<off_t>(position + moved));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error{errc::io, errno, position + moved};
        }
        if (got == 0) {
            break;
        }
        moved += static_cast<std::size_t>(got);
    }
    return moved;
}

result<std::size_t> posix_file::try_read_at(std::uint64_t position, byte_span into) {
    if (into.empty()) {
        return std::size_t{0};
    }
    if (!can_read_without_waiting_.load(std::memory_order_relaxed)) {
        return error{errc::would_block, 0, position};
    }
    const iovec vector{into.data(), into.size()};
    const auto got = ::preadv2(fd_.get(), &vector, 1, static_cast<off_t>(position), RWF_NOWAIT);
    if (got >= 0) {
        return static_cast<std::size_t>(got);
    }
    switch (errno) {
        case EOPNOTSUPP:
        case ENOSYS:
            // This file system cannot tell; a helper that may wait has to ask.
            can_read_without_waiting_.store(false, std::memory_order_relaxed);
            [[fallthrough]];
        case EAGAIN:
        case EINTR:
            return error{errc::would_block, 0, position};
        default:
            return error{errc::io, errno, position};
    }
}

result<done_t> posix_file::write_at(std::uint64_t position, std::span<const byte_view> parts) {
    write_parts rest{parts};
    std::array<iovec, vectors_per_call> vectors;
    while (!rest.empty()) {
        const auto count = static_cast<int>(rest.next(vectors));
        const auto written =
            ::pwritev(fd_.get(), vectors.data(), count, static_cast<off_t>(position));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return error_from_errno(errno, position);
        }
        if (written == 0) {
            return error{errc::no_progress, 0, position};
        }
        position += static_cast<std::uint64_t>(written);
        rest.advance(static_cast<std::size_t>(written));
    }
    return done;
}

/// The kernel may drop pages that it cannot find a place for, and say so to nobody but this call.
result<done_t> posix_file::write_back(std::uint64_t begin, std::uint64_t end) {
    const auto failure_of = [&](unsigned what) {
        const int failed = ::sync_file_range(fd_.get(), static_cast<off_t>(begin),
                                             static_cast<off_t>(end - begin), what);
        return failed != 0 ? errno : 0;
    };
    const int begun = failure_of(SYNC_FILE_RANGE_WRITE);
    if (begun == EINTR || begun == ENOMEM || begun == ENOSYS) {
        return done;  // which says nothing about the bytes
    }
    const int ended = begun == 0 ? failure_of(SYNC_FILE_RANGE_WAIT_AFTER) : begun;
    return ended == 0 ? result<done_t>{done} : error{errc::io, ended, begin};
}

result<done_t> posix_file::sync() {
    while (::fdatasync(fd_.get()) != 0) {
        if (errno != EINTR) {
            // Also when the disk is full: unlike a refused write, this one cannot be made good.
            return error{errc::io, errno};
        }
    }
    return done;
}

result<done_t> posix_file::allocate(std::uint64_t position, std::uint64_t length) {
    if (length == 0) {
        return done;
    }
    while (::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(position),
                       static_cast<off_t>(length)) != 0) {
        if (errno == EOPNOTSUPP || errno == ENOSYS) {
            return done;
        }
        if (errno != EINTR) {
            return error_from_errno(errno, position);
        }
    }
    return done;
}

result<done_t> posix_file::resize(std::uint64_t size) {
    while (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
        if (errno != EINTR) {
            return error_from_errno(errno, size);
        }
    }
    return done;
}

result<std::uint64_t> posix_file::size() {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) {
        return error{errc::io, errno};
    }
    return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace iggy::storage
