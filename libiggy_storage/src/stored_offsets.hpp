#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/ids.hpp>
#include <iggy/storage/engine.hpp>
#include <iggy/storage/error.hpp>

#include "file_cache.hpp"
#include "log_files.hpp"
#include "page_cache.hpp"

namespace iggy::storage {

inline constexpr std::size_t offset_slot_bytes = 64;

/// What a slot of the file says.
struct offset_slot {
    enum class meaning : std::uint8_t {
        present,
        deleted,
        zeros,    ///< never reached the disk
        damaged,  ///< its checksum does not hold
        foreign,  ///< another log's, or of a later generation
    };
    meaning means = meaning::damaged;
    offset_key key;
    message_offset at;
};
/// `slot` has offset_slot_bytes.
offset_slot decode_offset_slot(byte_view slot, const log_identity& identity);

/// The stored offsets of one log: a file of 64-byte slots, one a key, each written in place by one
/// write that no sector boundary cuts. See docs/formats/stored-offsets.md. A damaged slot loses its
/// own key, no other.
class stored_offsets {
public:
    stored_offsets(file_cache& cache, std::string path) : file_{cache, std::move(path)} {}

    /// Reads the file, and writes it again as it is when what was found proves nothing; slots of
    /// another log are free. Errors: io, no_space.
    result<done_t> load(const log_identity& identity, page_cache found);

    /// Written when it returns, not yet synced. Errors: io, no_space (nothing changed).
    result<done_t> store(offset_key key, message_offset at);
    /// Errors: not_found, io.
    result<done_t> remove(offset_key key);
    std::optional<message_offset> find(offset_key key) const;
    /// Lowers what lies at or past `end` to the message before, or removes it when there is none.
    /// True when there was one. Errors: io, no_space.
    result<bool> lower(message_offset end);
    /// The lowest of all; nothing when none is stored.
    std::optional<message_offset> lowest() const;

    /// The open file, for a sync; null when nothing was ever stored.
    result<file*> opened();
    const std::string& path() const noexcept { return file_.path(); }
    /// Its file goes from one engine's cache to another's.
    void leave_cache() { file_.leave_cache(); }
    void enter_cache(file_cache& cache) { file_.enter_cache(cache); }
    /// Forgets everything; the file moved away.
    void reset(const log_identity& identity);

private:
    struct slot {
        std::uint32_t number = 0;
        message_offset at;
    };
    result<done_t> write(std::uint32_t number, offset_key key, message_offset at, bool present);

    cached_file file_;
    log_identity identity_;
    std::unordered_map<offset_key, slot> slots_;
    std::vector<std::uint32_t> free_;
    std::uint32_t slot_count_ = 0;
};

}  // namespace iggy::storage
