// Reading what the page cache holds: one pread and a checksum over every message. The bound is the
// sum of the two (baselines: pread, xxh3).

#include <benchmark/benchmark.h>

#include "batch.hpp"
#include "engine_loop.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr std::size_t log_bytes = std::size_t{64} << 20;

/// Batch after batch in order, from the front again at the end.
void poll(benchmark::State& state) {
    const scratch_directory directory;
    engine_loop engine{directory.path()};
    auto batch = make_batch(1'064'000);
    for (std::size_t bytes = 0; bytes < log_bytes; bytes += batch.size()) {
        engine.append(batch);
    }
    const auto count = static_cast<std::uint32_t>(state.range(0));
    std::uint64_t next = 0;
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
    for (auto _ : state) {
        awaited<read_operation> op;
        op.start = read_start::offset;
        op.value = next;
        op.count = count;
        engine.wait(op, engine.log().read(op));
        benchmark::DoNotOptimize(op.messages.data());
        messages += op.messages_count;
        bytes += static_cast<std::int64_t>(op.messages.size());
        next = op.messages_count < count ? 0 : op.last.raw() + 1;
    }
    state.SetBytesProcessed(bytes);
    state.SetItemsProcessed(messages);
}

}  // namespace

BENCHMARK(poll)->RangeMultiplier(10)->Range(1, 1000)->MeasureProcessCPUTime();
