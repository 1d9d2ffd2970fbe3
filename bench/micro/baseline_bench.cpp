// What the machine does without us, for the same bytes: copying, checksumming, writing and reading
// them.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include <iggy/base/checksum.hpp>

#include "batch.hpp"

namespace {

constexpr ::off_t file_bytes_max = ::off_t{1} << 30;

class scratch_file {
public:
    explicit scratch_file(const std::string& path)
        : fd_{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)} {
        if (fd_ < 0) {
            throw std::runtime_error{"cannot open " + path};
        }
    }
    ~scratch_file() { ::close(fd_); }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    int get() const noexcept { return fd_; }

    /// Appends; from the front of an empty file again after 1 GiB.
    void append(iggy::byte_view bytes) {
        if (at_ > file_bytes_max) {
            at_ = 0;
            must(::ftruncate(fd_, 0) == 0);
        }
        must(::pwrite(fd_, bytes.data(), bytes.size(), at_) ==
             static_cast<::ssize_t>(bytes.size()));
        at_ += static_cast<::off_t>(bytes.size());
    }
    static void must(bool held) {
        if (!held) {
            throw std::runtime_error{"the disk refused a call of the baseline"};
        }
    }

private:
    int fd_;
    ::off_t at_ = 0;
};

void set_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void baseline_memcpy(benchmark::State& state) {
    const auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    std::vector<std::byte> copy(batch.size());
    for (auto _ : state) {
        std::memcpy(copy.data(), batch.data(), batch.size());
        benchmark::DoNotOptimize(copy.data());
        benchmark::ClobberMemory();
    }
    set_bytes(state, batch.size());
}

void baseline_xxh3(benchmark::State& state) {
    const auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        for (std::size_t at = 0; at < batch.size(); at += message_bytes) {
            benchmark::DoNotOptimize(
                iggy::xxh3_64(iggy::byte_view{batch}.subspan(at, message_bytes)));
        }
    }
    set_bytes(state, batch.size());
}

void baseline_pwrite(benchmark::State& state) {
    const scratch_directory directory;
    scratch_file file{directory.path() + "/file"};
    const auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        file.append(batch);
    }
    set_bytes(state, batch.size());
}

void baseline_pwrite_fdatasync(benchmark::State& state) {
    const scratch_directory directory;
    scratch_file file{directory.path() + "/file"};
    const auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        file.append(batch);
        scratch_file::must(::fdatasync(file.get()) == 0);
    }
    set_bytes(state, batch.size());
}

void baseline_pread(benchmark::State& state) {
    const scratch_directory directory;
    scratch_file file{directory.path() + "/file"};
    auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    const auto rounds = std::max<std::size_t>(1, (std::size_t{64} << 20) / batch.size());
    for (std::size_t i = 0; i < rounds; ++i) {
        file.append(batch);
    }
    std::size_t round = 0;
    for (auto _ : state) {
        const auto at = static_cast<::off_t>(round * batch.size());
        scratch_file::must(::pread(file.get(), batch.data(), batch.size(), at) ==
                           static_cast<::ssize_t>(batch.size()));
        benchmark::DoNotOptimize(batch.data());
        round = (round + 1) % rounds;
    }
    set_bytes(state, batch.size());
}

}  // namespace

BENCHMARK(baseline_memcpy)->Apply(batch_sizes);
BENCHMARK(baseline_xxh3)->Apply(batch_sizes);
BENCHMARK(baseline_pwrite)->Apply(batch_sizes);
BENCHMARK(baseline_pwrite_fdatasync)->Apply(batch_sizes)->UseRealTime();
BENCHMARK(baseline_pread)->Apply(batch_sizes);
