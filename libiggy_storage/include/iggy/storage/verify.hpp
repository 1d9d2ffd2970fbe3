#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/base/message.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

/// Checks a data directory that nobody uses, whole: every message of every segment, every index,
/// the manifest, the journal and the small files. Changes nothing, unless it is told to make caches
/// anew.
namespace iggy::storage {

enum class finding_weight : std::uint8_t {
    note,    ///< as a crash or an unfinished removal leaves it; the next start settles it
    cache,   ///< an index that does not hold; no message is concerned
    damage,  ///< what was stored is not there any more, or not as it was stored
};

enum class finding_kind : std::uint8_t {
    // In a segment.
    bad_checksum,     ///< the checksum of a message does not hold
    bad_length,       ///< the lengths of a message go over a limit or past the end
    bad_order,        ///< offset or timestamp contradict the messages before, or the segment
    unreadable,       ///< the disk refused to read: see `sys_errno`
    cut_short,        ///< the file ends before what was on stable storage
    size_differs,     ///< the file goes on past its recorded end
    summary_differs,  ///< all messages hold, and are not those that the manifest counted
    missing_segment,
    torn_tail,       ///< past the recovery point; cut at the next start
    behind_the_end,  ///< a segment that the next start removes
    // An index.
    index_missing,
    index_foreign,    ///< of another segment
    index_outdated,   ///< from before a truncation
    index_damaged,    ///< its header, an entry or its end does not hold
    index_disagrees,  ///< its checksums hold, and it points to where no such message is
    // In the directory of a log.
    identity_missing,
    identity_damaged,
    identity_differs,  ///< the files are another log's, or from before a purge
    unfinished_truncation,
    offsets_damaged,   ///< a slot of the stored offsets
    offsets_past_end,  ///< lowered at the next start
    // In the data directory.
    stamp_cut_short,
    manifest_missing,
    manifest_damaged,
    manifest_torn_tail,
    manifest_leftover,
    journal_damaged,    ///< groups of the journal that were on stable storage
    journal_torn_tail,  ///< a group of the journal that was never finished
    journal_foreign,    ///< of another data directory
    not_closed,         ///< the last use was killed or lost power
    trash_left,
    unknown_name,
};
/// Short name, as in `bad_checksum`.
std::string_view name(finding_kind kind) noexcept;
std::string_view name(finding_weight weight) noexcept;

struct finding {
    finding_weight weight = finding_weight::note;
    finding_kind kind = finding_kind::unknown_name;
    std::string file;  ///< relative to the data directory
    /// Bytes of the file, `to` being past the last one; both 0 where all of it is meant.
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    /// Offsets that the bytes may have held: from `first_offset` on, below `end_offset`; absent
    /// where it is not known.
    std::optional<message_offset> first_offset{};
    std::optional<message_offset> end_offset{};
    int sys_errno = 0;  ///< where the operating system said why
    bool repaired = false;
    std::string text{};  ///< what is wrong and what comes of it, without the file's name
};

/// What is known of one log after its check.
struct log_report {
    log_uid uid;
    std::string path;
    std::uint32_t generation = 0;
    std::uint64_t segments = 0;  ///< files that belong to the log
    std::uint64_t messages = 0;  ///< that hold
    std::uint64_t bytes = 0;     ///< up to the end of each segment, without a torn tail
    std::uint64_t damaged_bytes = 0;
    std::optional<message_offset> first;  ///< of the oldest message that holds
    std::optional<message_offset> last;
    message_offset next;  ///< that the next message gets at least
    /// Up to here all is on stable storage: position in the segment with that base.
    struct point {
        message_offset segment;
        std::uint64_t position = 0;
        message_offset next;
    };
    std::optional<point> recovery_point;
    std::uint64_t stored_offsets = 0;
    std::vector<finding> findings;  ///< at most verify_options::findings_max
    std::uint64_t findings_left_out = 0;
    std::uint64_t damages = 0;  ///< of all findings, also of those that were left out
    std::uint64_t caches = 0;   ///< indexes that do not hold and were not made anew

    bool intact() const noexcept { return damages == 0 && caches == 0; }
};

/// What is known of one file of the journal after its check.
struct journal_report {
    std::string path;  ///< relative to the data directory
    std::uint64_t bytes = 0;
    std::uint64_t groups = 0;   ///< that hold; with none the rest says nothing
    std::uint64_t session = 0;  ///< the use of the data directory that wrote them
    std::uint64_t first_group = 0;
    std::uint64_t last_group = 0;
    std::uint64_t entries = 0;
    /// Of these, those that mean nothing: their log is gone, or was purged or truncated since.
    std::uint64_t entries_without_log = 0;
};

/// Is told what is found, on the calling thread.
class verify_observer {
public:
    virtual ~verify_observer() = default;
    /// Of the data directory itself.
    virtual void found(const finding& what) = 0;
    virtual void checked(const log_report& log) = 0;
    /// Before all logs; the oldest file first.
    virtual void checked_journal(const journal_report&) {}
    /// The check of `verify_options::first_log` begins; no message of it is before `start`.
    virtual void first_log_begins(message_offset /*start*/) {}
    /// A message of that log that holds, in order; borrowed.
    virtual void message(const message_view&) {}
    virtual void progressed(std::uint64_t /*bytes*/, std::uint64_t /*of_bytes*/) {}
};

struct verify_options {
    bool repair_caches = false;  ///< make indexes anew that do not hold
    std::string first_log{};     ///< path of a log to check before all others, and to show
    std::uint32_t index_interval_bytes = 8192;  ///< of indexes made anew; bounds: options.hpp
    std::size_t findings_max = 1000;            ///< kept of each log
};

struct verify_totals {
    std::uint64_t logs = 0;
    std::uint64_t logs_intact = 0;
    std::uint64_t segments = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t damages = 0;
    std::uint64_t caches = 0;  ///< not made anew
    std::uint64_t repaired = 0;
    std::uint64_t notes = 0;

    bool intact() const noexcept { return damages == 0 && caches == 0; }
};

/// Checks the data directory at `path`, holding its lock meanwhile. What the disk refuses to read
/// is a finding. Memory: the manifest, the index of one segment (at most 24 bytes for every 4 KiB
/// of a sound one), one message (64 MB at most), the findings of one log, a group of the journal
/// (1 MiB) and where its groups are. *Blocks* for as long as
/// the disk needs to read everything. Errors: not_found (no such directory), foreign_directory (no
/// data directory, or another program's), unsupported_version, locked (in use), io,
/// invalid_argument.
result<verify_totals> verify(const std::string& path, const verify_options& options,
                             verify_observer& observer);
/// The same on any disk.
result<verify_totals> verify(disk& files, const verify_options& options, verify_observer& observer);

}  // namespace iggy::storage
