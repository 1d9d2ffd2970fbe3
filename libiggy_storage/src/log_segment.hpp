#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "file_cache.hpp"
#include "log_files.hpp"
#include "manifest.hpp"
#include "room_ahead.hpp"
#include "sparse_index.hpp"

namespace iggy::storage {

/// One segment of an open log.
struct segment {
    segment(file_cache& cache, std::string_view directory, message_offset base)
        : messages{cache, segment_file_path(directory, base, messages_extension)} {
        summary.base = written.base = base;
    }

    message_offset base() const noexcept { return summary.base; }
    std::uint64_t end_position() const noexcept { return log_position + summary.bytes; }
    bool is_dirty() const noexcept { return !sealed && synced_bytes < written.bytes; }
    bool is_within_room() const noexcept { return room && written.bytes <= room->bytes(); }

    segment_summary summary;         ///< with all that was stamped
    segment_summary written;         ///< with all that the kernel has
    std::uint64_t log_position = 0;  ///< of its first byte, in the log's running byte count
    std::uint64_t synced_bytes = 0;
    bool full = false;     ///< takes no more batches
    bool sealed = false;   ///< the manifest has its summary
    bool missing = false;  ///< the manifest has its summary, the directory has no such file
    /// Reserved before anything was written; null when nothing was, and when it is full.
    std::unique_ptr<room_ahead::share> room;

    cached_file messages;
    sparse_index index;
    bool index_loaded = true;         ///< false: only in its file, if there
    std::size_t index_persisted = 0;  ///< entries in the file
    std::uint64_t index_charged = 0;  ///< bytes taken from the memory budget
    std::uint64_t last_used = 0;      ///< for forgetting the index of cold segments
};

}  // namespace iggy::storage
