#include "format_stamp.hpp"

#include <charconv>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace iggy::storage {

namespace {

constexpr std::string_view stamp_start = "Iggy for C++ data directory, format ";
constexpr std::string_view before_id = "Iggy for C++ data directory, format 1\nid ";
static_assert(before_id.starts_with(stamp_start));
constexpr std::size_t read_bytes = 128;

directory_id parse_id(std::string_view digits) {
    directory_id id{};
    for (std::size_t i = 0; i < id.size(); ++i) {
        std::uint8_t value = 0;
        const char* const at = digits.data() + 2 * i;
        std::from_chars(at, at + 2, value, 16);
        id[i] = std::byte{value};
    }
    return id;
}

}  // namespace

std::string stamp_text(const directory_id& id) {
    return fmt::format("{}{:02x}\n", before_id, fmt::join(std::span{id}, ""));
}

result<format_stamp> read_stamp(file& stamp) {
    std::string text(read_bytes, '\0');
    const auto got = stamp.read_at(0, std::as_writable_bytes(std::span{text}));
    if (!got) {
        return got.error();
    }
    text.resize(*got);
    if (text.size() == stamp_text({}).size() && text.starts_with(before_id)) {
        const directory_id id = parse_id(std::string_view{text}.substr(before_id.size()));
        if (text == stamp_text(id)) {
            return format_stamp{stamp_state::ours, id};
        }
    }
    // A crash cut it short, or left zeros in its place; nothing was stored yet.
    const std::string_view left{text.data(), text.find_last_not_of('\0') + 1};
    if (before_id.starts_with(left) || left.starts_with(before_id)) {
        return format_stamp{stamp_state::cut_short, {}};
    }
    const bool newer = text.starts_with(stamp_start);
    return format_stamp{newer ? stamp_state::newer : stamp_state::foreign, {}};
}

}  // namespace iggy::storage
