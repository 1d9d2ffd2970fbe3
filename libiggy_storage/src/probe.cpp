#include "probe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include <iggy/storage/io_queue.hpp>
#include "io_queues.hpp"
#include "worker_pool.hpp"

namespace iggy::storage {

namespace {

constexpr auto patience = std::chrono::seconds{10};
constexpr std::size_t probe_bytes = 4096;

io_probe refusal(std::string_view step, const error& why) {
    return {false,
            fmt::format("io_uring is not used: {} failed ({}): {}", step,
                        std::strerror(why.sys_errno), io_uring_hindrance(why.sys_errno)),
            why.sys_errno};
}

/// One operation that is waited for.
struct awaited final : io_request {
    void on_done(result<std::size_t> moved) override { outcome = moved; }
    std::optional<result<std::size_t>> outcome;
};

/// Everything that the kernel may still touch after it kept us waiting too long.
struct trial {
    std::unique_ptr<worker_pool> pool = std::make_unique<worker_pool>(1);
    std::unique_ptr<io_queue> queue;
    std::unique_ptr<file> scratch;
    std::array<std::byte, probe_bytes> written;
    std::array<std::byte, probe_bytes> read{};
    std::array<byte_view, 1> parts{written};
    awaited request;

    trial() noexcept { written.fill(std::byte{0x5a}); }

    /// Nothing when the operation does not end in time.
    std::optional<result<std::size_t>> await() {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        queue->submit();
        while (!request.outcome && std::chrono::steady_clock::now() < deadline) {
            pollfd wake{queue->event_descriptor(), POLLIN, 0};
            ::poll(&wake, 1, 1'000);
            queue->reap();
        }
        return std::exchange(request.outcome, std::nullopt);
    }
};

io_probe works() { return {true, {}, 0}; }

/// Writes and reads back; syncs do not go through the ring.
io_probe run_trial(std::unique_ptr<trial>& running) {
    trial& of = *running;
    for (const bool writes : {true, false}) {
        const char* const step = writes ? "a write" : "a read";
        if (writes) {
            of.queue->write(*of.scratch, 0, of.parts, of.request);
        } else {
            of.queue->read(*of.scratch, 0, of.read, of.request);
        }
        const auto outcome = of.await();
        if (!outcome) {
            // The kernel may write to it at any time from now on, so it is never freed.
            [[maybe_unused]] const trial* const kept = running.release();
            return {false,
                    fmt::format("io_uring is not used: {} did not end within {} s", step,
                                patience.count()),
                    ETIMEDOUT};
        }
        if (*outcome) {
            continue;
        }
        if (outcome->error().code == errc::no_space) {
            return works();  // it is the disk's answer, carried by a ring that works
        }
        return refusal(step, outcome->error());
    }
    return of.read == of.written
               ? works()
               : io_probe{false, "io_uring is not used: it read other bytes than it wrote", EIO};
}

}  // namespace

result<io_probe> probe_io(disk& disk) {
    auto running = std::make_unique<trial>();
    auto queue = make_uring_queue(*running->pool);
    if (!queue) {
        return refusal("setting up a ring", queue.error());
    }
    running->queue = std::move(*queue);
    auto scratch = disk.open(probe_file_name, open_mode::create);
    if (!scratch && scratch.error().code == errc::no_space) {
        return works();  // the ring itself could be had
    }
    if (!scratch) {
        return scratch.error();
    }
    if ((*scratch)->descriptor() < 0) {
        static_cast<void>(disk.remove(probe_file_name));
        return io_probe{false, "io_uring is not used: the files are not the kernel's", EOPNOTSUPP};
    }
    running->scratch = std::move(*scratch);
    io_probe found = run_trial(running);
    if (auto removed = disk.remove(probe_file_name); !removed) {
        return removed.error();
    }
    return found;
}

}  // namespace iggy::storage
