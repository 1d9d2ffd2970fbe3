#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

#include "journal_format.hpp"

/// Reading a file of the journal; changes nothing. See docs/formats/journal.md.
namespace iggy::storage {

/// The group at that position; nothing where there is no sound one. It is left in the front of
/// `into`, which is journal_format::group_bytes_max long. Errors: io.
result<std::optional<journal_format::group_header>> read_journal_group(file& from,
                                                                       std::uint64_t position,
                                                                       byte_span into);

struct journal_group {
    std::uint64_t position = 0;
    journal_format::group_header header;
};

struct journal_reading {
    bool is_foreign = false;            ///< of another data directory
    std::vector<journal_group> groups;  ///< of one use, by number; none when it is foreign
};

/// Finds the groups of a file that is `bytes` long; `block` as `into` above. Errors: io.
result<journal_reading> read_journal(file& from, std::uint64_t bytes, const directory_id& directory,
                                     byte_span block);

}  // namespace iggy::storage
