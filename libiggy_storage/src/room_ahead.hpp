#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace iggy::storage {

/// Room on the disk that is reserved for segments that nobody writes to yet. All logs together take
/// at most a quarter of what else is free: what is kept for some must not be what others lack.
/// Thread-safe.
class room_ahead {
public:
    /// Some of it, until destroyed. The whole must outlive it.
    class share {
    public:
        share(room_ahead& of, std::uint64_t bytes) : of_{of}, bytes_{bytes} {
            of_.bytes_.fetch_add(bytes_, std::memory_order_relaxed);
        }
        ~share() { of_.bytes_.fetch_sub(bytes_, std::memory_order_relaxed); }
        share(const share&) = delete;
        share& operator=(const share&) = delete;

    private:
        room_ahead& of_;
        std::uint64_t bytes_;
    };

    /// Null where it would be too much. `free_bytes`: of the disk, before it is reserved.
    std::unique_ptr<share> take(std::uint64_t bytes, std::uint64_t free_bytes) {
        auto taken = std::make_unique<share>(*this, bytes);
        return exceeds(free_bytes - std::min(bytes, free_bytes)) ? nullptr : std::move(taken);
    }
    bool is_none() const noexcept { return bytes_.load(std::memory_order_relaxed) == 0; }
    bool exceeds(std::uint64_t free_bytes) const noexcept {
        return bytes_.load(std::memory_order_relaxed) > free_bytes / 4;
    }

private:
    std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace iggy::storage
