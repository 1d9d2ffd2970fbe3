#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>

namespace iggy {

/// Identifier: compares only with its own kind, converts to nothing, has no arithmetic.
template <class Tag, std::unsigned_integral Rep>
class strong_id {
public:
    using rep = Rep;

    constexpr strong_id() = default;
    constexpr explicit strong_id(Rep raw) noexcept : raw_{raw} {}
    constexpr Rep raw() const noexcept { return raw_; }
    friend constexpr auto operator<=>(strong_id, strong_id) = default;

private:
    Rep raw_{};
};

// Numbers of the protocol. All start at 0.
using stream_id = strong_id<struct stream_tag, std::uint32_t>;
using topic_id = strong_id<struct topic_tag, std::uint32_t>;
using partition_id = strong_id<struct partition_tag, std::uint32_t>;
using group_id = strong_id<struct group_tag, std::uint32_t>;
using user_id = strong_id<struct user_tag, std::uint32_t>;
using client_id = strong_id<struct client_tag, std::uint32_t>;

/// Identity of one log in a data directory; given out once and never again, unlike paths and the
/// numbers above.
using log_uid = strong_id<struct log_uid_tag, std::uint64_t>;

using message_count = strong_id<struct message_count_tag, std::uint64_t>;

/// Zero-based place of a message in its log. A point: a count moves it, points never add.
class message_offset : public strong_id<struct message_offset_tag, std::uint64_t> {
public:
    using strong_id::strong_id;
    friend constexpr message_offset operator+(message_offset at, message_count n) noexcept {
        return message_offset{at.raw() + n.raw()};
    }
    /// Nothing can follow it, so no message has it.
    static constexpr std::uint64_t raw_end = ~std::uint64_t{0};
    /// The offset one after this one.
    constexpr message_offset next() const noexcept { return message_offset{raw() + 1}; }
};

}  // namespace iggy

template <class Tag, class Rep>
struct std::hash<iggy::strong_id<Tag, Rep>> {
    std::size_t operator()(iggy::strong_id<Tag, Rep> id) const noexcept {
        return std::hash<Rep>{}(id.raw());
    }
};
template <>
struct std::hash<iggy::message_offset> {
    std::size_t operator()(iggy::message_offset at) const noexcept {
        return std::hash<std::uint64_t>{}(at.raw());
    }
};
