#pragma once

#include <cstdint>

/// Random numbers from a seed, the same with every standard library (SplitMix64, by Steele, Lea and
/// Flood).
class seeded_random {
public:
    explicit constexpr seeded_random(std::uint64_t seed) noexcept : state_{seed} {}

    constexpr std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31);
    }
    /// 0 .. count - 1; `count` is at least 1.
    constexpr std::uint64_t below(std::uint64_t count) noexcept { return next() % count; }
    constexpr std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept {
        return least + below(most - least + 1);
    }
    constexpr bool chance(std::uint64_t percent) noexcept { return below(100) < percent; }

private:
    std::uint64_t state_;
};
