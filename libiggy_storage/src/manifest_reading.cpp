#include "manifest_reading.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>

namespace iggy::storage {

namespace {

namespace format = manifest_format;

/// Position of the first sound group from `at` on, or the end.
std::size_t find_group(byte_view bytes, std::size_t at, std::optional<format::group>& found) {
    for (; at < bytes.size(); at += format::alignment) {
        found = format::decode_group(bytes.subspan(at));
        if (found) {
            return at;
        }
    }
    return bytes.size();
}

/// Reads group after group; what lies between two sound ones is damage, what lies after the last
/// one was never made durable.
void read_groups(byte_view bytes, manifest_reading& reading) {
    std::size_t at = format::header_bytes;
    while (at < bytes.size()) {
        std::optional<format::group> group;
        const std::size_t found = find_group(bytes, at, group);
        if (!group) {
            break;
        }
        if (found != at) {
            reading.gaps.push_back({at, found});
        }
        for (const manifest_change& change : group->changes) {
            reading.entries.apply(change);
        }
        at = found + group->bytes;
        reading.sound_bytes = at;
    }
}

/// Errors: io, too_large.
result<std::string> read_file(file& source) {
    const auto size = source.size();
    if (!size) {
        return size.error();
    }
    if (*size > format::file_bytes_max) {
        return error{errc::too_large};
    }
    std::string bytes(static_cast<std::size_t>(*size), '\0');
    const auto moved = source.read_at(0, std::as_writable_bytes(std::span{bytes}));
    if (!moved) {
        return moved.error();
    }
    bytes.resize(*moved);
    return bytes;
}

}  // namespace

result<manifest_reading> read_manifest(file& source) {
    const auto bytes = read_file(source);
    if (!bytes) {
        return bytes.error();
    }
    manifest_reading reading;
    reading.file_bytes = bytes->size();
    reading.header = format::check_header(as_bytes(*bytes));
    if (reading.header != format::header_state::newer) {
        read_groups(as_bytes(*bytes), reading);
    }
    return reading;
}

}  // namespace iggy::storage
