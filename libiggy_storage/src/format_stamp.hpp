#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

/// The file that says what a data directory is: docs/formats/segment.md.
namespace iggy::storage {

inline constexpr std::string_view stamp_name = "iggy.format";

/// Tells the files of one data directory from those of another; random.
using directory_id = std::array<std::byte, 16>;

enum class stamp_state : std::uint8_t {
    ours,
    cut_short,  ///< by a crash of the first start, before anything was stored
    newer,      ///< ours, of a format that this version does not know
    foreign,
};

struct format_stamp {
    stamp_state state = stamp_state::foreign;
    directory_id id{};  ///< when ours
};

/// Errors: io.
result<format_stamp> read_stamp(file& stamp);

/// The text of a whole stamp.
std::string stamp_text(const directory_id& id);

}  // namespace iggy::storage
