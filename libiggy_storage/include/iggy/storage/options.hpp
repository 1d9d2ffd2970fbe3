#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include <iggy/base/time.hpp>

namespace iggy {

/// When an append counts as committed: visible to readers and acknowledged.
enum class durability : std::uint8_t {
    memory,   ///< in the store's buffer; survives nothing
    written,  ///< handed to the kernel by a completed write; survives kill -9
    synced,   ///< on stable storage; survives power loss
};

}  // namespace iggy

namespace iggy::storage {

enum class io_engine : std::uint8_t {
    automatic,  ///< io_uring where real operations in the data directory work, else portable
    io_uring,   ///< refuse to open where it does not work
    portable,   ///< pwrite and pread, with helper threads for syncs and cold reads
};

/// Wall clock of a store; a seam for tests.
using clock_function = std::function<timestamp()>;

struct log_options {
    std::optional<iggy::durability> durability{};  ///< the store's when absent
    /// A batch that finds its segment this large is the last one in it. The first ones of a log,
    /// and the one that a start finds, end earlier (docs/formats/segment.md). Bytes; at most 1 GiB.
    std::optional<std::uint64_t> segment_bytes{};
    /// For a small log whose messages free room elsewhere: on a full disk it may use the room that
    /// is kept for that.
    bool draws_on_reserve = false;
};

struct store_options {
    iggy::durability durability = iggy::durability::written;
    std::uint64_t segment_bytes = std::uint64_t{1} << 30;
    /// Bound of everything that grows: buffers, caches, indexes. Bytes; at least memory_bytes_min.
    std::uint64_t memory_bytes = std::uint64_t{512} << 20;
    io_engine io = io_engine::automatic;
    /// `memory` level only: what was appended goes to the kernel when this many messages or bytes
    /// wait.
    std::uint32_t flush_messages = 1024;
    std::uint64_t flush_bytes = std::uint64_t{1} << 20;
    /// Writes up to this size are made within the call; larger ones, whose copy would hold up the
    /// others of the engine for longer than a hop to another thread costs, through its queue.
    /// Bytes.
    std::uint64_t inline_write_bytes_max = std::uint64_t{2} << 20;
    /// A recovery point is made when this much is not synced, of a log or of all: about what a
    /// start has to scan, which is more only where more came in than the disk takes. Bytes.
    std::uint64_t unsynced_log_bytes = std::uint64_t{64} << 20;
    std::uint64_t unsynced_total_bytes = std::uint64_t{1} << 30;
    /// `synced` level only: batches up to this size share the syncs of the journal; larger ones,
    /// which would cost more to write twice, get one of their own. Bytes; with 104
    /// more it has to fit into a file of the journal, and into 1 MiB.
    std::uint64_t journal_batch_bytes_max = std::uint64_t{64} << 10;
    /// The journal is at most so many files of this size, made when they are needed. Bytes, a
    /// multiple of 4096.
    std::uint64_t journal_file_bytes = std::uint64_t{16} << 20;
    std::size_t journal_files_max = 4;
    /// Room on the disk that is kept for removals. Bytes; 0 keeps none.
    std::uint64_t reserve_bytes = std::uint64_t{8} << 20;
    /// Distance of index entries. Bytes; from index_interval_bytes_min to _max.
    std::uint32_t index_interval_bytes = 8192;
    /// Open files per engine; the least recently used are closed.
    std::size_t open_files_max = 4096;
    clock_function clock{};  ///< the system's when empty
};

inline constexpr std::uint64_t memory_bytes_min = std::uint64_t{64} << 20;
inline constexpr std::uint64_t segment_bytes_max = std::uint64_t{1} << 30;
inline constexpr std::uint32_t index_interval_bytes_min = 512;
inline constexpr std::uint32_t index_interval_bytes_max = 16384;

}  // namespace iggy::storage
