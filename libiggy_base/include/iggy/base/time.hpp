#pragma once

#include <chrono>
#include <cstdint>

namespace iggy {

/// A moment as wire and disk carry it: microseconds since the Unix epoch, UTC.
using timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

constexpr timestamp timestamp_from_raw(std::uint64_t micros) noexcept {
    return timestamp{std::chrono::microseconds{static_cast<std::int64_t>(micros)}};
}
constexpr std::uint64_t to_raw(timestamp at) noexcept {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

}  // namespace iggy
