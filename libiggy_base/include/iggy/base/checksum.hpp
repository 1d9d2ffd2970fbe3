#pragma once

#include <cstdint>

#include <iggy/base/bytes.hpp>

namespace iggy {

/// XXH3-64 with seed 0: checksum of messages and of our own records. Source: Iggy 0.8,
/// core/common/src/utils/checksum.rs.
std::uint64_t xxh3_64(byte_view bytes) noexcept;

/// XXH32 with seed 0: hash of message keys, consumer names and peer addresses. Source: Iggy 0.8,
/// core/common/src/utils/hash.rs.
std::uint32_t xxh32(byte_view bytes) noexcept;

}  // namespace iggy
