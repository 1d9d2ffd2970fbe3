#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/message.hpp>
#include <iggy/base/time.hpp>
#include <iggy/storage/engine.hpp>
#include <iggy/storage/message_batch.hpp>
#include <iggy/storage/options.hpp>
#include <iggy/storage/store_error.hpp>

namespace iggy::storage {

struct store_core;  // the store's own
struct log_core;

/// Where a batch ended up. Its messages have consecutive offsets.
struct appended_range {
    message_offset first;
    std::uint32_t count = 0;
};

/// How much one read returns.
struct read_limits {
    std::uint32_t count = 1000;                         ///< messages at most
    std::uint64_t bytes_max = std::uint64_t{16} << 20;  ///< but at least one message
};

/// A read by offset.
struct read_request {
    message_offset from{};  ///< or the first message after it that is still there
    std::uint32_t count = 1000;
    std::uint64_t bytes_max = std::uint64_t{16} << 20;
};

/// Figures of a log, all of one moment.
struct log_status {
    message_offset start;           ///< of the oldest message that is still there
    message_offset committed_next;  ///< what the next committed message gets
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

/// Called once, on a thread of the store, when an asynchronous append is committed or failed. Must
/// not throw and must not make a call that waits (that would wait for itself); `append_async` is
/// fine.
using commit_callback = std::function<void(const store_result<appended_range>&)>;

/// One log of a store. A handle: copying it is cheap, all copies mean the same log, and every call
/// may come from any thread. Made by `store::open_log`; when the store or the log is gone, calls
/// answer `closed`. Calls wait until the work is done.
class message_log {
public:
    /// Returns when the batch is committed at the log's durability. Errors: invalid_argument (an
    /// empty batch), too_large, no_space, io, read_only, closed. Nothing of a failed batch is ever
    /// seen.
    store_result<appended_range> append(std::initializer_list<std::string_view> payloads);
    store_result<appended_range> append(message_batch_builder batch);
    /// Returns at once. On an error (too_large, invalid_argument, memory_limit: too much waits to
    /// be committed; closed) nothing is appended and the callback is not called. Batches that one
    /// thread hands over are appended in that order.
    store_result<done_t> append_async(message_batch_builder batch, commit_callback on_commit);

    /// Committed messages in order, checksums verified; an empty batch at the end of the log.
    /// Errors: corrupt, missing_segment (that range cannot be read, the rest can), io,
    /// memory_limit, closed.
    store_result<message_batch> read(read_request request = {});
    /// From the oldest message that is still there.
    store_result<message_batch> read_first(read_limits limits = {});
    /// The newest `limits.count` messages.
    store_result<message_batch> read_last(read_limits limits = {});
    /// From the first message appended at or after `at`.
    store_result<message_batch> read_since(timestamp at, read_limits limits = {});

    /// Returns when a message at or after `from` is committed. Costs no CPU meanwhile. Errors:
    /// timeout, closed.
    store_result<done_t> wait(message_offset from, std::chrono::nanoseconds timeout);

    /// Keeps how far a consumer came, at the log's durability; may move backwards. The key is the
    /// caller's to choose. Errors: invalid_argument (`at` is not committed), io, no_space, closed.
    store_result<done_t> store_offset(offset_key key, message_offset at);
    /// Nothing when none is stored.
    store_result<std::optional<message_offset>> stored_offset(offset_key key);
    /// Errors: not_found, io, closed.
    store_result<done_t> delete_offset(offset_key key);

    /// Puts what was appended so far on stable storage, whatever the durability. Errors: io,
    /// no_space, read_only, closed.
    store_result<done_t> sync();
    /// Removes all messages and stored offsets; the next message gets offset 0. Errors: io,
    /// no_space, closed.
    store_result<done_t> purge();
    /// Frees whole segments whose messages all lie before `at`; never the one that is appended to.
    /// Errors: io, no_space, closed.
    store_result<done_t> truncate_before(message_offset at);
    /// Removes every message at or after `next`; the next append gets `next`. Errors:
    /// invalid_argument (before the oldest message), io, no_space, closed.
    store_result<done_t> truncate_after(message_offset next);

    /// Errors: closed.
    store_result<log_status> status();
    const std::string& path() const noexcept;
    log_uid uid() const noexcept;

private:
    friend class store;
    explicit message_log(std::shared_ptr<log_core> core) : core_{std::move(core)} {}
    std::shared_ptr<log_core> core_;
};

/// A data directory with the threads that work on its logs. Move-only; calls may come from any
/// thread.
class store {
public:
    /// Opens the directory, made when absent. `threads` (1 to 64) share the logs among them; one is
    /// enough until the processor is the limit. Errors: locked (another process has it),
    /// foreign_directory, unsupported_version, invalid_argument (options), io, no_space.
    static store_result<store> open(const std::string& path, store_options options = {},
                                    unsigned threads = 1);
    store(store&&) noexcept = default;
    store& operator=(store&& other) noexcept;
    /// Closes.
    ~store();

    /// Opens a log, created when absent and recovered when needed. `options` count for the first
    /// opening in this store. A path is names ([A-Za-z0-9._-], not starting with a dot) with '/'
    /// between, 1 to 200 bytes, and no log lies inside another. Errors: invalid_argument, io,
    /// no_space, closed.
    store_result<message_log> open_log(std::string_view path, log_options options = {});
    /// Removes a log and its files; what is under way on it ends with `closed`. Errors: not_found,
    /// io, no_space, closed.
    store_result<done_t> remove_log(std::string_view path);
    /// Paths of all logs, opened or not, in no order. Errors: closed.
    store_result<std::vector<std::string>> logs() const;

    /// Ends what is under way with `closed`, makes all logs durable, and gives the directory free.
    /// Closing again says the same again. Errors: the first io or no_space of its logs; the store
    /// is closed all the same.
    store_result<done_t> close();

    /// The text that `.value()` throws: where, what, why, and what to do about it.
    std::string describe(const error& failure) const;
    std::string describe(const store_error& failure) const { return storage::describe(failure); }

private:
    explicit store(std::shared_ptr<store_core> core) : core_{std::move(core)} {}
    std::shared_ptr<store_core> core_;
};

}  // namespace iggy::storage
