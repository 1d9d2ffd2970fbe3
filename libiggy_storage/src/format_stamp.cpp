#include "format_stamp.hpp"

#include <span>
#include <string>

namespace iggy::storage {

namespace {
constexpr std::string_view stamp_start = "Iggy for C++ data directory, format ";
constexpr std::size_t read_bytes = 64;
static_assert(stamp_text.starts_with(stamp_start) && stamp_text.size() < read_bytes);
}  // namespace

result<stamp_state> read_stamp(file& stamp) {
    std::string text(read_bytes, '\0');
    const auto got = stamp.read_at(0, std::as_writable_bytes(std::span{text}));
    if (!got) {
        return got.error();
    }
    text.resize(*got);
    if (text == stamp_text) {
        return stamp_state::ours;
    }
    // A crash cut it short, or left zeros in its place; nothing was stored yet.
    if (stamp_text.starts_with(text.substr(0, text.find_last_not_of('\0') + 1))) {
        return stamp_state::cut_short;
    }
    return text.starts_with(stamp_start) ? stamp_state::newer : stamp_state::foreign;
}

}  // namespace iggy::storage
