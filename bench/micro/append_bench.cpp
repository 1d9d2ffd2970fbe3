// Appending one batch and waiting for its commit: stamping and checksum, one write, and at `synced`
// one sync. The bound is the slower of the checksum (baseline: xxh3) and the write (baseline:
// pwrite). Processor time is the whole process's: large writes run on the kernel's helpers.

#include <benchmark/benchmark.h>

#include "batch.hpp"
#include "engine_loop.hpp"

using namespace iggy;

namespace {

constexpr std::uint64_t kept_bytes_max = std::uint64_t{1} << 30;

void append(benchmark::State& state, durability level) {
    const scratch_directory directory;
    engine_loop engine{directory.path(), {.durability = level}};
    auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    std::uint64_t kept = 0;
    for (auto _ : state) {
        engine.append(batch);
        kept += batch.size();
        if (kept > kept_bytes_max) {
            state.PauseTiming();
            engine.purge();
            kept = 0;
            state.ResumeTiming();
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
    state.SetItemsProcessed(state.iterations() *
                            static_cast<std::int64_t>(batch.size() / message_bytes));
}

}  // namespace

BENCHMARK_CAPTURE(append, memory, durability::memory)->Apply(batch_sizes)->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(append, written, durability::written)
    ->Apply(batch_sizes)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(append, synced, durability::synced)
    ->Apply(batch_sizes)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
