#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include <iggy/base/bytes.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::storage {

/// One operation on its way. Owned by whoever started it, and must stay where it is until `on_done`
/// was called, on the queue's thread, from `reap()`.
class io_request {
public:
    virtual ~io_request() = default;
    /// `moved`: bytes read or written (0 for jobs), or why it failed.
    virtual void on_done(result<std::size_t> moved) = 0;
};

/// What one thread has in flight with the disk: its io_uring, or a few helper threads where
/// io_uring is not allowed. Used by one thread alone, except that helper threads announce what they
/// finished. Nothing is ordered: await a write before it is synced.
class io_queue {
public:
    /// All requests must have ended.
    virtual ~io_queue() = default;

    /// Files, buffers and `parts` (the array included) must live until on_done. A write is of all
    /// parts or fails; a read is short only at the end of the file.
    virtual void write(file& target, std::uint64_t position, std::span<const byte_view> parts,
                       io_request& request) = 0;
    virtual void read(file& source, std::uint64_t position, byte_span into,
                      io_request& request) = 0;
    /// Runs `work` on a helper thread: for blocking calls (syncs, directories, manifest, rebuilding
    /// an index) that have no place on a shard. Not in a ring: syncs of a few logs would keep all
    /// its kernel threads busy, and writes would wait for them. Its result is handed to on_done
    /// with 0 bytes.
    virtual void run(std::function<result<done_t>()> work, io_request& request) = 0;

    /// Hands what was started to the kernel; called once per turn of the loop.
    virtual void submit() = 0;
    /// Calls on_done of all that ended; returns how many. Never blocks. Callees may start new
    /// requests.
    virtual std::size_t reap() = 0;
    /// Readable when `reap` has something to do; for epoll. Drained by `reap`.
    virtual int event_descriptor() const noexcept = 0;
    /// Makes the descriptor readable, from any thread.
    virtual void wake() noexcept = 0;
    virtual std::size_t in_flight() const noexcept = 0;
    /// "io_uring" or "portable".
    virtual const char* engine_name() const noexcept = 0;
};

}  // namespace iggy::storage
