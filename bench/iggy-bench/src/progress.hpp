#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "recorder.hpp"

namespace iggy::bench {

/// What one actor did so far, readable while it works. Written by its thread alone.
class alignas(64) live_count {
public:
    void add(const batch_size& size) noexcept {
        messages_.store(messages_.load(std::memory_order_relaxed) + size.messages,
                        std::memory_order_relaxed);
        user_bytes_.store(user_bytes_.load(std::memory_order_relaxed) + size.user_bytes,
                          std::memory_order_relaxed);
        batches_.store(batches_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    totals now() const noexcept {
        return {batches_.load(std::memory_order_relaxed), messages_.load(std::memory_order_relaxed),
                user_bytes_.load(std::memory_order_relaxed), 0};
    }

private:
    std::atomic<std::uint64_t> messages_{0};
    std::atomic<std::uint64_t> user_bytes_{0};
    std::atomic<std::uint64_t> batches_{0};
};

/// Says on standard error how far a run is: one line that changes on a terminal, else a line now
/// and then.
class progress_line {
public:
    /// `wanted` is what all turns of one server come to.
    explicit progress_line(const totals& wanted);

    /// How often to show something.
    std::chrono::milliseconds period() const noexcept;
    /// A turn of `server` begins.
    void begin_turn(std::string server);
    void show(clock::time_point at, const totals& done);
    /// Takes the line away.
    void clear();

private:
    std::optional<double> share_of(const totals& done) const noexcept;

    totals wanted_;
    bool is_terminal_;
    std::string server_;
    clock::time_point begin_;
    clock::time_point shown_at_;
    totals shown_;
};

}  // namespace iggy::bench
