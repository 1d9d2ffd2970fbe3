#pragma once

#include <cstdint>
#include <string>

#include <iggy/base/ids.hpp>

/// What a benchmark's objects are called on the server.
namespace iggy::bench {

inline constexpr const char* topic_name = "topic-1";
/// Pinned actors use one partition.
inline constexpr partition_id the_partition{0};

/// `number` starts at 1.
inline std::string stream_name(std::uint32_t number) {
    return "bench-stream-" + std::to_string(number);
}

}  // namespace iggy::bench
