#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include <iggy/base/bytes.hpp>
#include <iggy/base/checksum.hpp>
#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>

namespace iggy {

/// 128-bit message id in wire order. All zero asks the server to choose.
using message_id = std::array<std::byte, 16>;

/// Where each field stands in the 64-byte header that opens a message, on the wire and on disk:
///
///     0 checksum u64 · 8 id u128 · 24 offset u64 · 32 timestamp u64 · 40 origin timestamp u64
///     48 user headers length u32 · 52 payload length u32 · 56 reserved u64 (0) · 64 payload · user
///     headers
///
/// The checksum is XXH3-64 over everything after itself. Source: Iggy 0.8,
/// core/common/src/types/message/.
namespace message_layout {
inline constexpr std::size_t checksum_at = 0;
inline constexpr std::size_t id_at = 8;
inline constexpr std::size_t offset_at = 24;
inline constexpr std::size_t timestamp_at = 32;
inline constexpr std::size_t origin_timestamp_at = 40;
inline constexpr std::size_t user_headers_length_at = 48;
inline constexpr std::size_t payload_length_at = 52;
inline constexpr std::size_t reserved_at = 56;
inline constexpr std::size_t header_bytes = 64;
}  // namespace message_layout

/// Limits of one message. Source: Iggy 0.8, core/common/src/types/message/messages_batch_mut.rs.
inline constexpr std::uint32_t payload_bytes_max = 64'000'000;
inline constexpr std::uint32_t user_headers_bytes_max = 100'000;
inline constexpr std::size_t message_bytes_max =
    message_layout::header_bytes + payload_bytes_max + user_headers_bytes_max;

/// One message, borrowed from bytes that hold all of it. Made by `message_at` or by a cursor over
/// checked bytes.
class message_view {
public:
    explicit message_view(byte_view bytes) noexcept : bytes_{bytes} {}

    std::uint64_t checksum() const noexcept {
        return field<std::uint64_t>(message_layout::checksum_at);
    }
    message_id id() const noexcept { return field<message_id>(message_layout::id_at); }
    message_offset offset() const noexcept {
        return message_offset{field<std::uint64_t>(message_layout::offset_at)};
    }
    /// When the server appended it.
    iggy::timestamp timestamp() const noexcept {
        return timestamp_from_raw(field<std::uint64_t>(message_layout::timestamp_at));
    }
    /// The producer's clock, in the unit that its client chose (most: microseconds since the Unix
    /// epoch).
    std::uint64_t origin_timestamp() const noexcept {
        return field<std::uint64_t>(message_layout::origin_timestamp_at);
    }
    byte_view payload() const noexcept {
        return bytes_.subspan(message_layout::header_bytes, payload_length());
    }
    std::string_view text() const noexcept { return as_text(payload()); }
    /// User headers as sent, unparsed.
    byte_view user_headers() const noexcept {
        return bytes_.subspan(message_layout::header_bytes + payload_length(),
                              user_headers_length());
    }
    /// The whole message, header included.
    byte_view bytes() const noexcept { return bytes_; }

    bool checksum_matches() const noexcept {
        return checksum() == xxh3_64(bytes_.subspan(message_layout::id_at));
    }

private:
    template <class Number>
    Number field(std::size_t at) const noexcept {
        return load_le<Number>(bytes_, at);
    }
    std::uint32_t payload_length() const noexcept {
        return field<std::uint32_t>(message_layout::payload_length_at);
    }
    std::uint32_t user_headers_length() const noexcept {
        return field<std::uint32_t>(message_layout::user_headers_length_at);
    }

    byte_view bytes_;
};

/// Size that the header at the front of `bytes` announces, header included. Nothing when `bytes` is
/// shorter than a header or a length is over its limit.
inline std::optional<std::size_t> announced_message_bytes(byte_view bytes) noexcept {
    if (bytes.size() < message_layout::header_bytes) {
        return std::nullopt;
    }
    const auto payload = load_le<std::uint32_t>(bytes, message_layout::payload_length_at);
    const auto user_headers = load_le<std::uint32_t>(bytes, message_layout::user_headers_length_at);
    if (payload > payload_bytes_max || user_headers > user_headers_bytes_max) {
        return std::nullopt;
    }
    return message_layout::header_bytes + payload + user_headers;
}

/// The message at the front of `bytes`, which must outlive it. Nothing when its lengths are over
/// their limits or run past the end. The checksum is not looked at.
inline std::optional<message_view> message_at(byte_view bytes) noexcept {
    const auto size = announced_message_bytes(bytes);
    if (!size || *size > bytes.size()) {
        return std::nullopt;
    }
    return message_view{bytes.first(*size)};
}

/// Walks messages that stand back to back; ends at the end of the bytes or at the first that does
/// not fit.
class message_range {
public:
    class iterator {
    public:
        using value_type = message_view;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        iterator() = default;
        explicit iterator(byte_view rest) noexcept : rest_{rest} { load(); }
        message_view operator*() const noexcept { return message_view{rest_.first(size_)}; }
        iterator& operator++() noexcept {
            rest_ = rest_.subspan(size_);
            load();
            return *this;
        }
        void operator++(int) noexcept { ++*this; }
        friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept {
            return it.size_ == 0;
        }

    private:
        void load() noexcept {
            const auto message = message_at(rest_);
            size_ = message ? message->bytes().size() : 0;
        }
        byte_view rest_;
        std::size_t size_ = 0;
    };

    explicit message_range(byte_view bytes) noexcept : bytes_{bytes} {}
    iterator begin() const noexcept { return iterator{bytes_}; }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    byte_view bytes_;
};

}  // namespace iggy
