#pragma once

#include <string>
#include <string_view>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::storage {

/// Name of the file that probe_io makes in the root and removes again; left behind only by a crash.
inline constexpr std::string_view probe_file_name = ".io-probe";

struct io_probe {
    bool has_io_uring = false;
    std::string reason;  ///< for people: why not; empty when it works
    int sys_errno = 0;   ///< the same as an errno; 0 when it works
};

/// Finds out by real operations (a write and a read through a ring, on a scratch file of `disk`)
/// whether io_uring works here. Blocks. A full disk is no reason against it. Errors: io (the
/// scratch file cannot be made or removed).
result<io_probe> probe_io(disk& disk);

}  // namespace iggy::storage
