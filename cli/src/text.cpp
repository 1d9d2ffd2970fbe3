#include "text.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

namespace iggy::cli {
namespace {

constexpr std::size_t name_bytes_max = 255;

/// Bytes of the UTF-8 character at the front of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto in = [&](std::size_t i, unsigned low, unsigned high) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return in(1, 0x80, 0xBF) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;   // no overlong form
        const unsigned high = first == 0xED ? 0x9F : 0xBF;  // no surrogate
        return in(1, low, high) && in(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return in(1, low, high) && in(2, 0x80, 0xBF) && in(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

bool is_control(std::string_view character) noexcept {
    const auto first = static_cast<unsigned char>(character[0]);
    const bool c1 =
        character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
    return c1 || (first < 0x20 && first != '\n' && first != '\t') || first == 0x7F;
}

std::string formatted_time(const std::tm& parts) {
    char text[32];
    const auto size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return {text, size};
}

std::time_t seconds_of(timestamp at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return whole ? std::optional{value} : std::nullopt;
}
template std::optional<std::uint8_t> parse_number(std::string_view);
template std::optional<std::uint32_t> parse_number(std::string_view);
template std::optional<std::uint64_t> parse_number(std::string_view);

std::optional<protocol::identifier> parse_identifier(std::string_view text) {
    if (const auto number = parse_number<std::uint32_t>(text)) {
        return protocol::identifier::from_number(*number);
    }
    if (text.empty() || text.size() > name_bytes_max) {
        return std::nullopt;
    }
    return protocol::identifier{text};
}

std::string utc_time(timestamp at) {
    const std::time_t seconds = seconds_of(at);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return formatted_time(parts);
}

std::string local_time_with_micros(timestamp at) {
    const std::time_t seconds = seconds_of(at);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    const auto micros = at - std::chrono::floor<std::chrono::seconds>(at);
    return fmt::format("{}.{:06}", formatted_time(parts), micros.count());
}

std::string decimal(uint128 number) {
    std::string digits;
    do {
        digits.push_back(static_cast<char>('0' + static_cast<int>(number % 10)));
        number /= 10;
    } while (number != 0);
    std::ranges::reverse(digits);
    return digits;
}

std::string decimal(const message_id& id) { return decimal(load_le<uint128>(id, 0)); }

std::string printable(byte_view bytes) {
    std::string_view rest = as_text(bytes);
    std::string result;
    while (!rest.empty()) {
        const auto length = utf8_length(rest);
        const auto character = rest.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0) {
            result += "\xEF\xBF\xBD";
        } else if (is_control(character)) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(character.back()));
        } else {
            result += character;
        }
        rest.remove_prefix(character.size());
    }
    return result;
}

std::string_view to_text(protocol::compression_algorithm algorithm) {
    switch (algorithm) {
        case protocol::compression_algorithm::none:
            return "none";
        case protocol::compression_algorithm::gzip:
            return "gzip";
    }
    return "unknown";
}

std::string_view to_text(protocol::transport_kind transport) {
    switch (transport) {
        case protocol::transport_kind::tcp:
            return "TCP";
        case protocol::transport_kind::quic:
            return "QUIC";
        case protocol::transport_kind::http:
            return "HTTP";
        case protocol::transport_kind::websocket:
            return "WebSocket";
    }
    return "Unknown";
}

std::string_view to_text(protocol::cluster_role role) {
    switch (role) {
        case protocol::cluster_role::leader:
            return "leader";
        case protocol::cluster_role::follower:
            return "follower";
    }
    return "unknown";
}

std::string_view to_text(protocol::node_status status) {
    switch (status) {
        case protocol::node_status::healthy:
            return "healthy";
        case protocol::node_status::starting:
            return "starting";
        case protocol::node_status::stopping:
            return "stopping";
        case protocol::node_status::unreachable:
            return "unreachable";
        case protocol::node_status::maintenance:
            return "maintenance";
    }
    return "unknown";
}

std::string counted_messages(std::uint64_t count) {
    return fmt::format("{} message{}", count, count == 1 ? "" : "s");
}

}  // namespace iggy::cli
