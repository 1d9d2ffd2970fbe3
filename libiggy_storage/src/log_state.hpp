#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <iggy/storage/engine.hpp>

#include "engine_state.hpp"
#include "log_segment.hpp"
#include "operation_queue.hpp"
#include "recent_reads.hpp"
#include "stored_offsets.hpp"

namespace iggy::storage {

/// Bytes on their way to a segment: a batch borrowed from its operation, or a block of ours at
/// `memory` level.
struct write_item {
    byte_span bytes;
    buffer owned;
    append_operation* op = nullptr;  ///< null when it was committed before it was written
    std::shared_ptr<segment> target;
    std::uint64_t position = 0;  ///< in the log's running byte count
    segment_summary after;       ///< of the segment once this is written
};

/// How far offsets may be given past what the manifest makes sure of, and so how far a start goes
/// on past it when the messages may be gone. So many that a log which takes millions of messages a
/// second hardly ever waits for a recovery point. Part of the format: may grow, never shrink.
inline constexpr std::uint64_t reserved_offsets = std::uint64_t{1} << 24;

/// Reads the index of a sealed segment, or makes it anew from the messages when the file is
/// missing, foreign or incomplete. Blocks. Errors: io, not_found.
result<sparse_index> load_or_rebuild_index(disk& disk, std::string_view directory,
                                           const log_identity& identity,
                                           const segment_summary& summary, std::uint32_t interval);

/// One log. The parts are in files of their own: append (log_append.cpp, log_write.cpp), syncs and
/// recovery points (log_checkpoint.cpp, log_write_back.cpp), everything that removes
/// (log_removal.cpp), opening (log_recovery.cpp), reading (log_reader.cpp).
///
/// Positions named *running* count bytes from where the log was opened, over all its segments:
/// synced <= written <= stamped, and committed lies where the level says.
struct engine_log::state {
    /// Who waits until the log has got that far, in its running byte count.
    using position_waiters =
        std::vector<std::pair<std::uint64_t, std::function<void(result<done_t>)>>>;

    state(engine::state& of, const log_entry& entry, const log_options& options);

    // log_append.cpp
    progress append(append_operation& op);
    result<done_t> stamp(append_operation& op);
    result<std::shared_ptr<segment>> segment_for_append();
    message_offset first_of(const append_operation& op) const;
    bool reserved_for(const append_operation& op, std::uint64_t needed) const;
    void reserve_more(const append_operation& op);
    void release_hold();
    void resume_held(result<done_t> outcome);
    std::optional<error> refusal() const;

    // log_next_segment.cpp
    std::uint64_t bytes_in_room(const segment& at) const;
    std::uint64_t next_segment_room() const;
    void prepare_next_segment();
    void take_next_segment(segment& fresh);
    void note_used_room();
    void give_back_next_segment();
    void give_back_room();

    // log_write.cpp
    void enqueue(append_operation& op);
    bool buffer_batch(append_operation& op);
    void start_writes();
    void on_written(result<std::size_t> moved);
    void finish_written();
    void fail_writes(const error& why);
    void sync_cut(const segment& at);
    void commit(message_offset next, std::uint64_t messages, std::uint64_t bytes);
    void finish(append_operation& op, result<done_t> outcome);
    std::uint64_t committed_bytes(const segment& of) const;

    // log_checkpoint.cpp
    void sync_through(std::uint64_t position, std::function<void(result<done_t>)> then);
    bool waits_for_sync() const;
    void start_sync();
    void run_sync(std::function<result<done_t>()> sync, std::function<void(result<done_t>)> then);
    void on_synced(const result<done_t>& outcome);
    void notice_loss();
    void resolve_synced();
    static void tell_reached(position_waiters& waiters, std::uint64_t position);
    void fail_sync(const error& why);
    void fail_waiting(const error& why);
    void write_all(std::function<void(result<done_t>)> then);
    void checkpoint(std::function<void(result<done_t>)> then);
    void checkpoint_when_due();
    bool offsets_fail(operation& op) const;
    progress finish_offset(operation& op, offset_key key, std::optional<message_offset> at);
    void on_offset_kept(operation& op, const result<done_t>& outcome);
    void on_kept(append_operation& op, const result<done_t>& outcome);
    void resolve_kept();
    result<done_t> persist_index(segment& of);
    void close_index(segment& of);

    // log_write_back.cpp
    bool has_time_to_write_back() const;
    std::shared_ptr<segment> to_write_back() const;
    void request_checkpoint();
    bool leave_line();
    void write_back();
    void enter_checkpoint();

    // log_removal.cpp
    void purge(std::function<void(result<done_t>)> then);
    void truncate_before(message_offset at, std::function<void(result<done_t>)> then);
    void truncate_after(message_offset next, std::function<void(result<done_t>)> then);
    void close(std::function<void(result<done_t>)> then);
    void drop(std::function<void()> then);
    void delete_oldest_segments(std::uint32_t count, std::function<void(result<done_t>)> then);
    void forget_segments();
    result<done_t> start_truncation(message_offset keep_before);
    result<done_t> finish_truncation(message_offset keep_before);
    result<done_t> cut_segment(segment& at, message_offset keep_before);

