#include <iggy/protocol/utf8.hpp>

#include <cstddef>
#include <cstdint>

namespace iggy::protocol {

namespace {

// What a leading byte asks for: how many bytes follow, and the range of the first of them. The
// narrower ranges rule out overlong forms (E0, F0), surrogates (ED) and values past the end (F4).
struct sequence {
    std::size_t followers;
    std::uint8_t first_low;
    std::uint8_t first_high;
};

constexpr sequence none{0, 0, 0};

constexpr sequence sequence_of(std::uint8_t lead) noexcept {
    if (lead >= 0xC2 && lead <= 0xDF) {
        return {1, 0x80, 0xBF};
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
        const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
        return {2, low, high};
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
        return {3, low, high};
    }
    return none;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    const auto byte_at = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    std::size_t at = 0;
    while (at < text.size()) {
        const std::uint8_t lead = byte_at(at++);
        if (lead < 0x80) {
            continue;
        }
        const auto [followers, low, high] = sequence_of(lead);
        if (followers == 0 || text.size() - at < followers) {
            return false;
        }
        if (byte_at(at) < low || byte_at(at) > high) {
            return false;
        }
        for (std::size_t i = 1; i < followers; ++i) {
            if ((byte_at(at + i) & 0xC0) != 0x80) {
                return false;
            }
        }
        at += followers;
    }
    return true;
}

}  // namespace iggy::protocol
