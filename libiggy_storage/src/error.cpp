#include <iggy/storage/error.hpp>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace iggy::storage {

std::string_view name(errc code) noexcept {
    switch (code) {
        case errc::unknown:
            return "unknown";
        case errc::io:
            return "io";
        case errc::no_space:
            return "no_space";
        case errc::no_progress:
            return "no_progress";
        case errc::would_block:
            return "would_block";
        case errc::corrupt:
            return "corrupt";
        case errc::missing_segment:
            return "missing_segment";
        case errc::not_found:
            return "not_found";
        case errc::already_exists:
            return "already_exists";
        case errc::locked:
            return "locked";
        case errc::foreign_directory:
            return "foreign_directory";
        case errc::unsupported_version:
            return "unsupported_version";
        case errc::invalid_argument:
            return "invalid_argument";
        case errc::too_large:
            return "too_large";
        case errc::read_only:
            return "read_only";
        case errc::closed:
            return "closed";
        case errc::memory_limit:
            return "memory_limit";
        case errc::timeout:
            return "timeout";
        case errc::no_io_uring:
            return "no_io_uring";
    }
    return "unknown";
}

namespace {

std::string_view advice(errc code) noexcept {
    switch (code) {
        case errc::unknown:
            return "unknown failure";
        case errc::io:
            return "the disk refused the operation; check the device and the system log";
        case errc::no_space:
            return "the disk is full; free space, or delete old segments";
        case errc::no_progress:
            return "the disk accepted no bytes; check the device";
        case errc::would_block:
            return "the data is not in the page cache";
        case errc::corrupt:
            return "stored bytes fail their checksum; this range cannot be read, the rest can";
        case errc::missing_segment:
            return "a segment file is missing; this range cannot be read, the rest can";
        case errc::not_found:
            return "there is nothing of that name";
        case errc::already_exists:
            return "that name is taken";
        case errc::locked:
            return "another process uses the data directory; stop it, or choose another directory";
        case errc::foreign_directory:
            return "the directory holds something else and was left untouched; choose an empty one";
        case errc::unsupported_version:
            return "the data was written by a newer version; use that version";
        case errc::invalid_argument:
            return "the input breaks a documented rule";
        case errc::too_large:
            return "the input is larger than allowed";
        case errc::read_only:
            return "a sync failed, so the log takes no appends until the store is opened again";
        case errc::closed:
            return "the log or store is closed";
        case errc::memory_limit:
            return "the memory limit leaves no room; raise it, or send less at a time";
        case errc::timeout:
            return "it did not happen in time";
        case errc::no_io_uring:
            return "io_uring was asked for and does not work here; allow it, or ask for the "
                   "automatic choice or the portable engine";
    }
    return "";
}

}  // namespace

std::string_view io_uring_hindrance(int sys_errno) noexcept {
    switch (sys_errno) {
        case EPERM:
        case EACCES:
            return "a seccomp profile (as containers have by default) or the sysctl "
                   "kernel.io_uring_disabled forbids it";
        case ENOSYS:
            return "this kernel has no io_uring (too old, or a sandbox such as gVisor)";
        case ENOMEM:
            return "too little memory may be locked; raise RLIMIT_MEMLOCK (LimitMEMLOCK= in "
                   "systemd)";
        case EMFILE:
        case ENFILE:
            return "too many files are open; raise RLIMIT_NOFILE";
        case EINVAL:
        case EOPNOTSUPP:
            return "this kernel or file system lacks an operation that is needed";
        case ETIMEDOUT:
            return "the kernel began an operation and did not end it";
        default:
            return "unexpected; see the error";
    }
}

std::string describe(const error& failure) {
    auto text = fmt::format("{}: {}", name(failure.code), advice(failure.code));
    if (failure.code == errc::no_io_uring) {
        text += fmt::format(" ({}: {})", std::strerror(failure.sys_errno),
                            io_uring_hindrance(failure.sys_errno));
    } else if (failure.sys_errno != 0) {
        text += fmt::format(" ({})", std::strerror(failure.sys_errno));
    }
    if (failure.log.raw() != 0) {
        text += fmt::format(", log {}, segment {:020}", failure.log.raw(), failure.segment.raw());
    }
    if (failure.position != 0) {
        text += fmt::format(", at byte {}", failure.position);
    }
    return text;
}

}  // namespace iggy::storage
