#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <iggy/base/expected.hpp>
#include <iggy/base/ids.hpp>

namespace iggy::storage {

/// What went wrong. `unknown` is only what a default-constructed error says.
enum class errc : std::uint16_t {
    unknown,
    io,                   ///< the device or file system refused: see `sys_errno`
    no_space,             ///< the disk (or quota) is full; reads and deletes go on
    no_progress,          ///< the device accepted nothing and said nothing
    would_block,          ///< internal: not in the page cache, ask the queue
    corrupt,              ///< stored bytes fail their checksum or contradict their neighbours
    missing_segment,      ///< a segment that was sealed is not there any more
    not_found,            ///< no log, segment or stored offset of that name
    already_exists,       ///< a log of that name is there
    locked,               ///< another process uses the data directory
    foreign_directory,    ///< not empty and not ours
    unsupported_version,  ///< written by a newer version of this library
    invalid_argument,     ///< the caller's input breaks a documented rule
    too_large,            ///< over a documented bound
    read_only,            ///< a sync failed: what is kept is known when the log is opened again
    closed,               ///< the log or store was closed meanwhile
    memory_limit,         ///< the memory limit leaves no room for this
    timeout,              ///< the awaited thing did not happen in time
    no_io_uring,          ///< io_uring was demanded and does not work here: see `sys_errno`
};

/// Trivially copyable, so that results stay cheap. `store::describe` adds the log's path and
/// advice.
struct error {
    errc code = errc::unknown;
    int sys_errno = 0;           ///< errno where the operating system said why, else 0
    std::uint64_t position = 0;  ///< byte position in the file where there is one
    log_uid log{};               ///< 0 where no log is concerned (uids start at 1)
    message_offset segment{};    ///< base offset of the segment where there is one

    error() = default;
    error(errc what, int why = 0,
          std::uint64_t where = 0)  // NOLINT(google-explicit-constructor): `return errc::closed;`
        : code{what}, sys_errno{why}, position{where} {}
};

/// Short name of the code, as in `no_space`.
std::string_view name(errc code) noexcept;

/// What failed, why, and what to do about it; without the path, which an error does not carry.
std::string describe(const error& failure);
/// Why io_uring most likely failed with this errno.
std::string_view io_uring_hindrance(int sys_errno) noexcept;

template <class T>
using result = iggy::expected<T, error>;

}  // namespace iggy::storage
