#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

#include "manifest_entries.hpp"
#include "manifest_format.hpp"

namespace iggy::storage {

/// What the bytes of a manifest file say.
struct manifest_reading {
    /// Bytes that belong to no sound group, and have one after them.
    struct gap {
        std::size_t from = 0;
        std::size_t to = 0;
    };
    manifest_format::header_state header = manifest_format::header_state::good;
    manifest_entries entries;
    std::vector<gap> gaps;
    /// Up to the end of the last sound group; what lies after it was never made durable.
    std::size_t sound_bytes = manifest_format::header_bytes;
    std::size_t file_bytes = 0;

    bool damaged() const noexcept {
        return !gaps.empty() || header == manifest_format::header_state::damaged;
    }
};

/// Reads all of it and changes nothing. Of a newer version only the header is looked at. Errors:
/// io, too_large (1 GiB).
result<manifest_reading> read_manifest(file& source);

}  // namespace iggy::storage
