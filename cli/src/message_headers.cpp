#include "message_headers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "text.hpp"

namespace iggy::cli {
namespace {

using protocol::header_field;
using protocol::header_kind;

std::optional<header_kind> parse_kind(std::string_view text) {
    std::string lower{text};
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (auto number = static_cast<unsigned>(header_kind::raw);
         number <= static_cast<unsigned>(header_kind::float64); ++number) {
        const auto kind = static_cast<header_kind>(number);
        if (lower == protocol::name(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

template <class Number>
std::optional<header_field> number_field(std::string_view text) {
    Number value{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return header_field::number(value);
}

/// The digits of a number of up to 128 bits; nothing when it is none or larger than `greatest`.
std::optional<uint128> parse_digits(std::string_view digits, uint128 greatest) {
    constexpr uint128 base = 10;
    uint128 value = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        const auto next = static_cast<uint128>(digit - '0');
        if (value > (greatest - next) / base) {
            return std::nullopt;
        }
        value = value * base + next;
    }
    return digits.empty() ? std::nullopt : std::optional{value};
}

std::array<std::byte, 16> bytes_of(uint128 number) {
    std::array<std::byte, 16> bytes{};
    store_le(bytes, 0, number);
    return bytes;
}

std::optional<header_field> int128_field(std::string_view text) {
    const bool negative = text.starts_with('-');
    constexpr uint128 positive_max = ~uint128{0} >> 1;
    const auto size = parse_digits(text.substr(negative ? 1 : 0), positive_max + negative);
    if (!size) {
        return std::nullopt;
    }
    return header_field::int128(bytes_of(negative ? uint128{0} - *size : *size));
}

std::optional<header_field> uint128_field(std::string_view text) {
    const auto value = parse_digits(text, ~uint128{0});
    return value ? std::optional{header_field::uint128(bytes_of(*value))} : std::nullopt;
}

std::optional<header_field> bool_field(std::string_view text) {
    if (text != "true" && text != "false") {
        return std::nullopt;
    }
    return header_field::number(text == "true");
}

/// The value that `text` stands for; nothing when the kind cannot hold it.
std::optional<header_field> parse_value(header_kind kind, std::string_view text) {
    switch (kind) {
        case header_kind::raw:
            return header_field::raw(as_bytes(text));
        case header_kind::string:
            return header_field::text(text);
        case header_kind::boolean:
            return bool_field(text);
        case header_kind::int8:
            return number_field<std::int8_t>(text);
        case header_kind::int16:
            return number_field<std::int16_t>(text);
        case header_kind::int32:
            return number_field<std::int32_t>(text);
        case header_kind::int64:
            return number_field<std::int64_t>(text);
        case header_kind::int128:
            return int128_field(text);
        case header_kind::uint8:
            return number_field<std::uint8_t>(text);
        case header_kind::uint16:
            return number_field<std::uint16_t>(text);
        case header_kind::uint32:
            return number_field<std::uint32_t>(text);
        case header_kind::uint64:
            return number_field<std::uint64_t>(text);
        case header_kind::uint128:
            return uint128_field(text);
        case header_kind::float32:
            return number_field<float>(text);
        case header_kind::float64:
            return number_field<double>(text);
    }
    return std::nullopt;
}

bool has_valid_size(std::string_view text) {
    return !text.empty() && text.size() <= protocol::header_field_bytes_max;
}

text_result<protocol::user_header> parse_header(std::string_view text) {
    const auto key_end = text.find(':');
    const auto kind_end = key_end == std::string_view::npos ? key_end : text.find(':', key_end + 1);
    if (kind_end == std::string_view::npos) {
        return text_error{fmt::format("header \"{}\" is not of the form key:kind:value", text)};
    }
    const auto key = text.substr(0, key_end);
    const auto kind_text = text.substr(key_end + 1, kind_end - key_end - 1);
    const auto value_text = text.substr(kind_end + 1);
    const auto kind = parse_kind(kind_text);
    if (!kind) {
        return text_error{fmt::format(
            "unknown header kind \"{}\"; there are raw, string, bool, int8 to int128, uint8 to "
            "uint128, float32 and float64",
            kind_text)};
    }
    if (!has_valid_size(key) || !has_valid_size(value_text)) {
        return text_error{
            fmt::format("key and value of header \"{}\" must have 1 to 255 bytes", text)};
    }
    auto value = parse_value(*kind, value_text);
    if (!value) {
        return text_error{
            fmt::format("\"{}\" is no value of kind {}", value_text, protocol::name(*kind))};
    }
    return protocol::user_header{header_field::text(key), std::move(*value)};
}

std::string shown(const header_field& field) {
    const auto number = [&]<class Number>(Number) {
        const auto value = field.as<Number>();
        return value ? fmt::format("{}", *value) : std::string{};
    };
    switch (field.kind()) {
        case header_kind::boolean:
            return number(bool{});
        case header_kind::int8:
            return number(std::int8_t{});
        case header_kind::int16:
            return number(std::int16_t{});
        case header_kind::int32:
            return number(std::int32_t{});
        case header_kind::int64:
            return number(std::int64_t{});
        case header_kind::uint8:
            return number(std::uint8_t{});
        case header_kind::uint16:
            return number(std::uint16_t{});
        case header_kind::uint32:
            return number(std::uint32_t{});
        case header_kind::uint64:
            return number(std::uint64_t{});
        case header_kind::float32:
            return number(float{});
        case header_kind::float64:
            return number(double{});
        case header_kind::uint128:
            return decimal(load_le<uint128>(field.bytes(), 0));
        case header_kind::int128: {
            const auto value = load_le<int128>(field.bytes(), 0);
            const auto bits = static_cast<uint128>(value);
            return value < 0 ? "-" + decimal(uint128{0} - bits) : decimal(bits);
        }
        case header_kind::raw:
        case header_kind::string:
            break;
    }
    return printable(field.bytes());
}

}  // namespace

text_result<std::vector<protocol::user_header>> parse_headers(std::string_view list) {
    std::vector<protocol::user_header> headers;
    while (true) {
        const auto end = list.find(',');
        auto header = parse_header(list.substr(0, end));
        if (!header) {
            return header.error();
        }
        headers.push_back(std::move(*header));
        if (end == std::string_view::npos) {
            return headers;
        }
        list.remove_prefix(end + 1);
    }
}

std::vector<shown_header> shown_headers(byte_view bytes) {
    const auto decoded = protocol::decode_user_headers(bytes);
    std::vector<shown_header> result;
    if (decoded) {
        for (const auto& [key, value] : *decoded) {
            result.push_back({shown(key), std::string{protocol::name(value.kind())}, shown(value)});
        }
    }
    return result;
}

}  // namespace iggy::cli
