#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <iggy/base/ids.hpp>

namespace iggy::server {

/// Which logs are with another shard than the one that their uid says. Any thread may ask; where a
/// log goes is said by the shard that has it.
class moved_logs {
public:
    struct whereabouts {
        std::size_t shard = 0;
        bool on_its_way = false;  ///< to that shard, which will have it soon
    };
    /// Nothing when the log never moved.
    std::optional<whereabouts> find(log_uid log) const noexcept {
        const std::uint64_t entry = place_of(log).load(std::memory_order_acquire);
        if (entry == 0 || entry >> state_bits != log.raw()) {
            return std::nullopt;
        }
        return whereabouts{((entry & state_mask) >> 1) - 1, (entry & 1) != 0};
    }
    /// Before it moves for the first time, from `shard`. False when the place of its entry is taken
    /// by another log: then it must not move. Any thread.
    bool add(log_uid log, std::size_t shard) noexcept {
        if (log.raw() >> (64 - state_bits) != 0 || shard + 1 > state_mask >> 1) {
            return false;
        }
        std::uint64_t there = 0;
        return place_of(log).compare_exchange_strong(there, entry_of(log, {shard, false})) ||
               there >> state_bits == log.raw();
    }
    /// After `add`.
    void set(log_uid log, whereabouts now) noexcept {
        place_of(log).store(entry_of(log, now), std::memory_order_release);
    }
    /// It is gone.
    void remove(log_uid log) noexcept {
        if (find(log)) {
            place_of(log).store(0, std::memory_order_release);
        }
    }

private:
    // The uid, the number of the shard plus one, and a bit for `on_its_way`; 0: empty.
    using place = std::atomic<std::uint64_t>;
    static constexpr unsigned state_bits = 16;
    static constexpr std::uint64_t state_mask = (std::uint64_t{1} << state_bits) - 1;

    static std::uint64_t entry_of(log_uid log, whereabouts now) noexcept {
        return (log.raw() << state_bits) | ((now.shard + 1) << 1) | (now.on_its_way ? 1 : 0);
    }
    const place& place_of(log_uid log) const noexcept {
        return places_[log.raw() % places_.size()];
    }
    place& place_of(log_uid log) noexcept { return places_[log.raw() % places_.size()]; }

    std::array<place, 4096> places_{};
};

}  // namespace iggy::server
