#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <iggy/base/bytes.hpp>
#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/storage/data_directory.hpp>
#include <iggy/storage/error.hpp>
#include <iggy/storage/memory.hpp>
#include <iggy/storage/options.hpp>

namespace iggy::storage {

/// Something an engine was asked to do. Owned by the caller, and must stay where it is until it is
/// finished. A call that starts one says how it went:
///
/// * `finished`: the outcome is there, `on_finished` will not be called;
/// * `pending`: `on_finished` will be called, on the engine's thread, from `engine::run_ready`.
class operation {
public:
    virtual ~operation() = default;
    virtual void on_finished() noexcept = 0;

    result<done_t> outcome{errc::unknown};

private:
    friend class operation_queue;
    operation* next_ = nullptr;
};

enum class [[nodiscard]] progress : std::uint8_t { finished, pending };

/// Appends a batch.
class append_operation : public operation {
public:
    /// In: messages back to back, writable: offset, timestamp, missing ids and checksum are filled
    /// in in place. Must live until finished.
    byte_span messages;
    /// In: the messages carry their final offsets and timestamps (a follower's copy); only checked.
    bool stamped = false;
    // Out.
    message_offset first;
    std::uint32_t count = 0;

private:
    friend class engine_log;
    std::uint64_t end_position_ = 0;  // in the log's own running byte count
    message_offset next_;             // the offset after its last message
    bool in_journal_ = false;         // on its way there
    bool kept_ = false;               // durable there
};

enum class read_start : std::uint8_t {
    offset,     ///< the message at `value`, or the first one after it that is still there
    timestamp,  ///< the first message whose timestamp is at or after `value` microseconds
    first,      ///< the oldest message that is still there
    last,       ///< so that the newest `count` messages are read
};

/// Reads committed messages in order, checksums verified.
class read_operation : public operation {
public:
    // In.
    read_start start = read_start::first;
    std::uint64_t value = 0;
    std::uint32_t count = 1;                            ///< messages at most; 0 reads none
    std::uint64_t bytes_max = std::uint64_t{16} << 20;  ///< but at least one message
    // Out.
    buffer storage;      ///< owns what `messages` shows
    byte_view messages;  ///< messages back to back
    std::uint32_t messages_count = 0;
    message_offset last;            ///< of the last message read, where there is one
    message_offset committed_next;  ///< as of the read

private:
    friend class engine_log;
    friend class log_reader;
};

/// Key of a stored offset: the caller's to choose, within one log.
using offset_key = strong_id<struct offset_key_tag, std::uint64_t>;

/// One log on the engine that owns it. Everything on the engine's thread. Bytes handed out stay
/// valid only where said.
class engine_log {
public:
    struct state;  ///< the engine's own

    ~engine_log();

    log_uid uid() const noexcept;
    const std::string& path() const noexcept;

    /// Errors: invalid_argument (a message does not fit its lengths, or `stamped` ones do not
    /// follow), too_large (over 1 GiB or 2^24 offsets), no_space, io, read_only, closed. Nothing
    /// of a failed batch is ever seen.
    progress append(append_operation& op);
    /// Errors: corrupt, missing_segment (with the segment), io, memory_limit, closed. A range that
    /// cannot be read is answered so when the read starts in it; one that starts before it ends
    /// there.
    progress read(read_operation& op);
    /// Finishes when a message at or after `from` is committed. Errors: closed.
    progress wait_committed(message_offset from, operation& op);
    /// Ends a wait with errc::timeout; false when it had ended already.
    bool cancel_wait(operation& op);

    /// Hands buffered messages to the kernel, and with `sync` to stable storage. Errors: io,
    /// no_space, read_only.
    progress flush(bool sync, operation& op);
    /// Removes all messages and stored offsets; the next message gets offset 0. Errors: io,
    /// no_space.
    progress purge(operation& op);
    /// Removes whole sealed segments whose messages all lie before `at`; never the open one.
    /// Errors: io, no_space.
    progress truncate_before(message_offset at, operation& op);
    /// Removes every message at or after `next`; the next append gets `next`. Errors:
    /// invalid_argument (before the oldest message), io, no_space.
    progress truncate_after(message_offset next, operation& op);
    /// Up to `count` of the oldest sealed segments, none past the lowest stored offset. Errors: io,
    /// no_space.
    progress delete_oldest_segments(std::uint32_t count, operation& op);

    /// Committed at the log's level when finished. May move backwards. Errors: invalid_argument
    /// (`at` is not committed), io, no_space, read_only.
    progress store_offset(offset_key key, message_offset at, operation& op);
    /// Errors: not_found, io, read_only.
    progress delete_offset(offset_key key, operation& op);
    std::optional<message_offset> stored_offset(offset_key key) const;

    /// Offset of the oldest message that is still there, or of the next one when there is none.
    message_offset start() const noexcept;
    /// Offset that the next committed message gets.
    message_offset committed_next() const noexcept;
    std::uint64_t messages_count() const noexcept;
    std::uint64_t size_bytes() const noexcept;

private:
    friend class engine;
    explicit engine_log(std::unique_ptr<state> inside);
    std::unique_ptr<state> state_;
};

/// The logs of one thread. The owner watches `event_descriptor` and calls `run_ready` when it is
/// readable; nothing else runs them. Made, used and destroyed on one thread, after every log was
/// closed or dropped.
class engine {
public:
    struct state;  ///< the engine's own

    /// Errors: io (no ring, no descriptors).
    static result<std::unique_ptr<engine>> create(std::shared_ptr<data_directory> directory);
    ~engine();

    /// Opens a log, recovering it: reads its directory and scans what lies past its recovery point,
    /// so it blocks (a log that was just created costs nothing). A log is open in at most one
    /// engine. Errors: not_found, io.
    result<engine_log*> open_log(log_uid uid, log_options options = {});
    engine_log* find(log_uid uid) noexcept;

    /// Takes the log out as it is, for another engine of the same directory to attach. Nothing is
    /// written or synced. Null when it is not here or has failed, while anything of it is on its
    /// way, and while `on_finished` of any operation is still to be called. What `memory` level
    /// holds back stays in buffers of this engine, which has to outlive them.
    std::unique_ptr<engine_log> detach_log(log_uid uid);
    /// Takes in what another engine's `detach_log` gave, which must have happened before.
    engine_log& attach_log(std::unique_ptr<engine_log> log);

    /// Ends all operations of the log, makes it durable, notes where, and forgets it. Errors: io,
    /// no_space; the log is closed all the same.
    progress close_log(log_uid uid, operation& op);
    /// Ends all operations with errc::closed and forgets the log, which is about to be removed.
    progress drop_log(log_uid uid, operation& op);

    /// Runs blocking work on a helper thread.
    void run(std::function<result<done_t>()> work, operation& op);

    int event_descriptor() const noexcept;
    /// Runs what the disk finished, then hands what was started to the kernel.
    void run_ready();
    /// Hands what was started to the kernel; after calls from outside run_ready that are pending.
    /// For what others have started the descriptor becomes readable.
    void submit();
    /// Call about once a second: flushes what `memory` level left behind, closes idle files.
    void tick();

    /// Requests that the disk has not answered yet, those of background work included.
    std::size_t in_flight() const noexcept;

    buffer_pool& buffers() noexcept;
    data_directory& directory() noexcept;

private:
    friend class engine_log;
    explicit engine(std::unique_ptr<state> inside);
    std::unique_ptr<state> state_;
};

}  // namespace iggy::storage
