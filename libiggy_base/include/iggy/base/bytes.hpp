#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace iggy {

/// Borrowed bytes; whoever takes one says how long they must live.
using byte_view = std::span<const std::byte>;
/// Borrowed writable bytes.
using byte_span = std::span<std::byte>;

static_assert(std::endian::native == std::endian::little, "wire and disk are little endian");

/// Reads a little-endian number at `at`; the caller has checked that `bytes` reaches that far.
template <class Number>
    requires std::is_trivially_copyable_v<Number>
Number load_le(byte_view bytes, std::size_t at) noexcept {
    Number value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

/// Writes a little-endian number at `at`; the caller has checked that `bytes` reaches that far.
template <class Number>
    requires std::is_trivially_copyable_v<Number>
void store_le(byte_span bytes, std::size_t at, Number value) noexcept {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// The same bytes seen as characters, and back; nothing is copied.
inline std::string_view as_text(byte_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline byte_view as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace iggy
