#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::storage {

/// One open file. Calls block; the engine sends those that may wait through its io_queue, whose
/// helper threads may be in several calls at once. Made by `disk::open`.
class file {
public:
    virtual ~file() = default;

    /// Reads up to `into.size()` bytes at `position` (bytes from the start); fewer only at the end
    /// of the file. Errors: io.
    virtual result<std::size_t> read_at(std::uint64_t position, byte_span into) = 0;

    /// Like read_at, but returns what is at hand without waiting for the device, which may end
    /// before the end of the file does. Errors: would_block (nothing is), io.
    virtual result<std::size_t> try_read_at(std::uint64_t position, byte_span into) = 0;

    /// Writes all parts back to back at `position`. Errors: io, no_space, no_progress, each with
    /// the position reached.
    virtual result<done_t> write_at(std::uint64_t position, std::span<const byte_view> parts) = 0;

    /// Hands the bytes from `begin` to `end` to the device and waits until it has them, so that a
    /// sync finds less to do. Promises nothing. A failure is final, as with a sync, and may be
    /// told here alone. Errors: io.
    virtual result<done_t> write_back(std::uint64_t begin, std::uint64_t end) = 0;

    /// Returns when what was written is on stable storage. A failure is final: what the page cache
    /// shows after it proves nothing. Errors: io.
    virtual result<done_t> sync() = 0;

    /// Reserves space from `position` on without changing the size; a hint, so a disk that cannot
    /// says done. Errors: no_space.
    virtual result<done_t> allocate(std::uint64_t position, std::uint64_t length) = 0;

    /// Sets the size; also frees what was reserved past it. Errors: io, no_space.
    virtual result<done_t> resize(std::uint64_t size) = 0;

    /// Errors: io.
    virtual result<std::uint64_t> size() = 0;

    /// Descriptor for io_uring, or -1 when the file is not the kernel's.
    virtual int descriptor() const noexcept = 0;
};

enum class open_mode : std::uint8_t {
    read,        ///< must exist
    read_write,  ///< must exist
    create,      ///< read and write; made when absent
};

struct directory_entry {
    std::string name;
    bool is_directory = false;
    std::uint64_t size = 0;  ///< bytes; files only
};

/// Held while a directory is ours; released by the destructor.
class directory_lock {
public:
    virtual ~directory_lock() = default;
};

/// The directory tree a store lives in. All paths are relative to its root, with '/' between names;
/// the root itself is "". A path that is absolute, over-long, or holds an empty name, ".", ".." or
/// a NUL is invalid_argument. Every operation that creates, renames or removes a name is durable
/// only after `sync_directory` of its parent. Thread-safe.
class disk {
public:
    virtual ~disk() = default;

    /// Errors: not_found, io (EMFILE and ENFILE included), no_space.
    virtual result<std::unique_ptr<file>> open(std::string_view path, open_mode mode) = 0;
    /// Makes the directory and its missing parents. Errors: io, no_space.
    virtual result<done_t> create_directories(std::string_view path) = 0;
    /// Names in the directory, in no order. Errors: not_found, io.
    virtual result<std::vector<directory_entry>> list(std::string_view path) = 0;
    /// Replaces a file at `to`; fails when `to` is a directory that is not empty. Errors:
    /// not_found, io, no_space.
    virtual result<done_t> rename(std::string_view from, std::string_view to) = 0;
    /// Removes one file; a missing one is done. Errors: io.
    virtual result<done_t> remove(std::string_view path) = 0;
    /// Like remove, for large files that are synced (the rest would be written first). Blocks,
    /// mostly asleep, to leave the processor to others.
    virtual result<done_t> remove_without_haste(std::string_view path) { return remove(path); }
    /// Removes a directory and all that is in it; a missing one is done. Errors: io.
    virtual result<done_t> remove_tree(std::string_view path) = 0;
    /// Makes the names in the directory durable. A failure is final, as with a file's. Errors:
    /// not_found, io.
    virtual result<done_t> sync_directory(std::string_view path) = 0;
    /// Takes the advisory lock of the file at `path`, made when absent. Errors: locked, io.
    virtual result<std::unique_ptr<directory_lock>> lock(std::string_view path) = 0;
    /// Names the time since the machine was started: after a change, what was not synced may be
    /// gone. Empty when the disk cannot tell.
    virtual std::string boot_id() const { return {}; }
    /// Room for new bytes; 0 when the disk cannot tell.
    virtual std::uint64_t free_bytes() const { return 0; }
    /// Absolute path for messages to people.
    virtual std::string display_path(std::string_view path) const = 0;
};

/// The real file system below `root` (made when absent). Errors: io.
result<std::unique_ptr<disk>> open_disk(const std::string& root);

/// A disk in memory, for tests and for stores that need not last.
std::unique_ptr<disk> make_memory_disk();

}  // namespace iggy::storage
