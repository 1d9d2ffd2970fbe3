#pragma once

#include <cstdint>

#include <iggy/protocol/primitives.hpp>
#include <iggy/storage/engine.hpp>

namespace iggy::server {

/// Under which key a log keeps the offset of a consumer: kind and number, so that consumers and
/// groups do not meet.
inline storage::offset_key offset_key_of(const protocol::consumer& who) noexcept {
    constexpr int kind_shift = 32;
    return storage::offset_key{(std::uint64_t{static_cast<std::uint8_t>(who.kind)} << kind_shift) |
                               protocol::consumer_number(who.id)};
}

}  // namespace iggy::server
