#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <iggy/storage/disk.hpp>

/// Kinds of calls of a disk and its files.
enum class disk_call : std::uint8_t {
    open,
    create,
    read,
    write,
    sync,
    allocate,
    resize,
    size,
    create_directories,
    list,
    rename,
    remove,
    remove_tree,
    sync_directory,
    lock,
};

/// How a process ends.
enum class stop_kind : std::uint8_t {
    killed,     ///< kill -9: what the kernel has stays, and stays unsynced
    power_cut,  ///< what was not synced may be there or not
};

/// A call that goes wrong: of those of the named kinds (of all, when none is named) the one after
/// `skipped` others; with `stays` all later ones too.
struct disk_failure {
    std::vector<disk_call> kinds;
    std::uint64_t skipped = 0;
    iggy::storage::error with{iggy::storage::errc::io, 5};
    bool stays = false;
};

/// A disk in memory that outlives the processes that use it and forgets what a real one may forget.
///
/// * File data is durable after `sync` of the file, by sectors and sizes as `pending_content` says.
/// * A name is durable after `sync_directory` of its directory. Until then each creation, renaming
///   or removal may be found undone, alone, as long as one that it builds on is not. A renaming
///   stands in both directories or in neither.
/// * A write that fails or is cut short has written some whole sectors; a failed sync leaves its
///   sectors uncertain for ever. The failed sync of a directory leaves its names uncertain until
///   the next `mount`: no program can write a name again.
///
/// Every call counts as a step; a stop can be put on any of them. From then on every call of that
/// process fails and changes nothing. All that is left to chance follows from the seed.
/// Thread-safe.
class crashing_disk {
public:
    explicit crashing_disk(std::uint64_t seed);
    ~crashing_disk();

    /// The disk as the next process sees it. What an earlier one still holds is dead.
    std::unique_ptr<iggy::storage::disk> mount();

    std::uint64_t steps() const;
    /// Stops the process inside call number `step` (from 0, over the life of the disk).
    void stop_at(std::uint64_t step, stop_kind how);
    /// Stops it now, unless it was.
    void stop(stop_kind how);
    bool is_stopped() const;
    /// How the last process ended, where it was stopped.
    std::optional<stop_kind> last_stop() const;

    void fail(disk_failure plan);
    void fail_no_more();
    /// Whether any call failed by `fail` or for want of room since the last `mount`.
    bool has_failed() const;

    /// Bytes of files and reservations at most.
    void limit_bytes(std::optional<std::uint64_t> bytes);
    std::uint64_t used_bytes() const;

    /// Hears of every call, with the path where there is one.
    void trace(std::function<void(std::string_view)> listener);

    struct state;

private:
    std::shared_ptr<state> state_;
};
