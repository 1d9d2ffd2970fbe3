#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include <iggy/storage/data_directory.hpp>

#include "disk_reserve.hpp"
#include "found_journal.hpp"
#include "journal.hpp"
#include "manifest.hpp"
#include "room_ahead.hpp"
#include "session_marker.hpp"

namespace iggy::storage {

class worker_pool;

/// What the engines of a data directory share.
struct data_directory::state {
    store_options options;
    std::unique_ptr<disk> device;
    std::unique_ptr<disk> files;  // the same, where failed syncs of directories are remembered
    std::unique_ptr<disk_reserve> reserve;
    std::unique_ptr<disk> drawing_files;  // `files` for what may use the reserve
    std::unique_ptr<directory_lock> lock;
    std::unique_ptr<memory_budget> memory;
    std::unique_ptr<worker_pool> workers;  // null where a caller brings its own queues
    queue_factory make_queue;
    std::string io_description;
    std::unique_ptr<manifest> logs;
    std::unique_ptr<session_marker> session;
    std::unique_ptr<iggy::storage::journal> journal;
    page_cache found = page_cache::proven;  // what the last use left
    std::atomic<std::uint64_t> unsynced_bytes{0};
    room_ahead ahead;

    std::mutex counters_mutex;
    std::unordered_map<log_uid, std::shared_ptr<log_counters>> counters;

    /// Moves a log's directory to the trash, durably; done when there is none. Blocks.
    result<done_t> discard(std::string_view path, log_uid uid, std::uint32_t generation);
    /// Replays what the last use left in it. Blocks.
    result<done_t> open_journal(const directory_id& id);
    /// Hands its entries to their logs, durably; on a full disk with what was reserved for less.
    /// Blocks.
    result<done_t> replay(found_journal& left);
    /// Frees what is in the trash. Blocks.
    void empty_trash();
    /// Empties the trash, and frees what the last use reserved for segments to come. Blocks.
    void give_back_rooms();

    result<done_t> check_apart(const std::set<std::string_view>& names) const;

    std::atomic<std::uint64_t> trash_number{0};
    std::mutex names_mutex;  // names are taken and freed one call at a time
};

}  // namespace iggy::storage
