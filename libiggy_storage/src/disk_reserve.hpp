#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include <iggy/storage/disk.hpp>

namespace iggy::storage {

/// Room on the disk that is kept for changes that free room: of the manifest, of the server's
/// catalog. A file of reserved blocks (docs/formats/segment.md), given back to the disk when such a
/// change finds it full. Until it is there again nothing else may grow. Thread-safe.
class disk_reserve {
public:
    /// Reserves `bytes` where the disk has them; nothing is reserved for 0. *Blocks.* `files` must
    /// outlive it.
    disk_reserve(disk& files, std::uint64_t bytes);

    /// False from `draw` to the `refill` that succeeds.
    bool is_whole() const noexcept { return whole_.load(std::memory_order_relaxed); }
    /// Gives the room back to the disk; false when that was done before. *Blocks.*
    bool draw();
    /// Reserves it again, if the disk has room. *Blocks.*
    void refill();

private:
    disk& files_;
    const std::uint64_t bytes_;
    std::mutex mutex_;
    std::unique_ptr<file> file_;
    std::atomic<bool> whole_{true};
};

/// The same disk for those who may use the reserve: a call that finds the disk full is made once
/// more with it. Both must outlive it and its files.
std::unique_ptr<disk> make_drawing_disk(disk& files, disk_reserve& reserve);

}  // namespace iggy::storage
