#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

#include "journal_reading.hpp"
#include "page_cache.hpp"

namespace iggy::storage {

inline constexpr std::string_view journal_directory = "iggy.journal";
inline constexpr std::string_view journal_extension = ".journal";

struct journal_file {
    std::string path;
    std::unique_ptr<file> open;
    std::uint64_t bytes = 0;
};

/// Makes the file an empty one, durably: its first block holds no group. Errors: io, no_space.
result<done_t> clear_journal_file(file& at);

/// What the last use of a data directory left in its journal. Blocks.
class found_journal {
public:
    /// Reads the headers of all groups. A file of another data directory is put aside, renamed.
    /// Errors: io.
    static result<found_journal> read(disk& files, const directory_id& directory);

    bool empty() const noexcept;
    /// Hands over all entries in the order they were written; ends at the first failure. Errors:
    /// io, those of `apply`.
    result<done_t> replay(const std::function<result<done_t>(const journal_entry&)>& apply);
    /// Forgets them, durably: what they say has to be synced before. Hands the files over, their
    /// names durable. One that is empty is cleared too when what was found proves nothing. Errors:
    /// io, no_space.
    result<std::vector<journal_file>> clear(page_cache found);

private:
    struct found_file {
        journal_file at;
        std::vector<journal_group> groups;
    };

    disk* disk_ = nullptr;
    std::vector<found_file> files_;  // oldest first
    std::vector<std::byte> group_ = std::vector<std::byte>(journal_format::group_bytes_max);
};

}  // namespace iggy::storage
