#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/storage/error.hpp>
#include "manifest.hpp"

/// Bytes of the manifest file: docs/formats/manifest.md. No input or output here.
namespace iggy::storage::manifest_format {

inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t header_bytes = 24;
inline constexpr std::size_t group_header_bytes = 24;
/// Every group starts at a multiple of this and is filled up with zeros to the next.
inline constexpr std::size_t alignment = 8;
/// Records of one group.
inline constexpr std::size_t group_records_bytes_max = std::size_t{64} << 20;
inline constexpr std::size_t path_bytes_max = 1024;
inline constexpr std::uint64_t file_bytes_max = std::uint64_t{1} << 30;

std::array<std::byte, header_bytes> encode_header();

enum class header_state : std::uint8_t {
    good,
    damaged,
    newer,  ///< whole, but of a version that we do not know
};
header_state check_header(byte_view file);

/// Appends the record of a change. Errors: invalid_argument (a path that is empty or over its
/// bound).
result<done_t> append_record(std::string& records, const manifest_change& change);

/// Appends a group of `count` records, at most group_records_bytes_max.
void append_group(std::string& file, std::string_view records, std::uint32_t count);

struct group {
    std::vector<manifest_change> changes;
    std::size_t bytes = 0;  ///< all of the group, padding included
};
/// The group at the front of `bytes`; nothing when it is not whole and sound.
std::optional<group> decode_group(byte_view bytes);

}  // namespace iggy::storage::manifest_format
