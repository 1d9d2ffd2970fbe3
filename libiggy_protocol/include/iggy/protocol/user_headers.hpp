#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/protocol/error_code.hpp>

/// Typed key-value pairs that a producer attaches to a message. The server stores them untouched.
///
///     entry   key field · value field
///     field   kind u8 · length u32 · bytes
///
/// Source: Iggy 0.8, core/common/src/types/message/user_headers.rs.
namespace iggy::protocol {

enum class header_kind : std::uint8_t {
    raw = 1,
    string = 2,
    boolean = 3,
    int8 = 4,
    int16 = 5,
    int32 = 6,
    int64 = 7,
    int128 = 8,
    uint8 = 9,
    uint16 = 10,
    uint32 = 11,
    uint64 = 12,
    uint128 = 13,
    float32 = 14,
    float64 = 15,
};

/// `raw`, `string`, `bool`, `int8` and so on; `unknown` for a kind that is none.
std::string_view name(header_kind kind) noexcept;

/// Longest key or value.
inline constexpr std::size_t header_field_bytes_max = 255;

/// The kind that carries a C++ number.
template <class Number>
constexpr header_kind header_kind_of() noexcept;

/// A key or a value: its kind and its bytes, little endian for numbers. Owns the bytes.
class header_field {
public:
    /// Any kind and bytes, checked when they are encoded.
    header_field(header_kind kind, byte_view bytes)
        : kind_{kind}, bytes_{bytes.begin(), bytes.end()} {}
    static header_field raw(byte_view bytes) { return {header_kind::raw, bytes}; }
    static header_field text(std::string_view text) {
        return {header_kind::string, as_bytes(text)};
    }
    /// bool, any integer of 1 to 8 bytes, float or double.
    template <class Number>
    static header_field number(Number value) {
        return {header_kind_of<Number>(), std::as_bytes(std::span{&value, 1})};
    }
    /// 128-bit numbers, as 16 little-endian bytes.
    static header_field int128(const std::array<std::byte, 16>& value) {
        return {header_kind::int128, value};
    }
    static header_field uint128(const std::array<std::byte, 16>& value) {
        return {header_kind::uint128, value};
    }

    header_kind kind() const noexcept { return kind_; }
    byte_view bytes() const noexcept { return bytes_; }

    /// The text of a string; nothing for another kind.
    std::optional<std::string_view> as_text() const noexcept {
        return kind_ == header_kind::string ? std::optional{iggy::as_text(bytes_)} : std::nullopt;
    }
    /// The number; nothing when the kind is not exactly that of `Number`.
    template <class Number>
    std::optional<Number> as() const noexcept {
        if (kind_ != header_kind_of<Number>() || bytes_.size() != sizeof(Number)) {
            return std::nullopt;
        }
        if constexpr (std::is_same_v<Number, bool>) {
            return bytes_.front() != std::byte{0};
        } else {
            return load_le<Number>(bytes_, 0);
        }
    }

    friend bool operator==(const header_field&, const header_field&) = default;

private:
    header_kind kind_;
    std::vector<std::byte> bytes_;
};

/// One header of a message.
struct user_header {
    header_field key;
    header_field value;

    friend bool operator==(const user_header&, const user_header&) = default;
};

/// Errors, for a key or a value that no reader would take: invalid_header_kind, invalid_header_key
/// and invalid_header_value (empty, over 255 bytes, not of the size of the kind, not UTF-8, or cut
/// off), too_big_user_headers (all together over 100,000 bytes).
result<done_t> validate_user_headers(byte_view bytes) noexcept;

/// The headers in the order in which they stand. Errors: as `validate_user_headers`.
result<std::vector<user_header>> decode_user_headers(byte_view bytes);

/// The headers one after the other. Errors: as `validate_user_headers`.
result<std::vector<std::byte>> encode_user_headers(std::span<const user_header> headers);

template <class Number>
constexpr header_kind header_kind_of() noexcept {
    static_assert(std::is_arithmetic_v<Number> && sizeof(Number) <= 8, "no header kind holds this");
    if constexpr (std::is_same_v<Number, bool>) {
        return header_kind::boolean;
    } else if constexpr (std::is_floating_point_v<Number>) {
        return sizeof(Number) == sizeof(float) ? header_kind::float32 : header_kind::float64;
    } else {
        // The signed kinds of 1, 2, 4 and 8 bytes stand in a row, and so do the unsigned ones.
        const auto first = std::is_signed_v<Number> ? header_kind::int8 : header_kind::uint8;
        const auto step = sizeof(Number) == 1   ? 0U
                          : sizeof(Number) == 2 ? 1U
                          : sizeof(Number) == 4 ? 2U
                                                : 3U;
        return static_cast<header_kind>(static_cast<std::uint8_t>(first) + step);
    }
}

}  // namespace iggy::protocol
