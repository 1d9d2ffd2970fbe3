#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

namespace iggy::server {

/// How long a connection may hold the overdraft while it waits for the rest of its frame: a time
/// for any frame, and the time that its bytes take on the slowest link that is served. A peer that
/// keeps sending at that rate is never cut off; one that stalls, or sends byte by byte, blocks the
/// others for a bounded time.
struct overdraft_terms {
    std::chrono::milliseconds any_frame = std::chrono::seconds{10};
    std::uint32_t bytes_per_second_min = 256 * 1024;

    std::chrono::milliseconds longest(std::uint64_t frame_bytes) const noexcept {
        return any_frame + std::chrono::milliseconds{frame_bytes * 1000 / bytes_per_second_min};
    }
};

/// When the memory limit is reached, connections stop reading and keep what they hold of the frames
/// they began. So that they do not wait for each other for ever, one at a time may exceed the limit
/// to finish its frame. Shared by all shards; thread-safe.
class overdraft {
public:
    /// The right to exceed the limit, or nothing; given back by its destructor.
    class permit {
    public:
        permit() = default;
        permit(permit&& other) noexcept
            : from_{std::exchange(other.from_, nullptr)}, since_{other.since_} {}
        permit& operator=(permit&& other) noexcept {
            std::swap(from_, other.from_);
            std::swap(since_, other.since_);
            return *this;
        }
        ~permit() {
            if (from_ != nullptr) {
                from_->taken_.store(false, std::memory_order_release);
            }
        }
        explicit operator bool() const noexcept { return from_ != nullptr; }
        /// When it was taken.
        std::chrono::steady_clock::time_point since() const noexcept { return since_; }

    private:
        friend class overdraft;
        explicit permit(overdraft& from) noexcept
            : from_{&from}, since_{std::chrono::steady_clock::now()} {}
        overdraft* from_ = nullptr;
        std::chrono::steady_clock::time_point since_{};
    };

    permit try_take() noexcept {
        return taken_.exchange(true, std::memory_order_acquire) ? permit{} : permit{*this};
    }

private:
    std::atomic<bool> taken_{false};
};

}  // namespace iggy::server
