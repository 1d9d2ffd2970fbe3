#pragma once

#include <cstdint>

#include <iggy/storage/disk.hpp>

namespace iggy::storage {

/// What a read proves about the disk. After a sync that failed the page cache goes on showing what
/// is not on the disk, and says so to no later sync, not even one of the next process: what a use
/// left behind that did not end in order has to be written again before a sync of it counts.
enum class page_cache : std::uint8_t { proven, unproven };

/// Writes the bytes from `from` up to `to` again as they are, so that the next sync of the file is
/// of them. Up to `to` the file must be there. Errors: io, no_space.
result<done_t> write_again(file& target, std::uint64_t from, std::uint64_t to);

}  // namespace iggy::storage
