#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>
#include <iggy/storage/options.hpp>

#include "found_journal.hpp"
#include "journal_format.hpp"

namespace iggy::storage {

/// Who hears what became of requests; called on the thread that commits.
class journal_client {
public:
    virtual ~journal_client() = default;
    /// The oldest `count` requests that it has not heard of are kept, or not: no_space (the files
    /// could not be made), read_only (a sync failed, here or in a log whose entries are here:
    /// final).
    virtual void deliver(std::size_t count, const result<done_t>& outcome) = 0;
};

/// An entry on its way to the journal, with what must be synced before the journal may forget it.
struct journal_request {
    journal_client* client = nullptr;
    journal_entry entry;                     ///< borrows its content until it is delivered
    const std::string* file = nullptr;       ///< path of the segment, or of the stored offsets
    const std::string* directory = nullptr;  ///< the log's
    bool named = false;                      ///< the file's name and the log's identity are durable
};

/// Makes small changes of many logs durable by one sync: a ring of preallocated files that are
/// written one after the other. What an entry says was handed to the kernel in its own place
/// before; once that is synced too, the journal file is written anew. See docs/formats/journal.md
/// and ADR 6. Thread-safe; everything blocks, so shards call it through io_queue::run.
class journal {
public:
    /// Whether the options are such that every batch that is to be kept here can be.
    static bool fits(const store_options& options) noexcept;

    /// Goes on in the files that are there, which are empty; makes none before the first commit.
    journal(disk& files, const directory_id& directory, const store_options& options,
            std::vector<journal_file> empty);

    /// Queues requests, and empties the list. Never waits for the disk.
    void add(std::vector<journal_request>& requests);
    /// True for whoever has to call `commit_waiting`, because requests wait and nobody is at it.
    bool take_duty();
    /// Writes what waits and syncs it, again and again while more came meanwhile; then somebody
    /// else may have to go on. Only after take_duty.
    void commit_waiting();

    /// True once after a file has become full: somebody should call `recycle`.
    bool take_recycling_due() noexcept { return recycling_due_.exchange(false); }
    /// Syncs what the full files cover, so that they can be written anew. Errors: read_only.
    result<done_t> recycle();

    /// Runs a sync that a log needs beside the journal. When it fails, nothing here is forgotten
    /// any more, from before anybody can hear of it: a later sync of the same file may succeed, as
    /// the kernel tells of a failure once. Errors: those of `sync`.
    result<done_t> watch(const std::function<result<done_t>()>& sync);
    /// Why a file of the log could not be synced by `recycle`, if that is so.
    std::optional<error> loss_of(log_uid uid);

    /// Ends what this use of the journal knows of the log, which goes on at another level. Errors:
    /// io, read_only.
    result<done_t> settle(log_uid uid);

private:
    using clock = std::chrono::steady_clock;
    using delivery = std::pair<journal_client*, std::size_t>;  // how many it has not heard of

    /// Files and directories that entries speak of.
    struct covered_file {
        log_identity log;
        std::string directory;
        bool named = false;
    };
    struct ring_file {
        journal_file at;
        std::map<std::string, covered_file, std::less<>> covers;  // by path
    };

    class watched_sync;

    void gather(std::unique_lock<std::mutex>& lock);
    result<done_t> write_all();
    void deliver(const result<done_t>& outcome);
    result<done_t> fill_in(const journal_request& request);
    result<done_t> write_group();
    result<done_t> next_file();
    result<std::unique_ptr<ring_file>> make_file();
    result<done_t> sync_covered(const ring_file& of);
    error lose(log_uid uid, error why);
    /// A file failed to sync: what the page cache shows of it proves nothing, so nothing that is
    /// here may be forgotten before the next start has written it again.
    void freeze(const error& why);
    std::optional<error> await_watched();
    result<done_t> retire_current();
    void cover(const journal_request& request);
    error fail(const error& why);

    disk& files_;
    const directory_id directory_;
    const std::uint64_t session_;
    const std::uint64_t file_bytes_;
    const std::size_t files_max_;

    std::mutex mutex_;
    std::condition_variable idle_;
    std::vector<journal_request> waiting_;
    bool busy_ = false;  // one thread writes for all
    std::condition_variable gathered_;
    std::size_t likely_ = 0;  // to ask again soon, when the last group was delivered
    clock::time_point gather_until_{};
    unsigned gather_misses_ = 0;  // in a row
    unsigned gather_pause_ = 0;   // groups until it is tried again
    std::optional<error> failed_;
    std::optional<error> frozen_;
    std::set<log_uid> logs_;  // that have entries of this use
    // Files of the ring file that was recycled last: their names and their logs' are durable.
    std::map<std::string, log_identity, std::less<>> named_;
    std::map<log_uid, error> lost_;
    // Watched syncs under way: those that began since the last wait for them, and those before.
    std::array<std::size_t, 2> watched_{};
    std::size_t watched_now_ = 0;  // which of the two the next one counts for
    std::condition_variable watched_ended_;
    std::atomic<bool> has_lost_{false};

    // Of the thread that writes.
    clock::duration sync_took_{};
    std::vector<journal_request> committing_;
    std::vector<delivery> delivering_;
    std::vector<std::byte> group_;  // being filled, header included
    std::size_t group_used_ = 0;
    std::vector<const journal_request*> group_requests_;
    std::uint64_t sequence_ = 0;
    std::uint64_t position_ = 0;  // in current_
    std::unique_ptr<ring_file> current_;
    std::set<std::string> paths_;  // of all files

    std::mutex recycling_;  // held while covered files are synced; taken before mutex_
    std::deque<std::unique_ptr<ring_file>> full_;  // oldest first; under mutex_
    std::deque<std::unique_ptr<ring_file>> free_;  // in the order to be written; under mutex_
    std::atomic<bool> recycling_due_{false};
};

}  // namespace iggy::storage
