#pragma once

#include <cstdint>
#include <string_view>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

/// The file that says what a data directory is: docs/formats/segment.md.
namespace iggy::storage {

inline constexpr std::string_view stamp_name = "iggy.format";
inline constexpr std::string_view stamp_text = "Iggy for C++ data directory, format 1\n";

enum class stamp_state : std::uint8_t {
    ours,
    cut_short,  ///< by a crash of the first start, before anything was stored
    newer,      ///< ours, of a format that this version does not know
    foreign,
};

/// Errors: io.
result<stamp_state> read_stamp(file& stamp);

}  // namespace iggy::storage
