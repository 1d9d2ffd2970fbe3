#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <iggy/base/bytes.hpp>

/// Payload of every message of the benchmarks.
inline constexpr std::size_t payload_bytes = 1000;
/// What one such message takes on wire and disk.
inline constexpr std::size_t message_bytes = 1064;

/// About `bytes` of messages back to back, at least one, as a producer sends them: always the same.
std::vector<std::byte> make_batch(std::size_t bytes);

/// Batches of 1, 10, 100 and 1000 messages, in bytes.
inline void batch_sizes(benchmark::internal::Benchmark* bench) {
    for (std::size_t count = 1; count <= 1000; count *= 10) {
        bench->Arg(static_cast<std::int64_t>(count * message_bytes));
    }
}

/// A directory that goes with its contents, on the disk that holds the temporary directory.
class scratch_directory {
public:
    scratch_directory();
    ~scratch_directory();
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};
