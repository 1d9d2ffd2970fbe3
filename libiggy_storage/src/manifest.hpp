#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

#include "page_cache.hpp"

namespace iggy::storage {

/// What is known of a segment without reading it.
struct segment_summary {
    message_offset base{};  ///< its file name: no message in it is before
    message_offset last{};  ///< offset of its last message; meaningless when there are no messages
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    timestamp first_timestamp{};
    timestamp last_timestamp{};  ///< also the greatest
    friend bool operator==(const segment_summary&, const segment_summary&) = default;
};

/// Up to here a log is on stable storage: recovery scans only what lies past it. `segment`
/// summarises the open segment up to that point; its `bytes` is the position.
struct recovery_point {
    segment_summary segment;
    message_offset next;  ///< offset that the message after the point gets, at least
    friend bool operator==(const recovery_point&, const recovery_point&) = default;
};

/// A truncation that was decided and may not be finished: everything from `next` on goes.
struct pending_truncation {
    message_offset next;
    friend bool operator==(const pending_truncation&, const pending_truncation&) = default;
};

/// All that the manifest says of one log.
struct log_entry {
    log_uid uid;
    std::string path;  ///< relative directory of the log
    std::uint32_t generation =
        0;                 ///< counts purges and truncations; in the log's identity file too
    message_offset start;  ///< segments with a lower base were deleted
    std::vector<segment_summary> sealed;  ///< by base, ascending
    /// May lie in a segment that was sealed or deleted since; then only its `next` still counts.
    std::optional<recovery_point> recovered_to;
    std::optional<pending_truncation> truncation;
    friend bool operator==(const log_entry&, const log_entry&) = default;
};

// One change of the manifest. Replaying them in order gives the entries. A change that contradicts
// them changes nothing: one of an unknown uid, a `create` of a known uid or of a path in use, a
// `seal` or `point` whose generation is not the log's, a `purge` or `truncate` whose generation
// (the new one) is not above the log's, a `start` or `point` that would go back.
namespace manifest_record {
struct create {
    log_uid uid;
    std::string path;
};
struct remove {
    log_uid uid;
};
/// The log starts anew at offset 0 with an empty list of segments.
struct purge {
    log_uid uid;
    std::uint32_t generation = 0;
};
/// Segments with a base below `start` are gone.
struct start {
    log_uid uid;
    message_offset start;
};
struct seal {
    log_uid uid;
    std::uint32_t generation = 0;  ///< ignored when it is not the log's any more
    segment_summary segment;
};
struct point {
    log_uid uid;
    std::uint32_t generation = 0;
    recovery_point to;
};
/// Opens a truncation: sealed segments that reach to or past it are dropped, so that one which
/// straddles it is scanned and cut; a recovery point past it is forgotten, the generation rises.
/// Closed by `truncated`.
struct truncate {
    log_uid uid;
    std::uint32_t generation = 0;
    message_offset next;
};
struct truncated {
    log_uid uid;
    recovery_point to;
};
/// Uids below this were given out.
struct uids {
    log_uid next;
};
}  // namespace manifest_record

using manifest_change =
    std::variant<manifest_record::create, manifest_record::remove, manifest_record::purge,
                 manifest_record::start, manifest_record::seal, manifest_record::point,
                 manifest_record::truncate, manifest_record::truncated, manifest_record::uids>;

/// The list of the logs of a data directory and what recovery needs to know of each: an append-only
/// file of checksummed groups, rewritten when it has grown well past what it says. See
/// docs/formats/manifest.md. Thread-safe; `commit` blocks for a sync, so shards call it through
/// io_queue::run.
class manifest {
public:
    struct opened {
        std::unique_ptr<manifest> file;
        /// False when the manifest was absent or damaged before its end: the entries then are what
        /// could be read, and the caller completes them from the identity files of the directories.
        bool complete = true;
    };
    /// Opens or creates. A torn last group is cut. Errors: io, no_space, unsupported_version.
    static result<opened> open(disk& disk, page_cache cached = page_cache::proven);
    ~manifest();

    /// Makes all changes, or none, durable; calls that come while another is syncing share the next
    /// sync. After an `opened` that was not complete the first commit replaces the file, so it has
    /// to bring all that was missing. Errors: io (final: every later commit fails as well),
    /// no_space (nothing was changed), too_large (over 64 MiB, or a file of 1 GiB),
    /// invalid_argument (a path that is empty or over 1024 bytes).
    result<done_t> commit(std::span<const manifest_change> changes);

    /// Uids never given out before, ascending; durable with the `create` that uses them.
    std::vector<log_uid> reserve_uids(std::size_t count);
    /// Never give out uids up to and including this one (found on disk).
    void skip_uids(log_uid seen);

    std::optional<log_entry> find(log_uid uid) const;
    std::optional<log_entry> find(std::string_view path) const;
    /// Whether a log has a path that begins with this one and a slash.
    bool has_inside(std::string_view path) const;
    std::vector<log_entry> entries() const;  ///< by uid, ascending

private:
    struct state;
    explicit manifest(std::unique_ptr<state> state);
    std::unique_ptr<state> state_;
};

}  // namespace iggy::storage