    // log_recovery.cpp
    result<done_t> recover(const log_entry& entry);
    result<done_t> find_segments(const log_entry& entry);
    result<bool> scan_open_segment(segment& found, std::uint64_t size,
                                   const std::optional<recovery_point>& point);
    result<done_t> sync_found(const log_entry& entry);
    result<bool> sync_segments();
    result<done_t> lower_offsets(message_offset end);
    result<done_t> sync_offsets_file();

    // Tasks that must not overlap: checkpoints, removals, closing. Each calls leave() once.
    void enter(std::function<void()> task);
    void leave();
    /// Holds new appends back and calls `then` when none is on its way any more, or with the reason
    /// why what was acknowledged from memory cannot be written.
    void quiesce(std::function<void(result<done_t>)> then);
    void when_idle();
    bool is_at_rest() const;
    bool ends_when_quiet();
    bool may_move() const;
    void leave_engine();
    void enter_engine(engine::state& other);

    // log_index.cpp
    void forget_cold_indexes(std::uint64_t now, bool short_of_memory);
    bool writes_idle() const { return items.empty() && syncing.empty(); }
    bool syncs_idle() const { return !sync_busy && sync_waiters.empty(); }

    bool names_durable() const { return names_synced == names_made || !directory_ready; }
    std::uint64_t unsynced_bytes() const { return written_position - synced_position; }
    void note_segments();
    void count_messages();
    result<done_t> load_index(segment& of);
    void adopt_index(segment& of, sparse_index index);
    void charge_index(segment& of);
    void cut_index(segment& of, std::uint64_t position);
    error located(error failure, const segment& at) const;

    engine::state* owner;  // another one after a move
    data_directory::state& shared;
    const log_uid uid;
    const std::string path;
    log_identity identity;
    const iggy::durability level;
    const std::uint64_t segment_bytes;
    const bool draws_on_reserve;
    file_cache* segment_files;  // of the owner
    std::shared_ptr<log_counters> counters;

    std::deque<std::shared_ptr<segment>>
        segments;  // by base, ascending; the last one takes appends unless full
    /// Room of the file that was prepared; null while there is none.
    std::unique_ptr<room_ahead::share> next_segment;
    bool next_segment_asked = false;    // once for each
    bool next_segment_refused = false;  // asked for again after a tick
    bool preparing_next_segment = false;
    stored_offsets offsets;
    message_offset next;  // the next stamped message gets this
    /// What the manifest makes sure of: no start goes on before this.
    message_offset durable_next;
    /// Where this use of the log began: offsets before it may have been given by an earlier one.
    message_offset floor;
    message_offset committed_next;
    timestamp newest{};  // greatest timestamp ever stamped
    std::uint64_t stamped_position = 0;
    std::uint64_t written_position = 0;
    std::uint64_t synced_position = 0;
    std::uint64_t committed_position = 0;
    bool directory_ready = false;    // directory and identity file exist
    std::uint64_t names_made = 1;    // counts files that got a name in the directory
    std::uint64_t names_synced = 0;  // as of the last sync of the directory
    std::optional<error> failed;     // a sync failed: no appends
    bool closing = false;
    std::uint64_t removals = 0;  // counts what took messages away under the readers
    recent_reads reads;

    std::vector<write_item> items;  // stamped, not yet written; the front ones may be in flight
    std::size_t items_in_flight = 0;
    std::vector<byte_view> parts;        // of the write in flight
    std::uint64_t flush_position = 0;    // memory level: items before this are wanted on disk
    std::uint64_t borrowed_items = 0;    // items whose operation still waits
    append_operation* inside = nullptr;  // being appended: finishes without a callback
    bool inside_finished = false;
    operation_queue held;  // came while held_back
    bool held_back = false;
    bool reserving = false;     // appends wait for offsets that may be given
    bool cut_unsynced = false;  // no write before the cut after a failed one is on the disk
    std::function<void(result<done_t>)> on_idle;
    std::optional<error> unwritable;              // why the items that on_idle waits for stay
    std::vector<std::function<void()>> on_quiet;  // not empty: the log is about to be forgotten

    operation_queue syncing;  // written, waiting for the journal or a sync
    position_waiters sync_waiters;
    position_waiters write_waiters;
    std::shared_ptr<segment> sync_target;  // of the sync in flight
    std::uint64_t sync_bytes = 0;
    bool sync_busy = false;

    std::vector<std::pair<message_offset, operation*>> commit_waiters;
    std::deque<std::function<void()>> tasks;
    bool task_running = false;
    bool checkpoint_queued = false;
    bool in_line = false;  // for a write-back, before a checkpoint that is queued
    std::size_t uses_in_flight = 0;

    callback_request write_request;
};

}  // namespace iggy::storage
