#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace iggy::storage {

/// Room on the disk that is reserved for segments before they are written to. What is not used of
/// it is in all logs together at most a quarter of what else is free: what is kept for some must
/// not be what others lack. Thread-safe.
class room_ahead {
public:
    /// Some of it, until destroyed. The whole must outlive it.
    class share {
    public:
        share(room_ahead& of, std::uint64_t bytes) : of_{of}, bytes_{bytes}, unused_{bytes} {
            of_.unused_.fetch_add(unused_, std::memory_order_relaxed);
        }
        ~share() { of_.unused_.fetch_sub(unused_, std::memory_order_relaxed); }
        share(const share&) = delete;
        share& operator=(const share&) = delete;

        /// What was reserved.
        std::uint64_t bytes() const noexcept { return bytes_; }
        /// So much of it holds messages by now.
        void note_used(std::uint64_t used) noexcept {
            const std::uint64_t unused = bytes_ - std::min(used, bytes_);
            of_.unused_.fetch_sub(std::exchange(unused_, unused) - unused,
                                  std::memory_order_relaxed);
        }

    private:
        room_ahead& of_;
        const std::uint64_t bytes_;
        std::uint64_t unused_;
    };

    /// Null where it would be too much. `free_bytes`: of the disk, before it is reserved.
    std::unique_ptr<share> take(std::uint64_t bytes, std::uint64_t free_bytes) {
        auto taken = std::make_unique<share>(*this, bytes);
        return exceeds(free_bytes - std::min(bytes, free_bytes)) ? nullptr : std::move(taken);
    }
    bool is_none() const noexcept { return unused_.load(std::memory_order_relaxed) == 0; }
    bool exceeds(std::uint64_t free_bytes) const noexcept {
        return unused_.load(std::memory_order_relaxed) > free_bytes / 4;
    }

private:
    std::atomic<std::uint64_t> unused_{0};
};

}  // namespace iggy::storage
