// Opening a log after a stop without goodbye, with N MiB past its recovery point: every byte is
// read from the page cache and checksummed once (baselines: pread, xxh3).

#include <benchmark/benchmark.h>

#include "batch.hpp"
#include "engine_loop.hpp"

using namespace iggy;

namespace {

void recovery(benchmark::State& state) {
    const scratch_directory directory;
    const auto unsynced = static_cast<std::uint64_t>(state.range(0)) << 20;
    // No recovery point within what is measured.
    const iggy::storage::store_options options{.unsynced_log_bytes = std::uint64_t{1} << 30};
    std::uint64_t bytes = 0;
    {
        engine_loop engine{directory.path(), options};
        auto batch = make_batch(1'064'000);
        for (; bytes < unsynced; bytes += batch.size()) {
            engine.append(batch);
        }
    }
    for (auto _ : state) {
        engine_loop engine{directory.path(), options};
        benchmark::DoNotOptimize(engine.log().committed_next());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

}  // namespace

BENCHMARK(recovery)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->MeasureProcessCPUTime()->Unit(
    benchmark::kMillisecond);
